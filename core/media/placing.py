"""Places cuts to the frame where key frames alone are decoded.

A cut need not lie at a key frame. Between two that differ like a cut, and after the last one, all
frames are decoded as well, by an ffmpeg of their own: the few stretches that tell, not the video.
Which these are is learnt on the way; see worth.py.
"""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.errors import MediaError
from core.media.dissolves import BEHIND_S
from core.media.shots import CutFinder
from core.media.stretch import Goal, Stretch
from core.media.worth import Worth
from core.model import VideoFacts

log = logging.getLogger("reelseek.media")

_AHEAD_S = 0.5  # decoded beyond a stretch: what comes after a cut says whether it was a flash
_LONGEST_S = 10.0  # of a stretch, in which each key frame differs from the one before
_AT_KEY_S = 1e-3  # nearer to a key frame than this is at it
_MOST_FAILURES = 3  # then this video's stretches are left alone
# A dissolve needs more around it. Only short stretches may be one, and not all are looked at: where
# the camera moves, key frames differ without any cut. The n-th time in vain, the next is looked at
# n² times this later than the beginning.
_BLEND_S = 2.5
_BLEND_APART_S = 20.0


@dataclass
class _Run:
    """From one key frame to another, each of which differs from the one before like a cut."""

    start_s: float
    end_s: float
    differences: dict[float, float] = field(default_factory=dict)  # by the later one's time

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    def has_room(self, until_s: float) -> bool:
        return until_s - self.start_s <= _LONGEST_S


class KeyFrameCuts:
    """Finds cuts as a CutFinder does, in the small pictures of key frames alone.

    `cuts_s` and `known_until_s` are a CutFinder's. What a stretch's frames say, counts; where it
    cannot be read as it should, or is too long, cuts stay at the key frames behind them.

    Args:
        path: the file.
        facts: what probe said of it.
        most_apart_s: farther apart, what is between two key frames is not decoded.
    """

    def __init__(self, path: Path, facts: VideoFacts, most_apart_s: float) -> None:
        self.cuts_s: list[float] = []
        self.known_until_s = 0.0
        self._path, self._facts, self._most_apart_s = path, facts, most_apart_s
        self._rough, self._worth = CutFinder(), Worth()
        self._n_taken = self._n_vain_blends = self._n_failures = 0
        self._keys_s: list[float] = []  # of the key frames that may still be asked for
        self._pictures: list[bytes] = []
        self._run: _Run | None = None
        self._stretch: Stretch | None = None
        self._is_closed = False

    def add(self, time_s: float, planes: bytes) -> None:
        """Take the next key frame's small picture; see CutFinder."""
        self._keys_s.append(time_s)
        self._pictures.append(planes)
        self._rough.add(time_s, planes)

    def look(self, seen_until_s: float = 0.0, *, is_end: bool = False) -> None:
        """Decide about all that has been seen enough of; see CutFinder."""
        self._rough.look(seen_until_s, is_end=is_end)
        for cut_s in self._rough.cuts_s[self._n_taken :]:
            self._take(cut_s)
        self._n_taken = len(self._rough.cuts_s)
        known_s = self._rough.known_until_s
        if self._run and self._next_key_s(self._run.end_s) <= known_s:
            self._settle()
        if is_end:
            self._look_behind_the_last()
        self.known_until_s = min(known_s, self._run.start_s) if self._run else known_s
        self._forget()

    def _take(self, cut_s: float) -> None:
        """Make the stretch before a key frame part of the run, or the beginning of another one."""
        at = bisect_left(self._keys_s, cut_s)
        before_s = self._keys_s[max(0, at - 1)]
        if cut_s - before_s > self._most_apart_s:
            self._settle()
            self._tell([cut_s])
            return
        difference = self._difference(at)
        if not self._worth.is_worth(difference, cut_s, self._run.length_s if self._run else 0.0):
            return
        if not (self._run and self._run.end_s == before_s and self._run.has_room(cut_s)):
            self._settle()
            self._run = _Run(before_s, cut_s)
        self._run.end_s = cut_s
        self._run.differences[cut_s] = difference

    def _difference(self, at: int) -> float:
        """Give the mean difference of a key frame's small picture from the one before, 0..255."""
        one, other = (np.frombuffer(self._pictures[n], np.uint8) for n in (max(0, at - 1), at))
        return float(np.abs(one.astype(np.int16) - other).mean())

    def _next_key_s(self, time_s: float) -> float:
        at = bisect_right(self._keys_s, time_s)
        return self._keys_s[at] if at < len(self._keys_s) else float("inf")

    def _settle(self) -> None:
        if self._run:
            self._tell(self._placed(self._run))
        self._run = None

    def _tell(self, cuts_s: list[float]) -> None:
        last_s = self.cuts_s[-1] if self.cuts_s else 0.0
        self.cuts_s += [cut_s for cut_s in cuts_s if cut_s > last_s]

    def _placed(self, run: _Run) -> list[float]:
        """Give the cuts within a run, by its frames."""
        found_s = self._found(run.start_s, run.end_s, run.end_s + _AHEAD_S)
        if found_s is None:
            return list(run.differences)
        if not found_s and self._may_be_blend(run):
            until_s = run.end_s + BEHIND_S
            found_s = self._found(run.start_s, run.end_s, until_s, is_early=True) or []
            self._n_vain_blends += not found_s
        self._learn(run, found_s)
        return found_s

    def _learn(self, run: _Run, found_s: list[float]) -> None:
        before_s = run.start_s
        for key_s, difference in run.differences.items():
            if not any(before_s < cut_s <= key_s for cut_s in found_s):
                self._worth.was_in_vain(difference, key_s - before_s)
            before_s = key_s

    def _may_be_blend(self, run: _Run) -> bool:
        is_time = self._n_vain_blends**2 * _BLEND_APART_S <= run.start_s
        return run.length_s <= _BLEND_S and is_time

    def _look_behind_the_last(self) -> None:
        """Look for cuts after the last key frame, which no key frame tells of."""
        self._settle()
        if self._keys_s and self._facts.duration_s - self._keys_s[-1] <= self._most_apart_s:
            self._tell(self._found(self._keys_s[-1], float("inf"), None) or [])

    def _found(
        self, start_s: float, end_s: float, until_s: float | None, *, is_early: bool = False
    ) -> list[float] | None:
        """Give the cuts after `start_s` up to `end_s`; None where they cannot be told.

        Decoded is from the key frame at `start_s`, or with `is_early` from the one before, up to
        `until_s` or the end.
        """
        at = max(0, bisect_left(self._keys_s, start_s) - is_early)
        if self._is_closed or self._n_failures >= _MOST_FAILURES:
            return None
        finder = CutFinder()
        key_s = self._keys_s[at]
        self._stretch = Stretch(self._path, self._facts, key_s, self._next_key_s(key_s), until_s)
        try:
            goal = None if is_early else self._goal(end_s)
            is_read = self._stretch.read_into(finder, self._pictures[at], goal)
        except MediaError as error:
            log.info("%s from %s s: %s", self._path, key_s, error)
            is_read = False
        self._n_failures += not is_read
        at_keys_s = [self._at_key(cut_s) for cut_s in finder.cuts_s]
        return [cut_s for cut_s in at_keys_s if start_s < cut_s <= end_s] if is_read else None

    def _goal(self, end_s: float) -> Goal | None:
        at = bisect_left(self._keys_s, end_s)
        if not 0 < at < len(self._keys_s):
            return None  # what follows the last key frame leads nowhere
        return Goal(self._keys_s[at - 1], self._pictures[at])

    def _at_key(self, time_s: float) -> float:
        """Give the time of the key frame where it is one's: times are rounded on their way."""
        nearest_s = min(self._keys_s, key=lambda key_s: abs(key_s - time_s))
        return nearest_s if abs(nearest_s - time_s) < _AT_KEY_S else time_s

    def _forget(self) -> None:
        """Keep the key frame that is current, and the one before it."""
        n_old = max(0, bisect_right(self._keys_s, self.known_until_s) - 2)
        if n_old < len(self._keys_s) - 1:
            del self._keys_s[:n_old], self._pictures[:n_old]

    def close(self) -> None:
        """End ffmpeg, whatever it does. May be called again."""
        self._is_closed = True
        if self._stretch:
            self._stretch.close()
