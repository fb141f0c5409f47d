"""A copy that every browser can play, for a video that they cannot.

Where only the container is at fault the streams are copied, else they are encoded as H.264 and AAC.
Times stay what they are in the original.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

from core.errors import CancelledError, MediaError
from core.media import guard
from core.model import VideoFacts

Need = Literal["direct", "remux", "transcode"]
_KEYFRAME_S = 2  # so that a seek decodes little
_MAX_SHORT_SIDE_PX = 1080
# What Chromium, Firefox and Safari all play, by ffmpeg's names. 8-bit 4:2:0 only: 10-bit H.264
# plays in Chromium alone.
_PICTURES = {"yuv420p", "yuvj420p"}
_MP4_AUDIO = {None, "aac", "mp3"}
_WEBM_AUDIO = {None, "opus", "vorbis"}


def needed(facts: VideoFacts) -> Need:
    """Say what must be done so that browsers can play a video."""
    names = set(facts.container.split(","))
    h264 = facts.video_codec == "h264" and facts.pixel_format in _PICTURES
    if names & {"mp4", "mov"}:
        modern = facts.video_codec in ("av1", "vp9") and facts.pixel_format == "yuv420p"
        if (h264 or modern) and facts.audio_codec in _MP4_AUDIO:
            return "direct"
    is_webm = "webm" in names and facts.video_codec in ("vp8", "vp9", "av1")
    if is_webm and facts.pixel_format == "yuv420p" and facts.audio_codec in _WEBM_AUDIO:
        return "direct"
    return "remux" if h264 else "transcode"


def make(
    path: Path, facts: VideoFacts, target: Path,
    *, on_progress: Callable[[float], None], cancelled: Callable[[], bool],
) -> None:  # fmt: skip
    """Write the copy: under a temporary name first, then synced and renamed.

    Args:
        path: the original.
        facts: what probe said of it.
        target: where the copy comes to lie, an MP4.
        on_progress: told 0..1 about twice a second.
        cancelled: asked as often; true ends the work.

    Raises:
        CancelledError: `cancelled` said so; nothing is left.
        MediaError: the video cannot be converted; nothing is left.
        DiskFullError: there is no room; nothing is left.
    """
    part = target.with_suffix(".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if needed(facts) != "remux" or not _try_remux(path, facts, part, on_progress, cancelled):
            _convert(path, facts, part, _encoded(facts), on_progress, cancelled)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _try_remux(
    path: Path, facts: VideoFacts, part: Path,
    on_progress: Callable[[float], None], cancelled: Callable[[], bool],
) -> bool:  # fmt: skip
    audio = "copy" if facts.audio_codec in _MP4_AUDIO else "aac"
    try:
        _convert(path, facts, part, ["-c:v", "copy", "-c:a", audio], on_progress, cancelled)
    except MediaError:
        return False  # an odd stream that MP4 does not hold as it is: encode it
    return True


def _encoded(facts: VideoFacts) -> list[str]:
    scale = min(1.0, _MAX_SHORT_SIDE_PX / min(facts.width_px, facts.height_px))
    width_px, height_px = (
        max(2, round(s * scale / 2) * 2) for s in (facts.width_px, facts.height_px)
    )
    return [
        "-vf", f"scale={width_px}:{height_px},setsar=1", "-c:v", "libx264", "-preset", "veryfast",
        "-crf", "23", "-pix_fmt", "yuv420p", "-fps_mode", "vfr",
        "-force_key_frames", f"expr:gte(t,n_forced*{_KEYFRAME_S})",
        "-c:a", "aac", "-b:a", "128k", "-ac", "2",
    ]  # fmt: skip


def _convert(
    path: Path, facts: VideoFacts, part: Path, how: list[str],
    on_progress: Callable[[float], None], cancelled: Callable[[], bool],
) -> None:  # fmt: skip
    arguments = [
        "-y", "-loglevel", "error", "-progress", "pipe:1", *guard.reading(path),
        "-map", "0:V:0", "-map", "0:a:0?", "-map_metadata", "-1", *how,
        "-movflags", "+faststart", "-f", "mp4", guard.address(part),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as errors:
        process = guard.start(arguments, stdout=subprocess.PIPE, stderr=errors)
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            _follow(process.stdout, facts, on_progress, cancelled)
            if process.wait() != 0:
                errors.seek(0)
                raise guard.failure(errors.read(20_000).decode("utf-8", "replace"))
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _follow(
    lines: IO[bytes], facts: VideoFacts,
    on_progress: Callable[[float], None], cancelled: Callable[[], bool],
) -> None:  # fmt: skip
    for line in lines:
        if cancelled():
            raise CancelledError("Making the playable copy was cancelled.")
        found = re.match(rb"out_time_us=(\d+)", line)
        if found:
            on_progress(min(1.0, int(found[1]) / 1e6 / facts.duration_s))
