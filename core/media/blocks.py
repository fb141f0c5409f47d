"""The pictures of several streams out of one pipe, each with its exact time.

ffmpeg writes them as raw video in Matroska (RFC 9559), of which this reads the few elements that
carry pictures. Matroska counts milliseconds; the command that fills the pipe multiplies all times
by a thousand (see reader), so that a tick is a microsecond. Knows no pictures and no processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

TICKS_AS_US = "settb=1/1000000,setpts=PTS*1000"  # the end of each branch of the filters
# A stream in which nothing comes (slides: no new picture for hours) is waited for so long, in the
# video's time; the other stream's pictures stay in ffmpeg's memory until then.
_LEAST_AHEAD_S = 15
MUXER = (
    "-c:v", "rawvideo", "-enc_time_base", "1:1000", "-f", "matroska", "-allow_raw_vfw", "1",
    "-live", "1", "-max_interleave_delta", str(_LEAST_AHEAD_S * 10**9),
)  # fmt: skip

_SEGMENT, _CLUSTER, _GROUP = 0x18538067, 0x1F43B675, 0xA0
_CLUSTER_TIME, _SIMPLE_BLOCK, _BLOCK = 0xE7, 0xA3, 0xA1
_OPENED = {_SEGMENT, _CLUSTER, _GROUP}  # their content is read, all other elements are whole


class Block(NamedTuple):
    """One picture: the number of its stream from 0, its time, its bytes."""

    stream: int
    time_us: int
    data: bytes


class _Cut(Exception):  # noqa: N818 - no error: the pipe ended
    """The pipe ended; inside an element, if the writer was killed."""


def blocks(read: Callable[[], bytes]) -> Iterator[Block]:
    """Yield the pictures in the order of their times.

    Args:
        read: gives the next bytes, however many; b"" at the end.
    """
    source = _Source(read)
    cluster_us = 0
    try:
        while True:
            kind, n_bytes = source.vint(keep_marker=True), source.vint()
            if kind in _OPENED:
                continue
            data = source.take(n_bytes)
            if kind == _CLUSTER_TIME:
                cluster_us = int.from_bytes(data)
            elif kind in (_SIMPLE_BLOCK, _BLOCK):  # one byte of track, two of time, one of flags
                time_us = cluster_us + int.from_bytes(data[1:3], signed=True)
                yield Block((data[0] & 0x7F) - 1, time_us, data[4:])
    except _Cut:
        return


class _Source:
    """Bytes by exact amounts, from pieces of any size."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._piece, self._at = b"", 0

    def take(self, n_bytes: int) -> bytes:
        """Give exactly so many."""
        end = self._at + n_bytes
        if end <= len(self._piece):
            data = self._piece[self._at : end]
            self._at = end
            return data
        parts = [self._piece[self._at :]]
        missing = end - len(self._piece)
        while missing > 0:
            self._piece = self._read()
            if not self._piece:
                self._at = 0
                raise _Cut
            self._at = min(missing, len(self._piece))
            parts.append(self._piece[: self._at])
            missing -= self._at
        return b"".join(parts)

    def vint(self, *, keep_marker: bool = False) -> int:
        """Read a number of variable length: the zeros before its first one say how long it is."""
        first = self.take(1)[0]
        n_more = 8 - first.bit_length()
        value = first if keep_marker else first & (0x7F >> n_more)
        if not n_more:  # most of them
            return value
        return value << 8 * n_more | int.from_bytes(self.take(n_more))
