"""Where one shot melts into the next, or sinks into black: changes too slow to be cuts.

Half-way through a dissolve the picture is the average of those before and after it, which no
movement of camera or things brings about. Compares pictures only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.media.likeness import Picture, are_unlike, parts_changed

STEP_S = 0.1  # pictures are looked at so often
_REACHES = (2, 4, 7)  # steps on each side: dissolves of about 0.4, 0.8 and 1.4 s
_LONGEST_S = 0.8  # of it that is waited for; a slower one is called before it ends
_FAR = max(_REACHES)
_TOGETHER = 8  # middles looked at at once
_WINDOW = 2 * _FAR + _TOGETHER  # with what is needed around them
BEHIND_S = STEP_S * (_FAR + _TOGETHER + 2) + _LONGEST_S  # how long after it it can be known
_MOST_REPEATS = 30  # steps without a picture; after more, all before was called known already
_FEWEST = 5  # pictures that are not repeats, among those looked at: key frames alone tell nothing
_LEAST = 8.0  # mean difference of the ends, of 255
_BENT = 0.22  # of that, how far the middle may be from the average of the ends
_MOVED = 0.75  # of the picture's parts, how many must have changed
_UNLIKE = 0.6  # see `are_unlike`: a camera that turns is no dissolve
_ALIKE = 0.65  # correlation of the ends, above which the light changed, not the picture


class DissolveFinder:
    """Takes pictures one after the other and says where the middle of a dissolve was."""

    def __init__(self) -> None:
        self._pictures: list[Picture] = []
        self._times_s: list[float] = []
        self._run: list[float] = []  # the times of the dissolve going on
        self._is_told = False  # it was called already
        self._next_s = 0.0

    def wants(self, time_s: float) -> bool:
        """Say whether a picture of this time is needed: one in each step."""
        return time_s >= self._next_s

    def add(self, time_s: float, picture: Picture) -> list[float]:
        """Take a picture, at least STEP_S after the last; the middles of dissolves that are over.

        In between, the last one was shown, as in slides, whose repeats are left out.
        Several pictures are looked at together, as calls cost more than the looking.
        """
        if self._times_s:
            self._repeat(round((time_s - self._times_s[-1]) / STEP_S) - 1)
        self._next_s = (time_s // STEP_S + 1) * STEP_S - STEP_S / 10
        self._pictures.append(picture - picture.mean((0, 1)))  # cameras adapt to the light
        self._times_s.append(time_s)
        middles_s: list[float] = []
        while len(self._pictures) >= _WINDOW:
            middles_s += self._look()
            del self._pictures[:_TOGETHER], self._times_s[:_TOGETHER]
        return middles_s

    def _repeat(self, n_steps: int) -> None:
        """Let the last picture stand; where it does so for long, forget what was before."""
        if n_steps > _MOST_REPEATS:
            del self._pictures[:-1], self._times_s[:-1]
            self._run.clear()
            self._is_told = False
            n_steps = _FAR
        self._pictures += n_steps * self._pictures[-1:]
        self._times_s += n_steps * self._times_s[-1:]

    def _look(self) -> list[float]:
        """Look at the first _TOGETHER pictures that have _FAR others on each side."""
        is_on = np.zeros(_TOGETHER, bool)
        if len(set(self._times_s[:_WINDOW])) >= _FEWEST:
            pictures = np.stack(self._pictures[:_WINDOW])
            for reach in _REACHES:
                for at in np.flatnonzero(_is_straight(pictures, reach) & ~is_on):
                    first, last = pictures[_FAR + at - reach], pictures[_FAR + at + reach]
                    is_on[at] = _are_two(first, last)
        told_s = [
            self._follow(time_s, is_on=bool(on))
            for time_s, on in zip(self._times_s[_FAR:], is_on, strict=False)
        ]
        return [middle_s for middle_s in told_s if middle_s is not None]

    def _follow(self, time_s: float, *, is_on: bool) -> float | None:
        """Give the middle of a stretch of such pictures, once, when it is over or long enough."""
        if is_on and not self._is_told:
            self._run.append(time_s)
        if not self._run or (is_on and time_s - self._run[0] < _LONGEST_S):
            self._is_told &= is_on
            return None
        middle_s = self._run[len(self._run) // 2]
        self._run.clear()
        self._is_told = is_on
        return middle_s


def _is_straight(pictures: Picture, reach: int) -> NDArray[np.bool_]:
    """For each middle, say whether it and its neighbours are mixtures of the ends.

    Their parts are those of a dissolve from the one end to the other.
    """

    def at(step: int) -> Picture:
        return pictures[_FAR + step : _FAR + step + _TOGETHER]

    first, last = at(-reach), at(reach)
    change = _size(last - first)
    is_straight = change >= _LEAST
    for step in (0, -(reach // 2), reach // 2):
        if not is_straight.any():
            break
        part = np.float32((step + reach) / (2 * reach))
        bent = _size(at(step) - first * (1 - part) - last * part)
        is_straight &= bent <= _BENT * change
    return is_straight


def _size(pictures: Picture) -> NDArray[np.float32]:
    sizes: NDArray[np.float32] = np.abs(pictures).mean((1, 2, 3), dtype=np.float32)
    return sizes


def _are_two(first: Picture, last: Picture) -> bool:
    """Say whether the ends have nothing in common."""
    return (
        _correlation(first, last) <= _ALIKE
        and parts_changed(first, last) >= _MOVED
        and are_unlike(first, last, _UNLIKE)
    )


def _correlation(one: Picture, other: Picture) -> float:
    """-1..1, of pictures whose mean is 0; 0 where one of them is of one colour, as black is."""
    size = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / size if size > 1e3 else 0.0
