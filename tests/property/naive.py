"""A naive twin of the engine: the language in plain Python, for the sake of comparison.

It knows the language's documentation, and where that is silent the choices which the engine's own
documents and docstrings name; no SQL, no FAISS, no index, no file.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.property import naive_grammar
from tests.property.naive_adding import Adding, Facts, Files
from tests.property.naive_base import Body
from tests.property.naive_changing import Changing
from tests.property.naive_finding import Query
from tests.property.naive_searching import Searching
from tests.property.naive_state import State
from tests.property.naive_values import RefusedError


class Naive:
    """The twin: the same queries, the same answers; of a failure only the status."""

    def __init__(self, facts: Facts, files: Files) -> None:
        """Start empty.

        Args:
            facts: gives a video's system properties, None where it is none.
            files: what lies at the urls that a client may name.
        """
        self.state = State()
        self._facts, self._files = facts, files
        self.snapshots: dict[str, dict[str, list[tuple[int, float | None]]]] = {}

    def query(self, commands: Any, blobs: list[bytes], *, who: str) -> tuple[Any, list[bytes]]:
        """Answer as the engine `who` does; batches are remembered by each for itself."""
        try:
            naive_grammar.check(commands, blobs)
            kept_pages = copy.deepcopy(self.snapshots.get(who, {}))
            query = Query(copy.deepcopy(self.state), blobs_in=list(blobs), snapshots=kept_pages)
            run = _Run(query, self._facts, self._files)
            answers = [run.one(n, commands, blobs) for n in range(len(commands))]
        except RefusedError as refused:
            return {"status": refused.status}, []
        self.state, self.snapshots[who] = query.state, query.snapshots
        for thing in query.state.objects.values():
            thing.distance = None
        return answers, query.blobs_out


class _Run(Adding, Searching, Changing):
    """Runs the commands of one query."""

    def __init__(self, query: Query, facts: Facts, files: Files) -> None:
        self.query, self.state, self.facts, self.files = query, query.state, facts, files
        self.txn = 0

    def one(self, n: int, commands: Any, blobs: list[bytes]) -> Body:
        ((command, body),) = commands[n].items()
        bare = [{k: {p: v for p, v in b.items() if p != "batch"}} for c in commands
                for k, b in c.items()]  # fmt: skip
        self.query.identity = json.dumps([n, bare, [blob.hex() for blob in blobs]])
        blob = self.query.blobs_in.pop(0) if naive_grammar.takes_blob(command, body) else b""
        if hasattr(self, command):
            return {command: getattr(self, command)(body)}
        verb, kind = next((v, command.removeprefix(v)) for v in ("Add", "Find", "Update", "Delete")
                          if command.startswith(v))  # fmt: skip
        return {command: getattr(self, verb)(kind, body, blob)}
