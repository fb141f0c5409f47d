"""The k nearest rows of some parts, exactly, whatever the rounding of a fast first pass.

Costs are smaller for nearer rows in every metric: the squared distance, or the negated similarity.
A first pass in single precision over all rows, in several threads, keeps each row that may be
among the k nearest within its error; those are measured again in double precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.engine.vectors.parts import Ids, Lengths, Part, Places, Rows

Costs = NDArray[np.float64]
_BLOCK_BYTES = 32 << 20  # of rows, measured by one thread at a time
_AGAIN_ROWS = 1024  # measured again at a time: in double precision they are copies
_EPSILON = 2.0**-24  # half a unit in the last place of single precision
_TINY = 2e-38  # below it single precision has no more digits


@dataclass(frozen=True, slots=True)
class Nearest:
    """Rows and their costs, nearest first, the older of equals first."""

    ids: Ids
    costs: Costs

    def best(self, k: int) -> Nearest:
        """Order them, and keep the first k."""
        order = np.lexsort((self.ids, self.costs))[:k]
        return Nearest(self.ids[order], self.costs[order])


NONE = Nearest(np.empty(0, np.int64), np.empty(0, np.float64))


class Query:
    """A vector and a metric: "L2", "IP" or "CS"."""

    def __init__(self, vector: Rows, metric: str) -> None:
        self.metric = metric
        self.exact = vector.astype(np.float64)
        self.length = float(np.linalg.norm(self.exact))
        if metric == "CS":
            self.exact = self.exact / (self.length or 1.0)
            self.length = 1.0 if self.length else 0.0
        self.single: Rows = np.ascontiguousarray(self.exact, np.float32)
        # The sum of d rounded products is off by at most d of these, in whatever order.
        self._error = (len(vector) + 8) * _EPSILON
        self._least_error = len(vector) * _TINY

    def bounds(self, part: Part) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give between which costs each row's true cost lies."""
        if self.metric == "L2":
            costs = _pass("fvec_L2sqr_ny", part.rows, self.single)
            error = costs * np.float32(self._error) + np.float32(self._least_error)
            return costs - error, costs + error
        products: Costs = -_pass("fvec_inner_products_ny", part.rows, self.single).astype(
            np.float64
        )
        off = part.lengths * (self._error * self.length) + self._least_error
        if self.metric == "CS":
            products, off = _divided(products, part.lengths), _divided(off, part.lengths)
        # Rounded to single precision once more, outwards.
        off += np.abs(products) * (2 * _EPSILON)
        return (products - off).astype(np.float32), (products + off).astype(np.float32)

    def costs(self, part: Part) -> Costs:
        """Measure in double precision; equal rows have equal costs wherever they stand."""
        rows = part.rows.astype(np.float64)
        if self.metric == "L2":
            costs: Costs = np.square(rows - self.exact).sum(axis=1)
            return costs
        costs = -(rows * self.exact).sum(axis=1)
        if self.metric == "CS":
            costs = np.clip(_divided(costs, part.lengths), -1.0, 1.0)
        return costs + 0.0  # no negative zero

    def shown(self, costs: Costs) -> list[float]:
        """Give the distances or similarities that a client sees."""
        signed: list[float] = (costs if self.metric == "L2" else 0.0 - costs).tolist()
        return signed


def _divided(values: Costs, lengths: Lengths) -> Costs:
    """Divide by the lengths; a vector of no length points nowhere: 0 to everything."""
    return np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0)


def _pass(what: str, rows: Rows, query: Rows) -> Rows:
    """Go over all rows with one of FAISS's loops, in this thread alone. float32 (n,).

    Its distances subtract before they square, so a vector is at 0 from itself. BLAS is no faster
    and starts threads of its own, which come in the way of ours.
    """
    import faiss

    found = np.empty(len(rows), np.float32)
    pointers = map(faiss.swig_ptr, (found, query, rows))
    getattr(faiss, what)(*pointers, rows.shape[1], len(rows))
    return found


@dataclass(frozen=True, slots=True)
class _May:
    """Rows of a part that may be among the nearest."""

    part: Part
    low: NDArray[np.float32]
    high: NDArray[np.float32]

    def not_above(self, limit: float) -> _May:
        places = np.flatnonzero(self.low <= limit)
        if len(places) == len(self.low):
            return self
        return _May(self.part.at(places), self.low[places], self.high[places])


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of a part: all of them, or those at `places`, which are read only when needed."""

    part: Part
    places: Places | None = None

    def blocks(self) -> Iterable[Chosen]:
        """Cut into pieces that one thread measures at a time."""
        n_rows = max(256, _BLOCK_BYTES // (4 * self.part.rows.shape[1]))
        n_all = len(self.part) if self.places is None else len(self.places)
        for start in range(0, n_all, n_rows):
            if self.places is None:
                yield Chosen(self.part.cut(start, start + n_rows))
            else:
                yield Chosen(self.part, self.places[start : start + n_rows])

    def read(self) -> Part:
        """Give the rows."""
        return self.part if self.places is None else self.part.at(self.places)


def nearest(
    chosen: Iterable[Chosen], query: Query, k: int, *, without: Ids, threads: Executor
) -> Nearest:
    """Find the k nearest rows.

    Args:
        chosen: of parts with ids that are in no other.
        query: what to measure from.
        k: how many at most, one or more.
        without: ids of rows that do not count, ascending.
        threads: measure the blocks of large parts.
    """
    blocks = [block for one in chosen for block in one.blocks()]

    def measure(block: Chosen) -> _May:
        return _candidates(block.read(), query, k, without)

    # For one block no other thread is worth its while.
    found = list(threads.map(measure, blocks) if len(blocks) > 1 else map(measure, blocks))
    return _settle(found, query, k)


def _candidates(block: Part, query: Query, k: int, without: Ids) -> _May:
    low, high = query.bounds(block)
    first, last = np.searchsorted(without, [block.ids[0], block.ids[-1] + 1])
    gone = block.places(without[first:last])
    low[gone] = high[gone] = np.inf
    may = _May(block, low, high)
    if len(gone) and k >= len(block) - len(gone):
        return may.not_above(float(np.finfo(np.float32).max))
    return may.not_above(_limit(high, k)) if k < len(block) else may


def _limit(high: NDArray[np.float32], k: int) -> float:
    """Give what k rows are sure not to exceed."""
    return float(np.partition(high, k - 1)[k - 1]) if k <= len(high) else float("inf")


def _settle(found: Sequence[_May], query: Query, k: int) -> Nearest:
    """Measure again what may be among the k nearest of all blocks."""
    if not found:
        return NONE
    limit = _limit(np.concatenate([one.high for one in found]), k)
    return joined(measured(one.not_above(limit).part, query) for one in found).best(k)


def measured(part: Part, query: Query) -> Nearest:
    """Measure every row of a part in double precision."""
    pieces = [part.cut(at, at + _AGAIN_ROWS) for at in range(0, len(part), _AGAIN_ROWS)]
    return joined(Nearest(piece.ids, query.costs(piece)) for piece in pieces)


def joined(found: Iterable[Nearest]) -> Nearest:
    """Put what was found in several places together; in no order."""
    all_of = [NONE, *found]
    return Nearest(
        np.concatenate([one.ids for one in all_of]), np.concatenate([one.costs for one in all_of])
    )
