"""What passes by itself and what does not, and how long to wait before the next try.

What is named here may pass; every other error is final, and its sentence is kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import (
    BusyFileError,
    DatabaseAwayError,
    DiskFullError,
    EncoderMemoryError,
    ReelseekError,
    ToolError,
)

T = TypeVar("T")

FIRST_S, LONGEST_S = 2.0, 600.0
# A drive may be mounted again, a file closed by whoever writes it: after so many tries, an hour and
# a half in all, a person has to look. A disk gets emptied at any time, so that has no end.
_MOST_BUSY = 16
_OVER_S = 120.0  # a trouble that nobody met for so long was over; no pause between tries is longer
_MOST_SENTENCES = 100

_PASSING = (DiskFullError, BusyFileError, ToolError, EncoderMemoryError)


def may_pass(error: ReelseekError) -> bool:
    """Say whether the same video may succeed later, though nobody does anything about it."""
    return isinstance(error, (*_PASSING, DatabaseAwayError))


def delay_s(error: ReelseekError, n_before: int) -> float | None:
    """Say how long to wait after the (n_before + 1)th failure; None: the error is final."""
    if not may_pass(error) or (isinstance(error, BusyFileError) and n_before >= _MOST_BUSY):
        return None
    return min(LONGEST_S, FIRST_S * 2.0 ** min(n_before, 30))


class Backoff:
    """Growing pauses while the same trouble lasts; `reset` when it is over."""

    def __init__(self, first_s: float = 0.5, longest_s: float = 30.0) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._n = 0

    def next_s(self) -> float:
        """Give the next pause in seconds."""
        self._n += 1
        return min(self._longest_s, self._first_s * 2.0 ** min(self._n - 1, 30))

    def reset(self) -> None:
        """Begin with the shortest pause again."""
        self._n = 0


class Seldom:
    """Lets a sentence into the log at once, and while it comes again and again, ever less often."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._heard: dict[str, tuple[float, float, float]] = {}  # when last, due when, its pause

    def is_due(self, sentence: str) -> bool:
        """Say whether to log it: when it is new, then after 1, 2, 4 … minutes, up to an hour."""
        now_s = self._now_s()
        heard_s, due_s, pause_s = self._heard.get(sentence, (-math.inf, now_s, 0.0))
        if now_s - heard_s > _OVER_S:
            due_s, pause_s = now_s, 0.0
        is_due = now_s >= due_s
        if is_due:
            pause_s = min(3600.0, max(60.0, 2 * pause_s))
            due_s = now_s + pause_s
        if len(self._heard) > _MOST_SENTENCES:
            self._heard.clear()
        self._heard[sentence] = now_s, due_s, pause_s
        return is_due


def patiently(act: Callable[[], T], *, patience_s: float) -> T:
    """Do it, again and again for so long while a database is away or a disk is full.

    Raises what `act` does: at once what does not pass, else the last error.
    """
    backoff, until = Backoff(), time.monotonic() + patience_s
    while True:
        try:
            return act()
        except (DatabaseAwayError, DiskFullError):
            if time.monotonic() >= until:
                raise
        time.sleep(backoff.next_s())
