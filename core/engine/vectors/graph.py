"""A graph of neighbours (HNSW) over one set's vectors: finds candidates without looking at all.

Rows that follow each other and are almost the same, as the frames of a shot, are one node: a run.
Else the nearest of a frame would be the rest of its shot, and no link would lead out of it; this
way there is a tenth of the nodes, and more is found. A node holds the run's first vector in 8 bits
a dimension, only to walk by; whoever asks measures every row of the runs it is given. The graph
covers the rows until its last id, removed ones included, and is only ever added to. Malkov and
Yashunin, arXiv:1603.09320; FAISS's IndexHNSWSQ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine.vectors.exact import Query
from core.engine.vectors.parts import Ids, Part, Places, Rows

# Measured by `python -m benchmarks.engine`, see docs/engine.md.
_LINKS = 32  # of a node in each layer, twice as many in the lowest
_BUILD_BREADTH = 200
_SEARCH_BREADTH = 2048
_SAME_SQUARED = 0.1  # squared distance, by the first's squared length: a cosine of 0.95
_LONGEST_RUN = 64  # rows
_PLAN_ROWS = 4096  # brought to length 1 at a time
_ADD_NODES = 512  # at a time, then it looks whether it should stop
_RANGE_SPARE = 0.1  # of a dimension's range in the training rows, at both ends
_N_TRAINING = 20_000
_N_SAMPLES = 32
_LEAST_COSINE = 0.95  # of a vector and its 8-bit form; a wrong one has another direction

DIRECTIONS, PLACES = "directions", "places"


class Graph:
    """A graph; one that was opened is mapped and can be searched, one that was loaded can grow."""

    def __init__(self, index: Any, runs: NDArray[np.int64], kind: str, last_id: int) -> None:
        """Take FAISS's index and, for each of its nodes, the first id and the size of its run."""
        self.index, self.kind = index, kind
        self.last_id = last_id  # every row that counted until this id is in a run
        self._set_runs(runs)

    def _set_runs(self, runs: NDArray[np.int64]) -> None:
        self.runs = runs
        self._nodes = np.argsort(runs[:, 0])  # by the age of their runs
        self._firsts: Ids = runs[self._nodes, 0]

    @property
    def n_rows(self) -> int:
        """How many rows the runs have, removed ones included."""
        return int(self.runs[:, 1].sum())

    def add(self, parts: Sequence[Part], removed: Ids, stop: Callable[[], bool]) -> bool:
        """Add rows with larger ids than all before, but for the removed ones.

        Their nodes are added in random order: by age, each would find none but its own film's to
        link to, and some would be found by no way at all.

        Returns:
            False if it was stopped; this graph is then of no more use.
        """
        firsts, sizes = _runs_of(parts, removed, self.kind)
        order = np.random.default_rng(len(firsts)).permutation(len(firsts))
        added = [self.runs]
        for start in range(0, len(order), _ADD_NODES):
            if stop():
                return False
            chunk = np.sort(order[start : start + _ADD_NODES])
            ids = firsts[chunk]
            self.index.add(
                np.concatenate([form(part.at(part.places(ids)), self.kind) for part in parts])
            )
            added.append(np.stack([ids, sizes[chunk]], axis=1))
        self._set_runs(np.concatenate(added))
        self.last_id = max([self.last_id, *(part.last_id for part in parts)])
        return True

    def candidates(
        self, query: Query, n: int, parts: Sequence[Part], removed: Ids
    ) -> tuple[Ids, Ids]:
        """Give about n runs that are near: the first and the last id of each, ascending.

        None of which every row in the parts is among the removed ones.
        """
        faiss = _faiss()
        wanted = faiss.SearchParametersHNSW(efSearch=max(_SEARCH_BREADTH, n))
        gone = self._without(parts, removed)
        if len(gone):
            counts = np.ones(-(-len(self.runs) // 8) * 8, bool)
            counts[gone] = False
            wanted.sel = faiss.IDSelectorBitmap(np.packbits(counts, bitorder="little"))
        vector = query.single
        if self.kind == DIRECTIONS and query.length:
            vector = (query.exact / query.length).astype(np.float32)
        _, found = self.index.search(vector[None], min(n, len(self.runs)), params=wanted)
        firsts = np.sort(self.runs[found[0][found[0] >= 0], 0])
        return firsts, self._lasts(np.searchsorted(self._firsts, firsts))

    def _lasts(self, runs: Places) -> Ids:
        """Give the last id that belongs to these runs, by age: a run ends where the next begins."""
        lasts: Ids = np.append(self._firsts, self.last_id + 1)[runs + 1] - 1
        return lasts

    def _without(self, parts: Sequence[Part], removed: Ids) -> Places:
        """Give the nodes of whose runs no row is left."""
        removed = removed[: int(np.searchsorted(removed, self.last_id, side="right"))]
        gone = np.concatenate([part.ids[part.places(removed)] for part in parts])
        of = np.searchsorted(self._firsts, gone, side="right") - 1
        runs, n_gone = np.unique(of[of >= 0], return_counts=True)
        firsts, lasts = self._firsts[runs], self._lasts(runs)
        n_there = sum(
            np.searchsorted(part.ids, lasts, side="right") - np.searchsorted(part.ids, firsts)
            for part in parts
        )
        nodes: Places = self._nodes[runs[n_gone >= n_there]]
        return nodes

    def agrees(self, part: Part) -> bool:
        """Compare some nodes with the rows of a part, as far as both have them."""
        some = np.unique(np.linspace(0, len(self.runs) - 1, _N_SAMPLES).astype(np.intp))
        there = part.at(part.places(self._firsts[some]))
        if not len(there):
            return True
        nodes = self._nodes[np.searchsorted(self._firsts, there.ids)]
        kept = np.stack([self.index.reconstruct(int(node)) for node in nodes])
        rows = form(there, self.kind)
        lengths = np.linalg.norm(kept, axis=1) * np.linalg.norm(rows, axis=1)
        return bool(np.all((kept * rows).sum(axis=1) >= _LEAST_COSINE * lengths))


def _runs_of(parts: Sequence[Part], removed: Ids, kind: str) -> tuple[Ids, NDArray[np.int64]]:
    """Find the runs: the first id and the size of each, ascending."""
    firsts, sizes = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in parts:
        for at in range(0, len(part), _PLAN_ROWS):
            some = part.cut(at, at + _PLAN_ROWS)
            gone = some.places(removed)
            if len(gone):
                some = some.at(np.delete(np.arange(len(some)), gone))
            starts = _starts_of_runs(form(some, kind))
            firsts.append(some.ids[starts])
            sizes.append(np.diff(starts, append=len(some)))
    return np.concatenate(firsts), np.concatenate(sizes)


def places_between(part: Part, firsts: Ids, lasts: Ids) -> Places:
    """Find the rows of a part whose ids are within any of these ranges, ascending and apart."""
    starts = np.searchsorted(part.ids, firsts)
    sizes = np.searchsorted(part.ids, lasts, side="right") - starts
    before = np.cumsum(sizes) - sizes
    found: Places = np.arange(sizes.sum()) + np.repeat(starts - before, sizes)
    return found


def _starts_of_runs(rows: Rows) -> Places:
    """Find where a row is no longer almost the same as the first of its run."""
    starts, at = [], 0
    while at < len(rows):
        starts.append(at)
        off = rows[at : at + _LONGEST_RUN] - rows[at]
        limit = _SAME_SQUARED * float(rows[at] @ rows[at])
        other = np.flatnonzero(np.einsum("ij,ij->i", off, off) > limit)
        at += int(other[0]) if len(other) else len(off)
    return np.array(starts, np.intp)


def form(part: Part, kind: str) -> Rows:
    """Give rows as nodes hold them."""
    if kind == PLACES:
        return np.ascontiguousarray(part.rows)
    lengths = np.where(part.lengths > 0, part.lengths, 1.0)
    return (part.rows / lengths[:, None]).astype(np.float32)


def serves(kind: str, metric: str, *, equal_lengths: bool) -> bool:
    """Say whether nearest in the graph is nearest by the metric.

    Where all lengths are equal, all three metrics order alike.
    """
    return equal_lengths or (metric, kind) in (("CS", DIRECTIONS), ("L2", PLACES))


def kind_for(metric: str, *, equal_lengths: bool) -> str | None:
    """Choose the kind that serves a metric; inner products of unequal vectors have none."""
    kinds = (DIRECTIONS, PLACES)
    fitting = (kind for kind in kinds if serves(kind, metric, equal_lengths=equal_lengths))
    return next(fitting, None)


def begin(sample: Part, kind: str) -> Graph:
    """Make a graph without nodes, its 8 bits fitted to the range of some rows."""
    faiss = _faiss()

    training = sample.at(np.unique(np.linspace(0, len(sample) - 1, _N_TRAINING).astype(np.intp)))
    dimensions = sample.rows.shape[1]
    eight_bits = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexHNSWSQ(dimensions, eight_bits, _LINKS, faiss.METRIC_L2)
    faiss.downcast_index(index.storage).sq.rangestat_arg = _RANGE_SPARE
    index.hnsw.efConstruction = _BUILD_BREADTH
    index.train(form(training, kind))
    return Graph(index, np.empty((0, 2), np.int64), kind, 0)


def _faiss() -> Any:
    """Import it late, and without its stubs, which are wrong."""
    import faiss

    return faiss
