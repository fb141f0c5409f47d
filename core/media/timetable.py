"""When each picture of a video is shown, from its packets: demuxed, not decoded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from core.errors import NoPictureError
from core.media import guard

_STALL_LIMIT_S = 600.0
_DISCARD = 0x4  # AV_PKT_FLAG_DISCARD: decoded for others' sake, never shown (libavcodec/packet.h)
_NO_TIME = -(2**63)  # AV_NOPTS_VALUE


def frame_times_s(path: Path) -> list[Fraction]:
    """Give the times of all pictures in seconds by the file's own clock, ascending.

    Sound is read along, since ffmpeg takes the earliest of what it reads for zero in some formats.

    Raises:
        NoPictureError: no picture has a time.
        MediaLimitError: reading stalled.
        ToolError: ffmpeg is missing.
    """
    # What comes before the first key frame is not shown. Some files mark none (GIF in Matroska).
    found = _times_s(path) or _times_s(path, "-copyinkf")
    if not found:
        raise NoPictureError(
            "The pictures of this video have no times, so none can be found by its number. Convert "
            "it to H.264 in MP4 and add that."
        )
    return sorted(found)


def _times_s(path: Path, *more: str) -> list[Fraction]:
    arguments = [
        "-loglevel", "error", *guard.reading(path), "-map", "0:V:0", "-map", "0:a:0?",
        "-c", "copy", *more, "-f", "framecrc", "pipe:1",
    ]  # fmt: skip
    tick_s, found = Fraction(1), []
    with guard.Job(arguments) as job:
        for line in job.lines(limit_s=_STALL_LIMIT_S):
            if line.startswith("#tb 0: "):
                tick_s = Fraction(line[len("#tb 0: ") :].strip())
            elif line.startswith("0,"):
                found += _time(line)
    return [tick * tick_s for tick in found]


def _time(line: str) -> list[int]:
    """Read one packet: "stream, dts, pts, duration, size, crc, F=flags, …"."""
    _, dts, pts, *more = (part.strip() for part in line.split(","))
    flags = next((int(part.removeprefix("F="), 0) for part in more if part.startswith("F=")), 0)
    if flags & _DISCARD:
        return []
    # AVI states no pts; its pictures come in the order of their dts.
    return [int(dts) if int(pts) == _NO_TIME else int(pts)]
