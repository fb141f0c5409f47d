"""Where one shot ends and the next begins, from very small pictures of every frame.

Compares pictures only: starts nothing, opens nothing, knows no files. What it finds and what not is
measured in docs/indexing.md.
"""

from __future__ import annotations

from statistics import median

import numpy as np
from numpy.typing import NDArray

from core.media.dissolves import BEHIND_S, DissolveFinder
from core.media.likeness import Picture, are_unlike, coarse, difference, parts_changed

WIDTH_PX, HEIGHT_PX = 48, 27  # of each picture, whatever the video's proportions
N_BYTES = WIDTH_PX * HEIGHT_PX * 3

_AHEAD_S = 0.4  # what is seen after a change, before it is called a cut
_N_AROUND = 6  # frames on each side that say how much movement is usual there
_LEAST = 2.0  # mean difference of two pictures, of 255, below which nothing is a cut
_RATIO = 1.6  # how much more than usual there a change must be
_UNLIKE = 0.72  # of what pictures that have nothing in common differ by: see `are_unlike`
_MOVED = 0.5  # of the picture's parts, how many must have changed
_SAME = 0.5  # of the change: a picture that comes back nearer than this was not gone
_SPARSE_S = 0.25  # pictures farther apart (key frames, slides) are compared by themselves
_APART_S = 0.5  # a dissolve nearer to a cut than this is not one
_QUIET_S = 4.0  # without any picture: all before has been seen enough of
_TICK_S = 1e-3  # a picture may still come at the very time that was seen
_BATCH = 32  # pictures compared at once: calls cost more than the comparing


class CutFinder:
    """Finds cuts in a stream of small pictures, a moment after they come.

    `cuts_s` are the times of the first frames of new shots (of a dissolve: its middle), ascending,
    never 0; complete up to `known_until_s`.
    """

    def __init__(self) -> None:
        self.cuts_s: list[float] = []
        self.known_until_s = 0.0
        self._times_s: list[float] = []
        self._pictures: list[NDArray[np.uint8]] = []  # each (N_BYTES,)
        self._changes: list[float] = []  # from the picture before
        self._new: list[bytes] = []
        self._n_decided = 1  # the first picture is no cut
        self._dissolves = DissolveFinder()
        self._cuts: list[float] = []  # and cuts
        self._melted_s: list[float] = []  # middles of dissolves, not yet reported

    @property
    def latest_cut_s(self) -> float:
        """The last cut that is decided, though a dissolve before it may not be; 0: none yet."""
        return max([*self.cuts_s[-1:], *self._cuts[-1:]], default=0.0)

    def add(self, time_s: float, planes: bytes) -> None:
        """Take the next picture: 3 × HEIGHT_PX × WIDTH_PX bytes, a plane a colour; times ascend."""
        self._times_s.append(time_s)
        self._new.append(planes)
        if len(self._new) >= _BATCH:
            self.look()

    def look(self, seen_until_s: float = 0.0, *, is_end: bool = False) -> None:
        """Decide about all that has been seen enough of; at the end, about the rest.

        Args:
            seen_until_s: before this time no more pictures will come.
            is_end: nor after it.
        """
        self._compare()
        if not self._times_s:
            return
        is_quiet = seen_until_s - self._times_s[-1] > _QUIET_S
        last = len(self._times_s) - 1
        while self._n_decided <= last:
            at = self._n_decided
            if not (is_end or is_quiet or self._has_seen_enough(at)):
                break
            self._melt(at)
            if self._is_cut(at):
                self._cuts.append(self._times_s[at])
            self._n_decided += 1
        until_s = self._times_s[self._n_decided - 1] - BEHIND_S - _APART_S
        self._report(float("inf") if is_end else max(until_s, is_quiet * (seen_until_s - _TICK_S)))
        self._forget()

    def _melt(self, at: int) -> None:
        if self._dissolves.wants(self._times_s[at]):
            self._melted_s += self._dissolves.add(self._times_s[at], coarse(self._picture(at)))

    def _report(self, until_s: float) -> None:
        """Make public what is certain: a dissolve close to a cut is not one."""
        melted_s = [
            time_s
            for time_s in self._melted_s
            if not any(abs(time_s - cut_s) < _APART_S for cut_s in [*self.cuts_s[-9:], *self._cuts])
        ]
        found_s = sorted([*self._cuts, *melted_s])
        self.cuts_s += [time_s for time_s in found_s if time_s <= until_s]
        self._cuts = [time_s for time_s in self._cuts if time_s > until_s]
        self._melted_s = [time_s for time_s in melted_s if time_s > until_s]
        self.known_until_s = until_s

    def _has_seen_enough(self, at: int) -> bool:
        last = len(self._times_s) - 1
        after_s = self._times_s[last] - self._times_s[at]
        return after_s >= _AHEAD_S and (last - at >= _N_AROUND or after_s >= _N_AROUND * _SPARSE_S)

    def _compare(self) -> None:
        if not self._new:
            return
        pictures = np.frombuffer(b"".join(self._new), np.uint8).reshape(-1, N_BYTES)
        first = self._pictures[-1] if self._pictures else pictures[0]
        before = np.concatenate((first[np.newaxis], pictures[:-1]))
        changes = np.maximum(pictures, before) - np.minimum(pictures, before)
        self._changes += (np.add.reduce(changes, axis=1, dtype=np.uint32) / N_BYTES).tolist()
        self._pictures += list(pictures)
        self._new.clear()

    def _is_cut(self, at: int) -> bool:
        change = self._changes[at]
        if change < _LEAST:
            return False
        is_sparse = self._times_s[at] - self._times_s[at - 1] > _SPARSE_S
        if not is_sparse and change < _RATIO * self._usual(at):
            return False
        before, after = self._picture(at - 1), self._picture(at)
        if parts_changed(before, after) < _MOVED:
            return False
        is_new = are_unlike(coarse(before), coarse(after), _UNLIKE)
        return is_new and not self._is_flash(at, change)

    def _picture(self, at: int) -> Picture:
        planes = self._pictures[at].reshape(3, HEIGHT_PX, WIDTH_PX)
        return np.ascontiguousarray(planes.transpose(1, 2, 0), np.float32)

    def _usual(self, at: int) -> float:
        """How much pictures around it change."""
        before = self._changes[max(1, at - _N_AROUND) : at]
        after = self._changes[at + 1 : at + 1 + _N_AROUND]
        return median([*before, *after]) if before or after else 0.0

    def _is_flash(self, at: int, change: float) -> bool:
        """Say whether the picture before comes back at once, or this one was there just before."""
        now_s, before, after = self._times_s[at], self._picture(at - 1), self._picture(at)
        near = [n for n, s in enumerate(self._times_s) if abs(s - now_s) <= _AHEAD_S]
        return any(
            difference(before, self._picture(n)) < _SAME * change for n in near if n > at
        ) or any(difference(after, self._picture(n)) < _SAME * change for n in near if n < at - 1)

    def _forget(self) -> None:
        """Keep only what a later decision may look back at."""
        decided = self._n_decided - 1
        keep_from = max(0, decided - _N_AROUND)
        while keep_from > 0 and self._times_s[decided] - self._times_s[keep_from] < _AHEAD_S:
            keep_from -= 1
        del self._times_s[:keep_from], self._pictures[:keep_from], self._changes[:keep_from]
        self._n_decided -= keep_from
