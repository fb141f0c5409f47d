"""Makes other files of a video, and picks single pictures by their number.

Pictures are counted as they are decoded, which is exact at any frame rate. Where the container
knows where everything lies, ffmpeg is sent near the first one; else it decodes from the beginning.
Knows no database; what is asked for are the records of `core.model`.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.editing import Interval, VideoEdit, VideoOperation
from core.errors import DiskFullError, MediaError
from core.media import complaints, filters, guard
from core.media.probe import probe
from core.media.timetable import frame_times_s
from core.model import VideoFacts

SEEK_FROM = 250  # pictures that are decoded in vain rather than looking for the place
_SEEKABLE = ("mov", "matroska", "webm")  # with an index by time, and times in each packet
_STALL_LIMIT_S = 900.0  # without anything written; long, as many a picture may be passed over
_MARGIN_S = Fraction(1, 1000)
_ENCODERS = {
    "h264": ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"],
    "xvid": ["-c:v", "libxvid", "-q:v", "4", "-pix_fmt", "yuv420p"],
    "h263": ["-c:v", "h263p", "-q:v", "4", "-pix_fmt", "yuv420p"],
}
_OWN_NAMES = {"h264": "h264", "mpeg4": "xvid", "h263": "h263", "h263p": "h263"}
_SOUND = {"mp4": "aac", "mov": "aac", "avi": "libmp3lame"}
_KEPT_SOUND = {"mp4": ("aac", "mp3"), "mov": ("aac", "mp3"), "avi": ("mp3", "pcm_s16le")}


def pictures(
    path: Path, numbers: Sequence[int], operations: Sequence[VideoOperation] = ()
) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures with these numbers, ascending, as uint8 RGB (height, width, 3), upright.

    The first picture of the video is 0. Numbers beyond its end give its last picture once; an
    `Interval` among the operations has no meaning here.

    Raises:
        MediaError: the file cannot be read, or an operation does not fit its size.
        ToolError: ffmpeg is missing.
    """
    facts = probe(path)
    width_px, height_px = filters.size_after(operations, (facts.width_px, facts.height_px))
    seek, skipped = _place(path, facts, numbers[0])
    wanted = [number - skipped for number in numbers]
    step = filters.step_of(wanted)
    arguments = [
        "-loglevel", "error", *seek, *guard.reading(path), "-map", "0:V:0", "-vf",
        ",".join([filters.picked(Interval(wanted[0], wanted[-1], step or 1)),
                  *filters.chain(operations, facts)]),
        "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1",
    ]  # fmt: skip
    kept = None if step else {number - wanted[0] for number in wanted}
    n_bytes = width_px * height_px * 3
    with guard.Job(arguments) as job:
        n_read = 0
        while len(raw := job.read(n_bytes, limit_s=_STALL_LIMIT_S)) == n_bytes:
            if kept is None or n_read in kept:
                yield np.frombuffer(raw, np.uint8).reshape(height_px, width_px, 3)
            n_read += 1
        if job.wait(limit_s=_STALL_LIMIT_S) != 0:
            raise _failure(job.said)


def numbers_at(path: Path, times_s: Sequence[float]) -> list[int]:
    """Give for each time the number of the picture that is shown then: the last that began by then.

    Raises:
        MediaError: the file cannot be read.
        ToolError: ffmpeg is missing.
    """
    known = frame_times_s(path)
    return [max(0, bisect.bisect_right(known, _exact(time_s)) - 1) for time_s in times_s]


def _exact(time_s: float) -> Fraction:
    """Read a time to the microsecond, and a hair later: 1.033333 means a picture at 31/30 s."""
    return Fraction(round(time_s * 1_000_000) + 1, 1_000_000)


def render(path: Path, target: Path, edit: VideoEdit, *, max_bytes: int | None = None) -> None:
    """Write another video file made of this one.

    Args:
        path: the video.
        target: where to, whatever its suffix; it is written over.
        edit: what to make.
        max_bytes: after about so many, ffmpeg stops writing.

    Raises:
        MediaError: the file cannot be read, or made into what is asked for.
        DiskFullError: there is no room.
        ToolError: ffmpeg is missing.
    """
    facts = probe(path)
    container = edit.container or _container(facts)
    streams = ["-map", "0:V:0", *(["-map", "0:a:0?"] if _has_sound(edit) else [])]
    before, after = _span(path, facts, edit)
    how = _copying(facts, container) if _is_copy(edit, facts) else _encoding(edit, facts, container)
    _run([
        "-y", "-loglevel", "error", "-progress", "pipe:1", *before, *guard.reading(path), *streams,
        "-map_metadata", "-1", "-map_chapters", "-1", *after, *how,
        *([] if max_bytes is None else ["-fs", str(max_bytes)]),
        *(["-movflags", "+faststart"] if container != "avi" else []),
        "-f", container, guard.address(target),
    ])  # fmt: skip


def _has_sound(edit: VideoEdit) -> bool:
    return not any(isinstance(one, Interval) for one in edit.operations)


def _is_copy(edit: VideoEdit, facts: VideoFacts) -> bool:
    is_whole = edit.first_frame == 0 and edit.n_frames is None
    is_same = edit.codec in (None, _OWN_NAMES.get(facts.video_codec))
    return not edit.operations and is_same and (is_whole or edit.is_fast)


def _container(facts: VideoFacts) -> str:
    names = facts.container.split(",")
    return next((name for name in ("avi", "mp4") if name in names), "mp4")


def _copying(facts: VideoFacts, container: str) -> list[str]:
    is_kept = facts.audio_codec in _KEPT_SOUND[container]
    return ["-c:v", "copy", *(["-c:a", "copy"] if is_kept else _sound(container))]


def _sound(container: str) -> list[str]:
    return ["-c:a", _SOUND[container], "-b:a", "128k", "-ac", "2"]


def _encoding(edit: VideoEdit, facts: VideoFacts, container: str) -> list[str]:
    codec = edit.codec or _OWN_NAMES.get(facts.video_codec, "h264")
    multiple = 4 if codec == "h263" else 2
    chain = [*filters.chain(edit.operations, facts), filters.rounded(multiple)]
    # Frames keep their times, where the container can say them.
    exact = ["-fps_mode", "vfr", "-enc_time_base:v", "demux"]
    times = ["-fps_mode", "cfr"] if container == "avi" else exact
    return ["-vf", ",".join(chain), *times, *_ENCODERS[codec], *_sound(container)]


# -- where to begin and end --------------------------------------------------------------------


def _place(path: Path, facts: VideoFacts, number: int) -> tuple[list[str], int]:
    """Give the arguments that send ffmpeg to a picture, and how many it then passes over."""
    if number < SEEK_FROM or not _is_seekable(facts):
        return [], 0
    times_s = frame_times_s(path)
    at = min(number, len(times_s) - 1)
    return ["-ss", _seconds(_just_before(times_s, at))], at


def _is_seekable(facts: VideoFacts) -> bool:
    return any(name in _SEEKABLE for name in facts.container.split(","))


def _just_before(times_s: Sequence[Fraction], at: int) -> Fraction:
    gap_s = times_s[at] - times_s[at - 1] if at else 2 * _MARGIN_S
    return max(Fraction(0), times_s[at] - min(_MARGIN_S, gap_s / 2))


def _seconds(time_s: Fraction) -> str:
    return f"{float(time_s):.6f}"


def _span(path: Path, facts: VideoFacts, edit: VideoEdit) -> tuple[list[str], list[str]]:
    """Give the arguments before and after the input that choose from which picture to which."""
    if edit.first_frame == 0 and edit.n_frames is None:
        return [], []
    times_s = frame_times_s(path)
    first = edit.first_frame
    if first >= len(times_s):
        raise MediaError(
            f"The clip begins at picture {first} and the video has {len(times_s)}. Choose one that "
            "begins earlier."
        )
    begin_s = _just_before(times_s, first)
    seek = ["-ss", _seconds(begin_s)] if begin_s > 0 else []
    end = first + (edit.n_frames or len(times_s))
    length = ["-t", _seconds(times_s[end] - begin_s - _MARGIN_S)] if end < len(times_s) else []
    if not edit.is_fast and edit.n_frames is not None:
        length += ["-frames:v", str(edit.n_frames)]
    is_near = edit.is_fast or _is_seekable(facts)
    return (seek, length) if is_near else ([], [*seek, *length])


def _run(arguments: list[str]) -> None:
    with guard.Job(arguments) as job:
        for _ in job.lines(limit_s=_STALL_LIMIT_S):
            pass  # its progress, which shows that it is alive
        if job.wait(limit_s=_STALL_LIMIT_S) != 0:
            raise _failure(job.said)


def _failure(said: str) -> MediaError | DiskFullError:
    """Say why, once the file itself was found to be good."""
    if "No space left on device" in said:
        return complaints.failure(said)
    first = said.strip().splitlines()[:1] or ["no reason given"]
    return MediaError(
        f"The video cannot be made into what was asked for ({first[0][-200:]}). Ask for another "
        "codec, container or size."
    )
