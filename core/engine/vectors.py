"""The vectors of each descriptor set in memory, for exact nearest-neighbour search by FAISS.

A cache: SQLite holds the truth, and whatever another process added or removed is noticed before
each search, within the transaction that asks.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ROOM = 1024  # vectors that a new set has room for; doubled when full


@dataclass
class _Set:
    dimensions: int
    removals: int
    n: int = 0

    def __post_init__(self) -> None:
        self.ids: NDArray[np.int64] = np.empty(_ROOM, np.int64)
        self.rows: NDArray[np.float32] = np.empty((_ROOM, self.dimensions), np.float32)
        self.lengths: NDArray[np.float32] = np.empty(_ROOM, np.float32)

    @property
    def last_id(self) -> int:
        return int(self.ids[self.n - 1]) if self.n else 0

    def append(self, ids: Sequence[int], rows: NDArray[np.float32]) -> None:
        room, wanted = len(self.ids), self.n + len(ids)
        if wanted > room:
            room = max(wanted, 2 * room)
            self.ids = np.resize(self.ids, room)
            self.rows = np.concatenate(
                [self.rows[: self.n], np.empty((room - self.n, self.dimensions), np.float32)]
            )
            self.lengths = np.resize(self.lengths, room)
        part = slice(self.n, wanted)
        self.ids[part], self.rows[part] = ids, rows
        self.lengths[part] = np.linalg.norm(rows, axis=1)
        self.n = wanted


class Vectors:
    """Answers nearest-neighbour questions about any set; safe to use from several threads."""

    def __init__(self) -> None:
        self._sets: dict[int, _Set] = {}
        self._lock = threading.Lock()

    def nearest(
        self, db: sqlite3.Connection, set_id: int, dimensions: int, query: NDArray[np.float32],
        k: int, metric: str, among: Sequence[int] | None = None,
    ) -> list[tuple[int, float]]:  # fmt: skip
        """Give up to k (object id, distance), best first.

        Args:
            db: inside a transaction, whose view of the set is the one that counts.
            set_id: the set's object.
            dimensions: of the set.
            query: float32 (dimensions,).
            k: how many at most.
            metric: "L2" gives squared distances, ascending; "IP" inner products and "CS" true
                cosines, descending.
            among: ids to choose from, ascending; None means the whole set.
        """
        with self._lock:
            known = self._fresh(db, set_id, dimensions)
            newest = _newest(db, set_id)
            here = slice(known.n)
            ids, rows, lengths = known.ids[here], known.rows[here], known.lengths[here]
        if known.n and known.last_id > newest:  # an older view than the cache has
            there = ids <= newest
            ids, rows, lengths = ids[there], rows[there], lengths[there]
        if among is not None:
            at = np.flatnonzero(np.isin(ids, np.asarray(among, np.int64), assume_unique=True))
            ids, rows, lengths = ids[at], rows[at], lengths[at]
        if metric == "CS":
            return _cosine(ids, rows, lengths, query, k)
        return _search(ids, rows, query, k, metric)

    def forget(self) -> None:
        """Drop everything: a transaction whose rows may have been read was rolled back."""
        with self._lock:
            self._sets.clear()

    def _fresh(self, db: sqlite3.Connection, set_id: int, dimensions: int) -> _Set:
        row = db.execute("SELECT n FROM removals WHERE set_id=?", (set_id,)).fetchone()
        removals = row[0] if row else 0
        known = self._sets.get(set_id)
        if known is None or known.removals != removals:
            known = self._sets[set_id] = _Set(dimensions, removals)
        more = db.execute(
            "SELECT id, vector FROM vectors WHERE set_id=? AND id>? ORDER BY id",
            (set_id, known.last_id),
        )
        while part := more.fetchmany(4096):
            joined = np.frombuffer(b"".join(vector for _, vector in part), "<f4")
            known.append([i for i, _ in part], joined.reshape(len(part), dimensions))
        return known


def _newest(db: sqlite3.Connection, set_id: int) -> int:
    found = db.execute("SELECT max(id) FROM vectors WHERE set_id=?", (set_id,)).fetchone()
    return int(found[0] or 0)


def _search(
    ids: NDArray[np.int64],
    rows: NDArray[np.float32],
    query: NDArray[np.float32],
    k: int,
    metric: str,
) -> list[tuple[int, float]]:
    import faiss

    k = min(k, len(ids))
    if k == 0:
        return []
    kind = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    distances, at = faiss.knn(query[None], np.ascontiguousarray(rows), k, metric=kind)
    return [(int(ids[i]), float(d)) for i, d in zip(at[0], distances[0], strict=True)]


def _cosine(
    ids: NDArray[np.int64],
    rows: NDArray[np.float32],
    lengths: NDArray[np.float32],
    query: NDArray[np.float32],
    k: int,
) -> list[tuple[int, float]]:
    """Divide inner products by lengths: a true cosine, also for vectors of other lengths."""
    k = min(k, len(ids))
    if k == 0:
        return []
    length = float(np.linalg.norm(query)) or 1.0
    scores = (rows @ query) / np.maximum(lengths * length, 1e-30)
    at = np.argpartition(-scores, k - 1)[:k]
    at = at[np.lexsort((ids[at], -scores[at]))]
    return [(int(ids[i]), float(scores[i])) for i in at]
