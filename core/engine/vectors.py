"""The vectors of each descriptor set in memory, for exact nearest-neighbour search.

A cache: SQLite holds the truth, and whatever any process added or removed is noticed before each
search, within the transaction that asks.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Rows = NDArray[np.float32]
Near = list[tuple[int, float]]

_ROOM = 1024  # vectors that a new set has room for; doubled when full
_PART = 4096  # vectors read from SQLite at a time


@dataclass(frozen=True, slots=True)
class _View:
    """What one transaction sees of a set: ids ascending, a row and its length for each."""

    ids: Ids
    rows: Rows
    lengths: NDArray[np.float64]

    def only(self, ids: Ids) -> _View:
        """Narrow to those of these ids, ascending, that are there; costs what it selects."""
        at = np.searchsorted(self.ids, ids)
        inside = at < len(self.ids)
        at, ids = at[inside], ids[inside]
        at = at[self.ids[at] == ids]
        return _View(self.ids[at], self.rows[at], self.lengths[at])


class _Set:
    """One set as far as it was read: arrays with room to grow."""

    def __init__(self, dimensions: int, n_removals: int) -> None:
        self.dimensions = dimensions
        self.n_removals = n_removals
        self.n = 0
        self._allocate(_ROOM)

    def _allocate(self, room: int) -> None:
        self._ids: Ids = np.empty(room, np.int64)
        self._rows: Rows = np.empty((room, self.dimensions), np.float32)
        self._lengths: NDArray[np.float64] = np.empty(room, np.float64)

    @property
    def last_id(self) -> int:
        return int(self._ids[self.n - 1]) if self.n else 0

    @property
    def ids(self) -> Ids:
        return self._ids[: self.n]

    def view(self, newest_id: int) -> _View:
        """Show what is no newer; others may append to the arrays meanwhile, behind its end."""
        n = int(np.searchsorted(self.ids, newest_id, side="right"))
        return _View(self._ids[:n], self._rows[:n], self._lengths[:n])

    def append(self, ids: Sequence[int], rows: Rows) -> None:
        """Add vectors whose ids are larger than all before."""
        end = self.n + len(ids)
        if end > len(self._ids):
            self._replace(self.view(self.last_id), room=max(end, 2 * len(self._ids)))
        part = slice(self.n, end)
        self._ids[part], self._rows[part] = ids, rows
        # In double precision: the squares of small numbers vanish in single.
        self._lengths[part] = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        self.n = end

    def keep(self, ids: Ids, n_removals: int) -> None:
        """Drop every vector but these, which are all there."""
        kept = self.view(self.last_id).only(ids)
        self._replace(kept, room=max(_ROOM, len(kept.ids)))
        self.n_removals = n_removals

    def _replace(self, view: _View, *, room: int) -> None:
        """Hold what the view shows, in new arrays: somebody may be searching the old ones."""
        self._allocate(room)
        part = slice(len(view.ids))
        self._ids[part], self._rows[part], self._lengths[part] = view.ids, view.rows, view.lengths
        self.n = len(view.ids)


class Vectors:
    """Answers nearest-neighbour questions about any set; safe to use from several threads."""

    def __init__(self) -> None:
        self._sets: dict[int, _Set] = {}
        self._lock = threading.Lock()

    def nearest(
        self, db: sqlite3.Connection, set_id: int, query: Rows, *,
        k: int, metric: str, among: Sequence[int] | None = None,
    ) -> Near:  # fmt: skip
        """Give up to k (object id, distance), best first, the older of equals first.

        Args:
            db: inside a transaction, whose view of the set is the one that counts.
            set_id: the set's object.
            query: float32 (dimensions,) of the set.
            k: how many at most.
            metric: "L2" gives squared distances, ascending; "IP" inner products and "CS" true
                cosines, descending.
            among: ids to choose from, ascending; None means the whole set.
        """
        with self._lock:
            view = self._fresh(db, set_id, len(query)).view(_newest(db, set_id))
        if among is not None:
            view = view.only(np.asarray(among, np.int64))
        k = min(k, len(view.ids))
        if k == 0:
            return []
        if metric == "L2":
            return _by_distance(view, query, k)
        return _by_similarity(view, query, k, is_cosine=metric == "CS")

    def forget(self, set_ids: Iterable[int]) -> None:
        """Drop what was read of these sets: the transaction that read it is rolled back."""
        with self._lock:
            for set_id in set_ids:
                self._sets.pop(set_id, None)

    def _fresh(self, db: sqlite3.Connection, set_id: int, dimensions: int) -> _Set:
        """Bring a set up to what this transaction sees; it may hold newer vectors besides."""
        n_removals = _n_removals(db, set_id)
        known = self._sets.get(set_id)
        if known is not None and known.n_removals != n_removals:
            there = _ids_until(db, set_id, known.last_id)
            if np.isin(there, known.ids, assume_unique=True).all():
                known.keep(there, n_removals)
            else:  # an older view, from before removals that are known here
                known = None
        if known is None:
            self._drop_deleted(db)
            known = self._sets[set_id] = _Set(dimensions, n_removals)
        _read_newer(db, set_id, known)
        return known

    def _drop_deleted(self, db: sqlite3.Connection) -> None:
        there = {i for (i,) in db.execute("SELECT id FROM objects WHERE class='_DescriptorSet'")}
        for set_id in set(self._sets) - there:
            del self._sets[set_id]


def _read_newer(db: sqlite3.Connection, set_id: int, known: _Set) -> None:
    more = db.execute(
        "SELECT id, vector FROM vectors WHERE set_id=? AND id>? ORDER BY id",
        (set_id, known.last_id),
    )
    while part := more.fetchmany(_PART):
        joined = np.frombuffer(b"".join(vector for _, vector in part), "<f4")
        known.append([i for i, _ in part], joined.reshape(len(part), known.dimensions))


def _ids_until(db: sqlite3.Connection, set_id: int, last_id: int) -> Ids:
    found = db.execute(
        "SELECT id FROM vectors WHERE set_id=? AND id<=? ORDER BY id", (set_id, last_id)
    )
    return np.fromiter((i for (i,) in found), np.int64)


def _n_removals(db: sqlite3.Connection, set_id: int) -> int:
    row = db.execute("SELECT n FROM removals WHERE set_id=?", (set_id,)).fetchone()
    return int(row[0]) if row else 0


def _newest(db: sqlite3.Connection, set_id: int) -> int:
    found = db.execute("SELECT max(id) FROM vectors WHERE set_id=?", (set_id,)).fetchone()
    return int(found[0] or 0)


def _by_distance(view: _View, query: Rows, k: int) -> Near:
    # FAISS subtracts before it squares, so a vector is at 0 from itself, and takes no copy.
    import faiss

    rows = np.ascontiguousarray(view.rows)
    distances, at = faiss.knn(query[None], rows, k, metric=faiss.METRIC_L2)
    found = [(int(view.ids[i]), float(d)) for i, d in zip(at[0], distances[0], strict=True)]
    return sorted(found, key=lambda one: (one[1], one[0]))


def _by_similarity(view: _View, query: Rows, k: int, *, is_cosine: bool) -> Near:
    """Rank by inner product, for the cosine divided by the lengths: true for any vectors."""
    if is_cosine:
        length = float(np.linalg.norm(query.astype(np.float64)))
        query = (query / (length or 1.0)).astype(np.float32)
    scores = (view.rows @ query).astype(np.float64)
    if is_cosine:  # a vector of no length points nowhere: 0 to everything
        np.divide(scores, view.lengths, out=scores, where=view.lengths > 0)
        np.clip(scores, -1.0, 1.0, out=scores)
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    at = np.flatnonzero(scores >= least)
    at = at[np.lexsort((view.ids[at], -scores[at]))][:k]
    return [(int(view.ids[i]), float(scores[i])) for i in at]
