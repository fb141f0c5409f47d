"""Makes other files of a video, and picks single pictures by their number.

Pictures are counted as they are decoded, which is exact at any frame rate. Where the container
knows where everything lies, ffmpeg is sent near the first one; else it decodes from the beginning.
Knows no database; what is asked for are the records of `core.model`.
"""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import islice, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.editing import Interval, VideoEdit, VideoOperation
from core.errors import DiskFullError, MediaError
from core.media import colour, complaints, filters, guard
from core.media.forms import Form
from core.media.probe import probe
from core.media.timetable import frame_times_s

SEEK_FROM = 250  # pictures that are decoded in vain rather than looking for the place
_SEEKABLE = ("mov", "matroska", "webm")  # with an index by time, and times in each packet
_STALL_LIMIT_S = 900.0  # without anything written; long, as many a picture may be passed over
_MARGIN_S = Fraction(1, 1000)


class _Source:
    """A video that is read; its timetable is made once, and only where somebody needs it."""

    def __init__(self, path: Path) -> None:
        self.path, self.facts = path, probe(path)

    @cached_property
    def times_s(self) -> list[Fraction]:
        return frame_times_s(self.path)

    @cached_property
    def told(self) -> list[str]:
        """The filters that say what colours are, where the video does not; see colour."""
        return colour.told(self.path, self.facts)

    @cached_property
    def to_bt709(self) -> list[str]:
        """The filters that high dynamic range needs; see colour."""
        return colour.tone_mapping(self.path, self.facts)

    @property
    def is_seekable(self) -> bool:
        return any(name in _SEEKABLE for name in self.facts.container.split(","))


def pictures(
    path: Path, numbers: Sequence[int], operations: Sequence[VideoOperation] = ()
) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures with these numbers, ascending, as uint8 RGB (height, width, 3), upright.

    The first picture of the video is 0. For each number there is one: where it lies beyond the
    last picture, that one stands in. An `Interval` among the operations has no meaning here.

    Raises:
        MediaError: the file cannot be read, or an operation does not fit its size.
        ToolError: ffmpeg is missing.
    """
    source, n_made = _Source(path), 0
    for rgb in islice(_picked(source, numbers, operations), len(numbers)):
        yield rgb
        n_made += 1
    if n_made < len(numbers):
        yield from repeat(_last(source, operations), len(numbers) - n_made)


def _picked(
    source: _Source, numbers: Sequence[int], operations: Sequence[VideoOperation]
) -> Iterator[NDArray[np.uint8]]:
    """Decode the pictures that are there. Raises as `pictures` does."""
    seek, skipped = _place(source, numbers[0])
    wanted = [number - skipped for number in numbers]
    step = filters.step_of(wanted)
    kept = None if step else {number - wanted[0] for number in wanted}
    interval = Interval(wanted[0], wanted[-1], step or 1)
    # Else ffmpeg would hand over the last of them only when it has decoded all that comes after.
    n_passed = (interval.stop - interval.start) // interval.step + 1
    picked, most = [filters.picked(interval)], ["-frames:v", str(n_passed)]
    for n, rgb in enumerate(_decoded(source, seek, picked, operations, most)):
        if kept is None or n in kept:
            yield rgb


def _last(source: _Source, operations: Sequence[VideoOperation]) -> NDArray[np.uint8]:
    """Decode the last picture, from further and further before it where the end is damaged.

    Raises:
        NoPictureError: there is none. And as `pictures` does.
    """
    n = len(source.times_s)
    for first in (n - 1, n - SEEK_FROM, 0):
        seek = ["-ss", _seconds(_just_before(source.times_s, first))] if first > 0 else []
        if found := deque(_decoded(source, seek, [], operations), maxlen=1):
            return found[0]
    raise complaints.no_picture()


def _decoded(
    source: _Source, seek: list[str], select: list[str], operations: Sequence[VideoOperation],
    most: Sequence[str] = (),
) -> Iterator[NDArray[np.uint8]]:  # fmt: skip
    """Decode what a filter lets pass, `most` so many. Raises as `pictures` does."""
    facts = source.facts
    width_px, height_px = filters.size_after(operations, (facts.width_px, facts.height_px))
    n_bytes = width_px * height_px * 3
    arguments = [
        "-loglevel", "error", *seek, *guard.reading(source.path), "-map", "0:V:0",
        "-vf", ",".join([
            *select, *source.told, *filters.chain(operations, facts, source.to_bt709),
        ]),
        "-fps_mode", "passthrough", *most, "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1",
    ]  # fmt: skip
    with guard.Job(arguments) as job:
        while len(raw := job.read(n_bytes, limit_s=_STALL_LIMIT_S)) == n_bytes:
            yield np.frombuffer(raw, np.uint8).reshape(height_px, width_px, 3)
        if job.wait(limit_s=_STALL_LIMIT_S) != 0:
            raise _failure(job.said, source.path)


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
    source = _Source(path)
    form = Form.of(edit, source.facts)
    streams = ["-map", "0:V:0", *(["-map", "0:a:0?"] if _has_sound(edit) else [])]
    before, after = _span(source, edit)
    _run([
        "-y", "-loglevel", "error", "-progress", "pipe:1", *before, *guard.reading(path), *streams,
        "-map_metadata", "-1", "-map_chapters", "-1", *after,
        *form.arguments(edit, source.told, source.to_bt709),
        *([] if max_bytes is None else ["-fs", str(max_bytes)]),
        *(["-movflags", "+faststart"] if form.container != "avi" else []),
        "-f", form.container, guard.address(target),
    ], path, target)  # fmt: skip


def _has_sound(edit: VideoEdit) -> bool:
    return not any(isinstance(one, Interval) for one in edit.operations)


# -- where to begin and end --------------------------------------------------------------------


def _place(source: _Source, number: int) -> tuple[list[str], int]:
    """Give the arguments that send ffmpeg to a picture, and how many it then passes over."""
    if number < SEEK_FROM or not source.is_seekable:
        return [], 0
    at = min(number, len(source.times_s) - 1)
    return ["-ss", _seconds(_just_before(source.times_s, at))], at


def _just_before(times_s: Sequence[Fraction], at: int) -> Fraction:
    gap_s = times_s[at] - times_s[at - 1] if at else 2 * _MARGIN_S
    return max(Fraction(0), times_s[at] - min(_MARGIN_S, gap_s / 2))


def _seconds(time_s: Fraction) -> str:
    return f"{float(time_s):.6f}"


def _span(source: _Source, edit: VideoEdit) -> tuple[list[str], list[str]]:
    """Give the arguments before and after the input that choose from which picture to which.

    The last picture stands as long as the sound goes on: what begins behind it begins with it.
    """
    if edit.first_frame == 0 and edit.n_frames is None:
        return [], []
    times_s = source.times_s
    first = min(edit.first_frame, len(times_s) - 1)
    begin_s = _just_before(times_s, first)
    seek = ["-ss", _seconds(begin_s)] if begin_s > 0 else []
    end = edit.first_frame + (edit.n_frames or len(times_s))
    length = ["-t", _seconds(times_s[end] - begin_s - _MARGIN_S)] if end < len(times_s) else []
    if not edit.is_fast and edit.n_frames is not None:
        length += ["-frames:v", str(edit.n_frames)]
    is_near = edit.is_fast or source.is_seekable
    return (seek, length) if is_near else ([], [*seek, *length])


def _run(arguments: list[str], *paths: Path) -> None:
    with guard.Job(arguments) as job:
        n_made = 0
        for line in job.lines(limit_s=_STALL_LIMIT_S):  # its progress: it is alive
            if line.startswith("frame="):
                n_made = int(line.removeprefix("frame="))
        if job.wait(limit_s=_STALL_LIMIT_S) != 0:
            raise _failure(job.said, *paths)
    if n_made == 0:
        raise MediaError(
            "The video has none of the pictures that were asked for. Ask for an interval that "
            "begins earlier."
        )


def _failure(said: str, *paths: Path) -> MediaError | DiskFullError:
    """Say why, once the file itself was found to be good."""
    for path in paths:
        said = said.replace(guard.address(path), "the file")
    return complaints.no_edit(said)
