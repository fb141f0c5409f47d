"""query(commands, blobs) -> (answers, blobs): one transaction a call, as ApertureDB has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.engine import commands as _commands  # noqa: F401 - registers every command
from core.engine.answering import sort_keys
from core.engine.commands.videos import probed
from core.engine.language import Body, Command, parse
from core.engine.messages import QueryFailedError, fail
from core.engine.store import Store
from core.engine.transaction import Probe, Transaction
from core.engine.vectors import Vectors

Checked = list[tuple[Command, Body]]
Answer = list[dict[str, Any]] | dict[str, Any]


class Engine:
    """An ApertureDB inside this process; safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, probe_video: Probe) -> None:
        """Open or create the database in a folder.

        Args:
            folder: its own; nothing else may write there.
            probe_video: reads a video's facts; its MediaError becomes the query's failure.

        Raises:
            DatabaseAwayError: the folder cannot be opened.
        """
        self._store = Store(folder)
        self._vectors = Vectors()
        self._probe = probe_video

    def query(
        self, commands: str | Sequence[Mapping[str, Any]], blobs: Sequence[bytes] = ()
    ) -> tuple[Answer, list[bytes]]:
        """Answer a query: a list with one answer per command, or one object when it failed.

        Does not raise for what a client can do wrong, and then leaves everything as it was.

        Raises:
            DatabaseAwayError: the engine is closed.
        """
        try:
            checked = parse(commands)
            return self._run(checked, blobs)
        except QueryFailedError as failure:
            return failure.answer(), []
        except sqlite3.Error as error:
            return fail(f"The database file answered: {error}").answer(), []

    def _run(self, checked: Checked, blobs: Sequence[bytes]) -> tuple[Answer, list[bytes]]:
        tx: Transaction | None = None
        is_writing = any(command.writes for command, _ in checked)
        try:
            facts = self._look_ahead(checked)
            with self._store.transaction(writes=is_writing) as db:
                tx = Transaction(db, self._store, self._vectors, self._probe, facts, iter(blobs))
                answers = []
                for tx.index, (command, body) in enumerate(checked):
                    answers.append({command.name: sort_keys(command.run(tx, body))})
        except BaseException:
            if is_writing:  # the ids that are rolled back are given out again, to other vectors
                self._vectors.forget()
            for name in tx.new_files if tx else ():
                self._store.remove_file(name)
            raise
        for name in tx.dead_files:
            self._store.remove_file(name)
        return answers, tx.blobs_out

    def _look_ahead(self, checked: Checked) -> dict[str, dict[str, Any]]:
        facts: dict[str, dict[str, Any]] = {}
        for command, body in checked:
            if command.name == "AddVideo":
                facts |= probed(self._probe, body)
        return facts

    def close(self) -> None:
        """Close the files; the engine is of no use afterwards."""
        self._store.close()
