"""How often a video's key frames come, from the packets of a few stretches; nothing is decoded.

A key frame can be decoded alone. Where they come at least as often as samples are wanted, all other
frames need not be decoded at all.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from core.errors import MediaError
from core.media import guard
from core.model import VideoFacts

_STRETCH_S = 30.0
_STRETCHES = (0.0, 0.45, 0.9)  # of the video's length
_SLACK = 1.05  # a second at 29.97 frames is 1.001 s long
_LIMIT_S = 60.0


def come_often_enough(path: Path, facts: VideoFacts, every_s: float) -> bool:
    """Say whether decoding key frames alone gives a sample for each interval, and saves work.

    Looked at are thirty seconds at the beginning, in the middle and near the end. Where every frame
    is a key frame (MJPEG, ProRes), nothing would be saved.
    """
    starts_s = [part * facts.duration_s for part in _STRETCHES]
    if facts.duration_s < 3 * _STRETCH_S:
        starts_s = [0.0]
    return all(_come_often_enough(path, start_s, every_s) for start_s in starts_s)


def _come_often_enough(path: Path, start_s: float, every_s: float) -> bool:
    try:
        all_s, keys_s = _times(path, start_s)
    except MediaError:  # whoever decodes will say what is wrong
        return False
    if len(keys_s) < 2 or len(keys_s) == len(all_s):
        return False
    gaps_s = [later - earlier for earlier, later in pairwise([*keys_s, all_s[-1]])]
    return max(gaps_s) <= every_s * _SLACK


def _times(path: Path, start_s: float) -> tuple[list[float], list[float]]:
    """Give the times of all packets and of those with key frames, ascending, from somewhere."""
    seek = ["-ss", f"{start_s:.3f}"] if start_s else []
    done = guard.run(
        ["-loglevel", "error", *seek, *guard.reading(path), "-map", "0:V:0", "-t", f"{_STRETCH_S}",
         "-c", "copy", "-f", "framecrc", "pipe:1"],
        limit_s=_LIMIT_S, max_bytes=1 << 22,
    )  # fmt: skip
    tick = Fraction(1)
    all_s: list[float] = []
    keys_s: list[float] = []
    for line in done.output.decode("utf-8", "replace").splitlines():
        if line.startswith("#tb 0:"):
            tick = Fraction(line[6:].strip())
        elif not line.startswith("#"):
            parts = line.split(",")
            time_s = float(max(int(parts[1]), int(parts[2])) * tick)
            all_s.append(time_s)
            if not any(part.strip().startswith("F=0x") for part in parts[6:]):
                keys_s.append(time_s)
    return sorted(all_s), sorted(keys_s)
