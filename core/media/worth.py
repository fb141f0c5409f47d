"""Says whether the frames between two key frames are worth decoding to look for a cut there.

Where the camera moves much, neighbouring key frames differ like a cut all the time, and nearly all
of such a video would be decoded to find that there is none. Learns from what was decoded in vain.
Numbers only; knows no files.
"""

from __future__ import annotations

from collections import deque
from statistics import quantiles

_FREE_S = 10.0  # of video that may be decoded in vain before anything is left out
_SHARE = 0.05  # of the video so far, as well: what was usual may change
_N_LATEST, _N_LEAST = 16, 4  # stretches without a cut that say what is usual
_MORE = 1.1  # times what three of four of them do not exceed


class Worth:
    """Takes how much key frames differ, and what came of looking between them."""

    def __init__(self) -> None:
        self._vain_s = 0.0
        self._usual: deque[float] = deque(maxlen=_N_LATEST)

    def is_worth(self, difference: float, at_s: float, pending_s: float = 0.0) -> bool:
        """Say whether to decode a stretch at a time, whose key frames differ so much.

        `pending_s` will be decoded before it, and nobody knows yet what for.
        """
        if self._vain_s + pending_s <= _FREE_S + _SHARE * at_s or len(self._usual) < _N_LEAST:
            return True
        return difference > _MORE * quantiles(self._usual, n=4)[-1]

    def was_in_vain(self, difference: float, length_s: float) -> None:
        """Learn of a stretch so long in which there was no cut."""
        self._usual.append(difference)
        self._vain_s += length_s
