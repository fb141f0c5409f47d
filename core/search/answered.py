"""Answers that were given, for whoever asks the same again while nothing has changed.

Knows no query's meaning: it compares what was asked, and the state of what was looked through.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Answer = TypeVar("Answer")

_MOST_KEPT: Final = 128
# What nobody can notice, see core.library.version, is noticed after this long.
_OLDEST_S: Final = 60.0


class Answered(Generic[Answer]):
    """The last answers of one kind that a searcher gave; safe to use from several threads."""

    def __init__(
        self, *, most: int = _MOST_KEPT, oldest_s: float = _OLDEST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Keep so many answers, each for so long by this clock."""
        self._most, self._oldest_s, self._clock = most, oldest_s, clock
        self._known: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def answer(
        self, asked: Hashable, version: Hashable | None, search: Callable[[], Answer]
    ) -> Answer:
        """Give the answer to this question in this state, by searching if it is not known.

        Args:
            asked: everything that the answer hangs on, but for what is looked through.
            version: names the state of that; None: it has no name, so nothing is kept.
            search: finds the answer. What it raises is passed on, and nothing is kept.
        """
        if version is None:
            return search()
        key = (asked, version)
        known = self._get(key)
        if known is not None:
            return known
        found = search()
        with self._lock:
            self._known[key] = self._clock(), found
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found

    def _get(self, key: Hashable) -> Answer | None:
        with self._lock:
            if key not in self._known:
                return None
            since, found = self._known[key]
            if self._clock() - since > self._oldest_s:
                del self._known[key]
                return None
            self._known.move_to_end(key)
            return found
