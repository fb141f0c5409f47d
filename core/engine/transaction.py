"""One query while it runs: its transaction, and what it carries from command to command.

That is the blobs that came and go, the refs, the files written and the files to remove.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.engine import messages as say
from core.engine.batches import Snapshot, Snapshots
from core.engine.messages import TOO_LARGE, fail
from core.engine.store import Store
from core.engine.values import checked_name, comparable, kind_of, own_name, stored
from core.engine.vectors import Vectors
from core.engine.workshop import Workshop

# The server's default for the blobs of one answer.
MOST_ANSWER_BYTES = 256 * 2**20
# The stored properties that one query may list. They are about nine times as much in Python until
# they have left as JSON, whose size is theirs; a query's JSON on the wire may be as large.
MOST_LISTED_BYTES = 64 * 2**20


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
    workshop: Workshop
    blobs_in: Iterator[bytes]
    prepared: Any = None  # by the command that runs, before the transaction
    blobs_out: list[bytes] = field(default_factory=list)
    index: int = 0  # of the command that runs, for messages
    new_files: list[str] = field(default_factory=list)
    dead_files: list[str] = field(default_factory=list)
    _refs: dict[int, Ref] = field(default_factory=dict)
    _types: dict[tuple[str, str, str], str] = field(default_factory=dict)
    snapshots: Snapshots = field(default_factory=Snapshots)
    identity: Callable[[int], bytes] = lambda _: b""  # of the query up to the command at an index
    _new_snapshots: dict[bytes, Snapshot] = field(default_factory=dict)
    _n_out_bytes: int = 0
    _n_listed_bytes: int = 0
    _writes: bool = False
    _own_number: int = 0

    # -- the transaction -----------------------------------------------------------------------

    def begin(self, *, writes: bool) -> None:
        """Start; a query that only reads sees one state of the database from here on."""
        self.db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        self._writes = writes

    def commit(self) -> None:
        """Make it so, then remove the files that belonged to what was deleted."""
        self.db.execute("COMMIT")
        while self._new_snapshots:
            self.snapshots.keep(*self._new_snapshots.popitem())
        for name in self.dead_files:
            self.store.remove_file(name)

    def roll_back(self, error: BaseException) -> None:
        """Leave everything as it was."""
        while self._new_snapshots:
            self.snapshots.give_back(self._new_snapshots.popitem()[1])
        # SQLite itself rolls back on a full disk. A Ctrl-C that arrives just after the commit finds
        # no transaction either, but its files have rows now.
        if self.db.in_transaction or isinstance(error, sqlite3.Error):
            for name in self.new_files:
                self.store.remove_file(name)
        with suppress(sqlite3.Error):
            self.db.execute("ROLLBACK")

    # -- blobs ---------------------------------------------------------------------------------

    def take_blob(self) -> bytes:
        """Take the next blob that came with the query; there is one, the query was checked."""
        return bytes(next(self.blobs_in))

    def skip_blob(self) -> None:
        """Pass over the next blob, of which `prepared` was made: a large video is not copied."""
        next(self.blobs_in)

    def make_room(self, n_bytes: int) -> None:
        """Count bytes that the answer will carry.

        Raises:
            QueryFailedError: they are more than an answer may have.
        """
        self._n_out_bytes += n_bytes
        if self._n_out_bytes > MOST_ANSWER_BYTES:
            raise fail(say.ANSWER_TOO_LARGE, status=TOO_LARGE, limit_bytes=MOST_ANSWER_BYTES)

    def make_room_to_list(self, n_bytes: int) -> None:
        """Count properties that the answer will list, before they are many in memory.

        Raises:
            QueryFailedError: they are more than a query may list.
        """
        self._n_listed_bytes += n_bytes
        if self._n_listed_bytes > MOST_LISTED_BYTES:
            raise fail(say.LIST_TOO_LARGE, status=TOO_LARGE, limit_bytes=MOST_LISTED_BYTES)

    def snapshot(self) -> Snapshot | None:
        """Give what an identical batched query found within the last minute, if there was one."""
        return self.snapshots.get(self.identity(self.index))

    def keep_snapshot(self, found: Snapshot) -> None:
        """Keep what this one found, once the transaction is committed.

        Raises:
            QueryFailedError: it is more than there is room for.
        """
        self.snapshots.take_room(found)
        self._new_snapshots[self.identity(self.index)] = found

    # -- refs ----------------------------------------------------------------------------------

    def ref(self, number: int, place: str, *, connections: bool = False) -> list[int]:
        """Give what an earlier command of this query named."""
        found = self._refs.get(number)
        if found is None:
            raise fail(say.NO_SUCH_REF, number=number)
        if found.is_connections != connections:
            kind = "connections" if found.is_connections else "objects"
            raise fail(say.REF_OF_WRONG_KIND, number=number, kind=kind, place=place)
        return found.ids

    def name(
        self, body: Mapping[str, Any], ids: Sequence[int], *, connections: bool = False
    ) -> None:
        """Keep a result under the command's `_ref`, if it has one."""
        number = body.get("_ref")
        if number is None:
            return
        if number in self._refs:
            raise fail(say.REF_TWICE, number=number)
        self._refs[number] = Ref(list(ids), connections)

    def spend(self, body: Mapping[str, Any]) -> None:
        """Forget the ref by which a Delete named its objects."""
        if "ref" in body:
            self._refs.pop(body["ref"], None)

    # -- rows ----------------------------------------------------------------------------------

    def n_vectors(self, set_id: int) -> int:
        """Count the vectors of a set."""
        return self.vectors.sizes.count(self.db, set_id, is_committed=not self._writes)

    def add(
        self,
        class_: str,
        properties: Mapping[str, Any],
        *,
        file: str | None = None,
        url: str | None = None,
    ) -> int:
        """Insert an object; `properties` are already checked."""
        cursor = self.db.execute(
            "INSERT INTO objects(class, properties, file, url, create_txn) VALUES(?,?,?,?,?)",
            (class_, stored(properties), file, url, self._number()),
        )
        return int(cursor.lastrowid or 0)

    def keep_content(self, row_id: int, content: bytes) -> None:
        """Keep the bytes of an image or a blob, with the row.

        Written in place: as a parameter they would stay in memory with the statement, which
        Python keeps for the next time.
        """
        self.db.execute("INSERT INTO blobs VALUES(?,zeroblob(?))", (row_id, len(content)))
        with self.db.blobopen("blobs", "content", row_id) as place:
            place.write(content)

    def content(self, row_id: int) -> bytes:
        """Read the bytes of an image or a blob.

        Raises:
            QueryFailedError: the answer would be too large with it.
        """
        found = self.db.execute("SELECT content FROM blobs WHERE id=?", (row_id,)).fetchone()
        self.make_room(len(found[0]))
        return bytes(found[0])

    def connect(
        self, class_: str, src: int, dst: int, properties: Mapping[str, Any] | None = None
    ) -> int:
        """Insert a connection."""
        cursor = self.db.execute(
            "INSERT INTO connections(class, src, dst, properties, create_txn) VALUES(?,?,?,?,?)",
            (class_, src, dst, stored(properties or {}), self._number()),
        )
        return int(cursor.lastrowid or 0)

    def _number(self) -> int:
        """Give this transaction's own number, larger than all before: `_create_txn`."""
        if not self._own_number:
            found = self.db.execute("UPDATE transactions SET n=n+1 RETURNING n").fetchone()
            self._own_number = int(found[0])
        return self._own_number

    def user_properties(
        self, class_: str, given: Mapping[str, Any] | None, *, kind: str = "entity"
    ) -> dict[str, Any]:
        """Check what a client wants to store: names, values, and the type each name has had.

        Args:
            class_: of the object or connection.
            given: the properties.
            kind: "entity" or "connection".
        """
        checked = {}
        for name, value in (given or {}).items():
            own_name(name)
            if value is None:
                raise fail(say.NULL_PROPERTY, name=name)
            checked[name] = comparable(value)
            self._settle_type((kind, checked_name(class_), name), kind_of(checked[name]))
        return checked

    def _settle_type(self, of: tuple[str, str, str], type_: str) -> None:
        """Compare a value's type with that of the first value of this kind, class and name."""
        known = self._types.get(of) or self._stored_type(of)
        if known is None:
            self.db.execute("INSERT INTO property_types VALUES(?,?,?,?)", (*of, type_))
        elif known != type_:
            raise fail(say.OTHER_TYPE, class_=of[1], name=of[2], known=known, given=type_)
        self._types[of] = type_

    def _stored_type(self, of: tuple[str, str, str]) -> str | None:
        row = self.db.execute(
            "SELECT type FROM property_types WHERE kind=? AND class=? AND key=?", of
        ).fetchone()
        return row[0] if row else None
