"""Rows of one descriptor set as arrays: ids ascending, a vector and its length for each.

A part may be mapped from a file or lie in memory. Knows neither files nor the database.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Rows = NDArray[np.float32]
Lengths = NDArray[np.float64]
Places = NDArray[np.intp]

_ROOM = 1024  # rows that a new part in memory has room for; doubled when full


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a set: ids ascending, `rows` (n, dimensions), their Euclidean lengths."""

    ids: Ids
    rows: Rows
    lengths: Lengths

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def last_id(self) -> int:
        """The largest id, 0 where there is none."""
        return int(self.ids[-1]) if len(self.ids) else 0

    def until(self, last_id: int) -> Part:
        """Give the rows with ids up to this one."""
        return self.cut(0, int(np.searchsorted(self.ids, last_id, side="right")))

    def after(self, first_id: int) -> Part:
        """Give the rows with ids above this one."""
        return self.cut(int(np.searchsorted(self.ids, first_id, side="right")), len(self))

    def cut(self, start: int, end: int) -> Part:
        """Give the rows at these places; no copy."""
        part = slice(start, end)
        return Part(self.ids[part], self.rows[part], self.lengths[part])

    def at(self, places: Places) -> Part:
        """Give the rows at these places, ascending; a copy unless they follow each other."""
        if len(places) and places[-1] - places[0] + 1 == len(places):
            return self.cut(int(places[0]), int(places[-1]) + 1)
        return Part(self.ids[places], self.rows[places], self.lengths[places])

    def places(self, ids: Ids) -> Places:
        """Find where those of these ids, ascending, are that are here; costs what is asked."""
        at = np.searchsorted(self.ids, ids)
        inside = at < len(self.ids)
        at, ids = at[inside], ids[inside]
        found: Places = at[self.ids[at] == ids]
        return found


def part_of(ids: Ids, rows: Rows) -> Part:
    """Measure the rows' lengths, in double precision: squares of small numbers vanish in single."""
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    return Part(ids, rows, np.sqrt(squares))


class Growing:
    """A part in memory that grows at its end, while others read what was there before."""

    def __init__(self, dimensions: int) -> None:
        self._n = 0
        self._all = _room_for(_ROOM, dimensions)

    @property
    def part(self) -> Part:
        """What is there now; what is appended later does not show in it."""
        return self._all.cut(0, self._n)

    def append(self, more: Part) -> None:
        """Add rows whose ids are larger than all before."""
        end = self._n + len(more)
        if end > len(self._all):  # new arrays: somebody may be reading the old ones
            old, dimensions = self.part, self._all.rows.shape[1]
            self._all = _room_for(max(end, 2 * len(self._all)), dimensions)
            _put(self._all.cut(0, self._n), old)
        _put(self._all.cut(self._n, end), more)
        self._n = end


def _room_for(n: int, dimensions: int) -> Part:
    rows = np.empty((n, dimensions), np.float32)
    return Part(np.empty(n, np.int64), rows, np.empty(n, np.float64))


def _put(into: Part, what: Part) -> None:
    into.ids[:], into.rows[:], into.lengths[:] = what.ids, what.rows, what.lengths
