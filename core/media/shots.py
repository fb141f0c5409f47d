"""Where one shot ends and the next begins, from very small pictures of every frame.

Compares pictures only: starts nothing, opens nothing, knows no files.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 48, 27  # of each picture, whatever the video's proportions
N_BYTES = WIDTH_PX * HEIGHT_PX * 3

_AHEAD_S = 0.4  # what is seen after a change, before it is called a cut
_N_AROUND = 6  # frames on each side that say how much movement is usual there
_LEAST = 9.0  # mean difference of two pictures, of 255, below which nothing is a cut
_RATIO = 3.0  # how much more than usual a change must be
_SAME = 0.5  # of the change: a picture that comes back nearer than this was not gone
_BATCH = 32  # pictures compared at once: calls cost more than the comparing


class CutFinder:
    """Finds cuts in a stream of small pictures, a moment after they come.

    `cuts_s` are the times of the first frames of new shots, ascending, never 0; complete up to
    `known_until_s`.
    """

    def __init__(self) -> None:
        self.cuts_s: list[float] = []
        self.known_until_s = 0.0
        self._times_s: list[float] = []
        self._pictures: list[NDArray[np.float32]] = []
        self._changes: list[float] = []  # from the picture before
        self._new: list[bytes] = []
        self._n_decided = 1  # the first picture is no cut

    def add(self, time_s: float, rgb: bytes) -> None:
        """Take the next picture: RGB, HEIGHT_PX × WIDTH_PX × 3 bytes; times ascend."""
        self._times_s.append(time_s)
        self._new.append(rgb)
        if len(self._new) >= _BATCH:
            self.look()

    def look(self, *, is_end: bool = False) -> None:
        """Decide about all that has been seen enough of; at the end, about the rest."""
        self._compare()
        last = len(self._times_s) - 1
        while self._n_decided <= last:
            at = self._n_decided
            is_seen = self._times_s[last] - self._times_s[at] >= _AHEAD_S
            if not (is_end or (is_seen and last - at >= _N_AROUND)):
                break
            if self._is_cut(at):
                self.cuts_s.append(self._times_s[at])
            self._n_decided += 1
        if last >= 0:
            self.known_until_s = float("inf") if is_end else self._times_s[self._n_decided - 1]
        self._forget()

    def _compare(self) -> None:
        if not self._new:
            return
        joined = np.frombuffer(b"".join(self._new), np.uint8).reshape(len(self._new), N_BYTES)
        pictures = joined.astype(np.float32)
        before = [self._pictures[-1] if self._pictures else pictures[0], *pictures[:-1]]
        self._changes += np.abs(pictures - np.stack(before)).mean(axis=1).tolist()
        self._pictures += list(pictures)
        self._new.clear()

    def _is_cut(self, at: int) -> bool:
        change = self._changes[at]
        if change < _LEAST:
            return False
        around = (
            self._changes[max(1, at - _N_AROUND) : at] + self._changes[at + 1 : at + 1 + _N_AROUND]
        )
        if change < _RATIO * (np.median(around) if around else 0.0):
            return False
        return not self._is_flash(at, change)

    def _is_flash(self, at: int, change: float) -> bool:
        """Say whether the picture before comes back at once, or has just come back."""
        times, pictures = self._times_s, self._pictures
        first = at - 1
        while first > 0 and times[at] - times[first - 1] <= _AHEAD_S:
            first -= 1
        last = at
        while last + 1 < len(times) and times[last + 1] - times[at] <= _AHEAD_S:
            last += 1
        comes_back = any(
            _difference(pictures[at - 1], pictures[n]) < _SAME * change
            for n in range(at + 1, last + 1)
        )
        came_back = any(
            _difference(pictures[at], pictures[n]) < _SAME * change for n in range(first, at - 1)
        )
        return comes_back or came_back

    def _forget(self) -> None:
        """Keep only what a later decision may look back at."""
        keep_from = max(0, self._n_decided - 1 - _N_AROUND)
        while keep_from > 0 and (
            self._times_s[min(self._n_decided, len(self._times_s) - 1)] - self._times_s[keep_from]
            < 2 * _AHEAD_S
        ):
            keep_from -= 1
        del self._times_s[:keep_from], self._pictures[:keep_from], self._changes[:keep_from]
        self._n_decided -= keep_from


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.abs(one - other).mean())
