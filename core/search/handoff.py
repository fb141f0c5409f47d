"""Moments as other programs take them: a table, a cut list for editors, clips as files.

Each is handed over as it is played, with the padding that was asked for. Knows moments and where
videos lie; neither the library nor the screen.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.editing import VideoEdit
from core.errors import DatabaseError, DiskFullError, ExportError, LibraryError, MediaError
from core.media import edits
from core.model import Moment, Span, Video

_COLUMNS = ("video", "path", "start_s", "end_s", "best_s", "score", "video_id", "moment_id")
_AN_INSTANT_S = 1e-5  # a clip ends just before the picture that begins at its end
_LONGEST_NAME = 80


def table(moments: Sequence[Moment], videos: Mapping[str, Video]) -> str:
    """Give CSV with a header: one line a moment, in their order, times in seconds.

    Args:
        moments: what to list.
        videos: those of the moments, by id.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for moment in moments:
        path = videos[moment.video_id].path or ""
        span = moment.play_span
        times = (f"{at:.3f}" for at in (span.start_s, span.end_s, moment.best_s))
        ids = (moment.video_id, moment.moment_id)
        row = (moment.name, path, *times, f"{moment.score:.4f}", *ids)
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a video's name for a formula (OWASP: CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def cut_list(moments: Sequence[Moment], videos: Mapping[str, Video], title: str) -> str:
    """Give an edit decision list as CMX 3600 has it: one cut a moment, one behind the other.

    Timecodes count frames without dropping any, from the first picture of each video at 0, at the
    rate of the first moment's video, rounded to a whole number.

    Args:
        moments: what to list.
        videos: those of the moments, by id.
        title: what was looked for.
    """
    lines = [f"TITLE: {_one_line(title)[:70]}", "FCM: NON-DROP FRAME", ""]
    at_s = 0.0
    rate = max(1, round(videos[moments[0].video_id].facts.fps)) if moments else 25
    for n, moment in enumerate(moments, 1):
        span = moment.play_span
        end_s = at_s + span.end_s - span.start_s
        times = (span.start_s, span.end_s, at_s, end_s)
        codes = " ".join(timecode(time_s, rate) for time_s in times)
        lines += [
            f"{n:03d}  AX       V     C        {codes}",
            f"* FROM CLIP NAME: {_one_line(moment.name)}",
            f"* SOURCE FILE: {_one_line(videos[moment.video_id].path or '')}",
            "",
        ]
        at_s = end_s
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def timecode(time_s: float, rate: int) -> str:
    """Write hh:mm:ss:ff at a whole number of frames per second."""
    seconds, frames = divmod(round(time_s * rate), rate)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}:{frames:02d}"


def cut(path: Path, span: Span, target: Path) -> None:
    """Write the pictures of [start_s, end_s) of a video, with its sound, as an MP4.

    Exact to the picture, so it is encoded again; at least one picture.

    Raises:
        MediaError: the video cannot be read or cut.
        DiskFullError: there is no room.
        ToolError: ffmpeg is missing.
    """
    last_s = max(span.start_s, span.end_s - _AN_INSTANT_S)
    first, last = edits.numbers_at(path, [span.start_s, last_s])
    part = target.with_suffix(".part")
    try:
        edits.render(path, part, VideoEdit(first, last - first + 1, codec="h264", container="mp4"))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def clip_name(rank: int, moment: Moment) -> str:
    """Name a moment's file: its rank, its video, where it begins."""
    name = re.sub(r"[^\w\-. ]", "_", Path(moment.name).stem).strip(". ")[:_LONGEST_NAME]
    return f"{rank:03d} {name or 'video'} {moment.play_span.start_s:.2f}s.mp4"


def cut_all(
    moments: Sequence[Moment], videos: Mapping[str, Video], folder: Path,
    original: Callable[[Video], Path | None], tell: Callable[[Path], None] = lambda _: None,
) -> list[str]:  # fmt: skip
    """Cut each moment into a file of a folder, which is made; go on where one cannot be cut.

    Args:
        moments: what to cut.
        videos: those of the moments, by id.
        folder: where to.
        original: gives a video's own file, fetched where need be; None: it cannot be had.
        tell: told each file that is done.

    Returns:
        A sentence for each moment that was left out: its rank, its video, and why.

    Raises:
        DiskFullError, ToolError: as `cut`; no other moment could be cut either.
        ExportError: the folder cannot be made.
    """
    _make(folder)
    left_out = []
    for rank, moment in enumerate(moments, 1):
        target = folder / clip_name(rank, moment)
        try:
            cut(_file_of(videos[moment.video_id], original), moment.play_span, target)
        except DiskFullError:
            raise
        except (ExportError, MediaError, LibraryError, DatabaseError) as error:
            left_out.append(f"{rank:03d} {moment.name} was left out: {error}")
        else:
            tell(target)
    return left_out


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"The folder {folder} cannot be made ({error.strerror}). Name another for the clips."
        ) from error


def _file_of(video: Video, original: Callable[[Video], Path | None]) -> Path:
    path = original(video)
    if path is None:
        raise ExportError(
            "Its file is not on this machine, so nothing can be cut out of it. Export a table, or "
            "run this where the file is."
        )
    return path
