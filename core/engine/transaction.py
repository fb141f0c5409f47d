"""What a running query carries from command to command: blobs, refs, files, and its connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.engine.constraints import comparable, kind_of, path
from core.engine.messages import fail
from core.engine.store import Store
from core.engine.vectors import Vectors
from core.model import VideoFacts

Probe = Callable[[Path], VideoFacts]


@dataclass(frozen=True, slots=True)
class Ref:
    """A named result: rows of `objects`, or of `connections`."""

    ids: list[int]
    is_connections: bool = False


@dataclass
class Transaction:
    """One query while it runs."""

    db: sqlite3.Connection
    store: Store
    vectors: Vectors
    probe: Probe
    facts: Mapping[str, dict[str, Any]]  # of the videos that come by url
    blobs_in: Iterator[bytes]
    blobs_out: list[bytes] = field(default_factory=list)
    refs: dict[int, Ref] = field(default_factory=dict)
    new_files: list[str] = field(default_factory=list)
    dead_files: list[str] = field(default_factory=list)
    index: int = 0  # of the command that runs, for messages

    def blob(self, command: str) -> bytes:
        """Take the next blob that came with the query."""
        blob = next(self.blobs_in, None)
        if blob is None:
            raise fail(
                f"{command} needs a blob, and the query brought no more; send one for each such "
                "command."
            )
        return blob

    def ref(self, number: int, *, connections: bool = False) -> list[int]:
        """Give what an earlier command of this query named."""
        found = self.refs.get(number)
        if found is None:
            raise fail(f'No earlier command of this query has "_ref": {number}; name one first.')
        if found.is_connections != connections:
            raise fail(
                f"The ref {number} names {'connections' if found.is_connections else 'objects'}, "
                "which do not fit here."
            )
        return found.ids

    def name(
        self, body: Mapping[str, Any], ids: Sequence[int], *, connections: bool = False
    ) -> None:
        """Keep a result under the command's `_ref`, if it has one."""
        number = body.get("_ref")
        if number is None:
            return
        if number in self.refs:
            raise fail(f'"_ref": {number} is used twice in this query; give each its own number.')
        self.refs[number] = Ref(list(ids), connections)

    def add(
        self,
        class_: str,
        properties: dict[str, Any],
        *,
        file: str | None = None,
        url: str | None = None,
    ) -> int:
        """Insert an object; `properties` are already checked."""
        cursor = self.db.execute(
            "INSERT INTO objects(class, properties, file, url) VALUES(?,?,?,?)",
            (class_, json.dumps(properties), file, url),
        )
        return int(cursor.lastrowid or 0)

    def user_properties(self, class_: str, given: dict[str, Any] | None) -> dict[str, Any]:
        """Check what a client wants to store: names, values, and the type each key has had."""
        checked = {}
        for key, value in (given or {}).items():
            if key.startswith("_"):
                raise fail(f'The property {key!r} begins with "_", which is reserved; rename it.')
            path(key)
            if value is None:
                raise fail(
                    f"The property {key!r} is null; leave it out, or remove it by remove_props."
                )
            checked[key] = comparable(value)
            self._settle_type(class_, key, kind_of(checked[key]))
        return checked

    def _settle_type(self, class_: str, key: str, kind: str) -> None:
        row = self.db.execute(
            "SELECT type FROM types WHERE class=? AND key=?", (class_, key)
        ).fetchone()
        if row is None:
            self.db.execute("INSERT INTO types VALUES(?,?,?)", (class_, key, kind))
        elif row[0] != kind:
            raise fail(
                f"{class_}.{key} holds {row[0]}s since its first value; a {kind} does not fit. Use "
                "another name."
            )

    def connect(
        self, class_: str, src: int, dst: int, properties: dict[str, Any] | None = None
    ) -> int:
        """Insert a connection."""
        cursor = self.db.execute(
            "INSERT INTO connections(class, src, dst, properties) VALUES(?,?,?,?)",
            (class_, src, dst, json.dumps(properties or {})),
        )
        return int(cursor.lastrowid or 0)
