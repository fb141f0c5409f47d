"""Answers nearest-neighbour questions about any set, as the transaction that asks sees it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from core.engine.store import Store
from core.engine.vectors import graphs, leftovers, rows_file
from core.engine.vectors.cache import SetCache, View
from core.engine.vectors.exact import Chosen, Nearest, Query, joined, measured, nearest
from core.engine.vectors.graph import Graph, kind_for, places_between, serves
from core.engine.vectors.graphs import Graphs
from core.engine.vectors.parts import Ids, Part, Places, Rows
from core.engine.vectors.seen import Seen, removed_after, rows_after, rows_of, seen
from core.engine.vectors.sizes import Sizes

Near = list[tuple[int, float]]
_N_CHECKED = 8  # of the nearest are compared with what SQLite has
_MOST_BY_GRAPH = 1000  # neighbours; who wants more is answered exactly
_MORE_CANDIDATES = 128  # runs, beside the k that are wanted: the graph measures in 8 bits
_EQUAL = 1e-3  # lengths that differ by no more than this part are taken for equal
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class How:
    """Whether a graph may be used, and whether only it may be (`indexed_results_only`)."""

    by_graph: bool = False
    indexed_only: bool = False


EXACTLY = How()


class Vectors:
    """The caches of one database; safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.folder / "vectors"
        leftovers.remove(self._folder)
        self._sets: dict[int, SetCache] = {}
        self.sizes = Sizes()
        with store.connection() as db:
            self._drop_deleted(db)
        self._lock = threading.Lock()
        self._graphs = Graphs(self._folder, self._committed)
        self._threads = ThreadPoolExecutor(
            min(os.cpu_count() or 1, _MOST_THREADS), thread_name_prefix="neighbours"
        )

    def close(self) -> None:
        """Let the threads go; nothing can be asked any more."""
        self._graphs.close()
        self._threads.shutdown()

    def settle(self) -> None:
        """Return when no graph grows any more; for tests and measurements."""
        self._graphs.wait()

    def nearest(
        self, db: sqlite3.Connection, set_id: int, query: Rows, *,
        k: int, metric: str, among: Sequence[int] | None = None, how: How = EXACTLY,
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
            how: by the graph, where the set is large and has one; among given ids always exactly.
        """
        if k == 0 or (among is not None and not len(among)):
            return []
        ask = _Ask(db, set_id, Query(query, metric), k, among, self._threads)
        cache = self._cache(db, set_id, len(query))
        found = self._answer(ask, self._view(cache, ask.seen), how)
        if not ask.is_true(found):
            with cache.lock:
                cache.distrust()
            found = self._answer(ask, self._view(cache, ask.seen), how)
        return list(zip(found.ids.tolist(), ask.query.shown(found.costs), strict=True))

    def _answer(self, ask: _Ask, view: View, how: How) -> Nearest:
        found = self._by_graph(ask, view, how) if how.by_graph and ask.is_of_all else None
        return ask.answer(view) if found is None else found

    def _by_graph(self, ask: _Ask, view: View, how: How) -> Nearest | None:
        """Search the graph and what is not in it; None where looking at all rows is better."""
        n_rows = sum(map(len, view.parts))
        if n_rows < graphs.LEAST_ROWS or ask.k > _MOST_BY_GRAPH:
            return None
        found = self._graphs.get(ask.set_id, view)
        newer = [part.after(found.last_id if found else 0) for part in view.parts]
        metric = ask.query.metric
        is_direct = found is not None and serves(found.kind, metric, equal_lengths=False)
        equal_lengths = not is_direct and _equal_lengths(view)
        kind = found.kind if found and is_direct else kind_for(metric, equal_lengths=equal_lengths)
        if kind is not None:
            self._graphs.grow_if_due(ask.set_id, found, kind, sum(map(len, newer)))
        if found is None or not serves(found.kind, metric, equal_lengths=equal_lengths):
            return None
        return ask.answer_by(found, view, newer, indexed_only=how.indexed_only)

    def _committed(self, set_id: int) -> View | None:
        """Give the rows of a set that was searched, as they are now."""
        with self._lock:
            cache = self._sets.get(set_id)
        if cache is None:
            return None
        with self._store.connection() as db:
            now = seen(db, set_id)
        return self._view(cache, now)

    def _cache(self, db: sqlite3.Connection, set_id: int, dimensions: int) -> SetCache:
        with self._lock:
            known = self._sets.get(set_id)
            # The number of a set whose query failed may be another's later.
            if known is None or known.dimensions != dimensions:
                self._drop_deleted(db)
                known = self._sets[set_id] = SetCache(self._folder, set_id, dimensions)
            return known

    def _drop_deleted(self, db: sqlite3.Connection) -> None:
        there = {i for (i,) in db.execute("SELECT id FROM objects WHERE class='_DescriptorSet'")}
        for set_id in set(self._sets) - there:
            del self._sets[set_id]
        # The largest number that was given out, also where its object is gone.
        newest = db.execute("SELECT seq FROM sqlite_sequence WHERE name='objects'").fetchone()
        rows_file.remove(self._folder, there, newest[0] if newest else 0)

    def _view(self, cache: SetCache, of: Seen) -> View:
        with cache.lock:
            if cache.lacks(of):
                with self._store.connection() as committed:
                    committed.execute("BEGIN")
                    try:
                        cache.refresh(committed)
                    finally:
                        committed.execute("ROLLBACK")
            return cache.view(of)


class _Ask:
    """One question, in its transaction."""

    def __init__(
        self, db: sqlite3.Connection, set_id: int, query: Query,
        k: int, among: Sequence[int] | None, threads: ThreadPoolExecutor,
    ) -> None:  # fmt: skip
        self._db, self.set_id, self.k, self._threads = db, set_id, k, threads
        self._among = None if among is None else np.asarray(among, np.int64)
        self.query = query
        self.seen = seen(db, set_id)

    @property
    def is_of_all(self) -> bool:
        """Say whether every vector of the set may be an answer."""
        return self._among is None

    def answer_by(
        self, graph: Graph, view: View, newer: Sequence[Part], *, indexed_only: bool
    ) -> Nearest | None:
        """Measure what the graph proposes, and unless it alone counts, all rows that it lacks.

        None if that is too little, as where most of what is near was removed.
        """
        removed = self._removed(view)
        runs = graph.candidates(self.query, self.k + _MORE_CANDIDATES, view.parts, removed)
        chosen = (Chosen(part, places_between(part, *runs)) for part in view.parts)
        found = nearest(chosen, self.query, self.k, without=removed, threads=self._threads)
        if indexed_only:
            return found
        if len(found.ids) < self.k:
            return None
        more = map(Chosen, newer)
        rest = nearest(more, self.query, self.k, without=removed, threads=self._threads)
        unknown = (measured(part, self.query) for part in self._unknown(view))
        return joined([found, rest, *unknown]).best(self.k)

    def answer(self, view: View) -> Nearest:
        """Search what the cache knows, and read the rest."""
        removed = self._removed(view)
        chosen = [Chosen(part, self._places(part)) for part in view.parts]
        found = nearest(chosen, self.query, self.k, without=removed, threads=self._threads)
        for part in self._unknown(view):
            found = joined([found, measured(part, self.query)]).best(self.k)
        return found

    def _removed(self, view: View) -> Ids:
        if self.seen.n_removals <= view.n_removals:
            return view.removed
        own = removed_after(self._db, self.set_id, view.n_removals)[1]
        return np.sort(np.concatenate([view.removed, own]))

    def _places(self, part: Part) -> Places | None:
        return None if self._among is None else part.places(self._among)

    def _unknown(self, view: View) -> Iterator[Part]:
        """Read the rows that this transaction sees and the cache does not."""
        dimensions = len(self.query.single)
        if self.seen.newest_id <= view.last_id:
            return iter(())
        if self._among is None:
            return rows_after(self._db, self.set_id, view.last_id, dimensions)
        more = self._among[self._among > view.last_id]
        return rows_of(self._db, self.set_id, more, dimensions)

    def is_true(self, found: Nearest) -> bool:
        """Compare the nearest with what the transaction itself sees of them."""
        n = _N_CHECKED
        ids = np.sort(found.ids[:n])
        rows = rows_of(self._db, self.set_id, ids, len(self.query.single))
        there = joined(measured(part, self.query) for part in rows).best(n)
        return bool(
            np.array_equal(there.ids, found.ids[:n])
            and np.array_equal(there.costs, found.costs[:n])
        )


def _equal_lengths(view: View) -> bool:
    least = min(float(part.lengths.min()) for part in view.parts)
    most = max(float(part.lengths.max()) for part in view.parts)
    return least > 0 and most - least <= _EQUAL * most
