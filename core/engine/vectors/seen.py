"""What one transaction sees of a set: counts by which a cache knows what it lacks, and rows.

Everything here is read with the transaction that asks. A removal leaves its id in
`removed_vectors` under the set's count of removals, so a cache learns which of its rows are gone
without reading those that are left. Ids grow with every addition, and only one transaction writes
at a time, so "ids above the last one known" are exactly the additions since.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.engine.vectors.parts import Ids, Part, part_of

_READ_ROWS = 4096  # at a time
_LOOK_EVERY = 256  # removals; then it is looked whether too many are listed
_MOST_LISTED = 100_000  # beside twice the number of vectors that are left


@dataclass(frozen=True, slots=True)
class Seen:
    """Counts of one set."""

    newest_id: int
    n_removals: int
    n_forgotten: int  # ids removed until this count of removals are no longer listed


def seen(db: sqlite3.Connection, set_id: int) -> Seen:
    """Read the counts."""
    newest = db.execute("SELECT max(id) FROM vectors WHERE set_id=?", (set_id,)).fetchone()[0]
    counts = db.execute("SELECT n, n_forgotten FROM removals WHERE set_id=?", (set_id,)).fetchone()
    return Seen(newest or 0, *(counts or (0, 0)))


def note_removals(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Record which of these objects, about to be deleted, are vectors: caches learn of it here."""
    bound = (json.dumps(list(ids)),)
    counted = db.execute(
        "INSERT INTO removals(set_id, n) SELECT DISTINCT set_id, 1 FROM vectors"
        " WHERE id IN (SELECT value FROM json_each(?))"
        " ON CONFLICT(set_id) DO UPDATE SET n=n+1 RETURNING set_id, n",
        bound,
    ).fetchall()
    if not counted:
        return
    db.execute(
        "INSERT INTO removed_vectors SELECT v.set_id, r.n, v.id FROM json_each(?) j"
        " CROSS JOIN vectors v ON v.id=j.value CROSS JOIN removals r ON r.set_id=v.set_id",
        bound,
    )
    for set_id, n in counted:
        if n % _LOOK_EVERY == 0:
            _forget_old(db, set_id)


def _forget_old(db: sqlite3.Connection, set_id: int) -> None:
    """List the older half no longer where far more is listed than is left: the list is no archive.

    A cache that knew them already loses nothing; one from before is made anew.
    """
    listed, left = (
        db.execute(f"SELECT count(*) FROM {table} WHERE set_id=?", (set_id,)).fetchone()[0]
        for table in ("removed_vectors", "vectors")
    )
    if listed < _MOST_LISTED + 2 * left:
        return
    (until,) = db.execute(
        "SELECT n FROM removed_vectors WHERE set_id=? ORDER BY n LIMIT 1 OFFSET ?",
        (set_id, listed // 2),
    ).fetchone()
    db.execute("DELETE FROM removed_vectors WHERE set_id=? AND n<=?", (set_id, until))
    db.execute("UPDATE removals SET n_forgotten=? WHERE set_id=?", (until, set_id))


def drop_sets(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Drop the vectors of sets that are about to be deleted, and what is recorded of them.

    Nothing need be listed: no id is ever given out again, so nobody asks for such a set.
    """
    for table in ("vectors", "removed_vectors", "removals"):
        db.execute(
            f"DELETE FROM {table} WHERE set_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )


def removed_after(db: sqlite3.Connection, set_id: int, n_known: int) -> tuple[Ids, Ids]:
    """List the removals after a count: the count of each, ascending, and its id."""
    found = db.execute(
        "SELECT n, id FROM removed_vectors WHERE set_id=? AND n>? ORDER BY n, id", (set_id, n_known)
    ).fetchall()
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def rows_after(
    db: sqlite3.Connection, set_id: int, last_id: int, dimensions: int
) -> Iterator[Part]:
    """Read the vectors with larger ids, some thousands at a time."""
    found = db.execute(
        "SELECT id, vector FROM vectors WHERE set_id=? AND id>? ORDER BY id", (set_id, last_id)
    )
    yield from _read(found, dimensions)


def rows_of(db: sqlite3.Connection, set_id: int, ids: Ids, dimensions: int) -> Iterator[Part]:
    """Read the vectors of these ids, ascending, that are in the set; costs what is asked."""
    for start in range(0, len(ids), _READ_ROWS):
        part = json.dumps(ids[start : start + _READ_ROWS].tolist())
        found = db.execute(
            "SELECT v.id, v.vector FROM json_each(?) j CROSS JOIN vectors v ON v.id=j.value"
            " WHERE v.set_id=?",
            (part, set_id),
        )
        yield from _read(found, dimensions)


def _read(found: sqlite3.Cursor, dimensions: int) -> Iterator[Part]:
    while some := found.fetchmany(_READ_ROWS):
        rows = np.frombuffer(b"".join(vector for _, vector in some), "<f4")
        ids = np.fromiter((row_id for row_id, _ in some), np.int64, len(some))
        yield part_of(ids, rows.reshape(len(some), dimensions))


def sums(db: sqlite3.Connection, set_id: int, last_id: int) -> tuple[int, int]:
    """Give how many ids the set has up to this one, and their sum."""
    n, total = db.execute(
        "SELECT count(*), coalesce(sum(id),0) FROM vectors WHERE set_id=? AND id<=?",
        (set_id, last_id),
    ).fetchone()
    return int(n), int(total)


def same(db: sqlite3.Connection, set_id: int, part: Part) -> bool:
    """Say whether the database has these rows, bit for bit."""
    there = list(rows_of(db, set_id, part.ids, part.rows.shape[1]))
    if sum(len(one) for one in there) != len(part):
        return False
    bits = b"".join(one.rows.tobytes() for one in there)
    return bits == part.rows.tobytes()
