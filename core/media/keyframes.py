"""How often a video's key frames come, from the packets of a few stretches.

Most can be decoded alone. Where they come at least as often as samples are wanted, all other
frames need not be decoded at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from core.errors import MediaError
from core.media import guard
from core.media.length import NO_TIME
from core.model import VideoFacts

SLACK = 1.05  # a second at 29.97 frames is 1.001 s long
_LEAST_STRETCH_S, _N_INTERVALS = 10.0, 4  # how much is looked at, in each place
_ALL_KEYS = {"prores", "mjpeg", "gif", "ffv1", "dnxhd", "dvvideo", "rawvideo", "huffyuv", "png"}
_STRETCHES = (0.0, 0.45, 0.9)  # of the video's length
_TICK_S = 0.01  # times are rounded
_LIMIT_S = 60.0


class _Packet(NamedTuple):
    """When it is shown, if that is known, and whether it is a key frame."""

    time_s: float | None
    is_key: bool


def reading(path: Path, codec: str) -> list[str]:
    """Give the arguments that open a file of this codec, to decode its key frames alone.

    Not every decoder leaves others out when told to (VP9's does not), so their packets do not even
    come to it. Of H.264 they do: a field can be a packet of its own, and of a key frame's two the
    first alone is marked as one. Its decoder leaves out what it is told to, fastest by one thread.
    Not by `-discard nokey`: ffmpeg 9 then dates frames of MP4 with B-frames wrongly.
    """
    if codec == "h264":
        return ["-skip_frame", "nokey", *guard.reading(path, of_threads=0)]
    return ["-skip_frame", "nokey", "-bsf:V:0", "noise=drop=not(key)", *guard.reading(path)]


def largest_gap_s(path: Path, facts: VideoFacts, every_s: float) -> float | None:
    """Give the longest time between two key frames; None where they are of no use.

    Looked at are some intervals at the beginning, in the middle and near the end. They are of no
    use where every frame is one (MJPEG, ProRes), as nothing would be saved, where the container
    does not say when they are shown (AVI never, MPEG's program streams not always), as such a
    frame, decoded alone, gets the time of a later one, and where ffmpeg does not decode all of them
    alone: of H.264 with open groups of pictures (broadcasts, camcorders), it gives the first only.
    """
    if facts.video_codec in _ALL_KEYS:
        return None
    stretch_s = max(_LEAST_STRETCH_S, _N_INTERVALS * every_s)
    starts_s = [part * facts.duration_s for part in _STRETCHES]
    if facts.duration_s < len(starts_s) * stretch_s:
        starts_s, stretch_s = [0.0], facts.duration_s + 1
    try:
        stretches = [_packets(path, start_s, stretch_s) for start_s in starts_s]
        gaps_s = [_gap_s(packets) for packets in stretches]
        known_s = [gap_s for gap_s in gaps_s if gap_s is not None]
        if len(known_s) < len(gaps_s):
            return None
        if not _are_decoded_alone(path, facts.video_codec, stretch_s, stretches[0]):
            return None
    except MediaError:  # whoever decodes will say what is wrong
        return None
    return max(known_s)


def _are_decoded_alone(
    path: Path, codec: str, stretch_s: float, packets: Sequence[_Packet]
) -> bool:
    """Say whether decoding key frames alone gives all that the first stretch has; a few frames.

    Among its packets may be some that are shown later.
    """
    arguments = [
        "-loglevel", "error", *reading(path, codec), "-map", "0:V:0",
        "-t", f"{stretch_s:.3f}", "-fps_mode", "passthrough", "-f", "framecrc", "pipe:1",
    ]  # fmt: skip
    done = guard.run(arguments, limit_s=_LIMIT_S, max_bytes=1 << 22)
    lines = done.output.decode("utf-8", "replace").splitlines()
    n_decoded = sum(not line.startswith("#") for line in lines)
    end_s = stretch_s - _TICK_S
    n_keys = sum(is_key and (time_s or 0.0) < end_s for time_s, is_key in packets)
    return n_decoded >= n_keys


def _gap_s(packets: Sequence[_Packet]) -> float | None:
    """Give the longest time between key frames among these packets; None where it is not known."""
    keys_s = [time_s for time_s, is_key in packets if is_key]
    if not packets or len(keys_s) in (0, len(packets)) or None in keys_s:
        return None
    times_s = sorted(time_s for time_s in keys_s if time_s is not None)
    last_s = max(time_s for time_s, _ in packets if time_s is not None)
    return max(later - earlier for earlier, later in pairwise([*times_s, max(last_s, times_s[-1])]))


def _packets(path: Path, start_s: float, stretch_s: float) -> list[_Packet]:
    """List the packets from somewhere on."""
    seek = ["-ss", f"{start_s:.3f}"] if start_s else []
    done = guard.run(
        ["-loglevel", "error", *seek, *guard.reading(path), "-map", "0:V:0",
         "-t", f"{stretch_s:.3f}", "-c", "copy", "-f", "framecrc", "pipe:1"],
        limit_s=_LIMIT_S, max_bytes=1 << 22,
    )  # fmt: skip
    tick = Fraction(1)
    packets: list[_Packet] = []
    for line in done.output.decode("utf-8", "replace").splitlines():
        if line.startswith("#tb 0:"):
            tick = Fraction(line[6:].strip())
        elif not line.startswith("#"):
            parts = line.split(",")
            pts = int(parts[2])
            is_key = not any(part.strip().startswith("F=0x") for part in parts[6:])
            packets.append(_Packet(None if pts == NO_TIME else float(pts * tick), is_key))
    return packets
