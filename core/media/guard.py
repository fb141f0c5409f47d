"""The only place that starts ffmpeg, and what it may do: read one file, of a real container format.

An uploaded file is hostile until shown otherwise. A playlist can name other files and hosts, so
ffmpeg gets no protocol but `file` and `pipe`, and no format that refers to anything outside itself.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import DiskFullError, MediaError, MediaLimitError, NotAVideoError, ToolError

# Demuxers by ffmpeg's own names. Not among them, on purpose: concat, hls, dash, image2, lavfi, sdp.
FORMATS = (
    "3gp,asf,avi,dv,flv,gif,h264,hevc,ivf,m4v,matroska,mj2,mov,mp4,mpeg,mpegts,mpegvideo,mxf,nut,ogg,"
    "rm,vob,webm,wtv,yuv4mpegpipe"
)
MAX_PIXELS = 16384 * 8192  # a frame; 8K is a quarter of it
_FULL = "No space left on device"


def ffmpeg() -> str:
    """Give the path of the ffmpeg that comes inside imageio-ffmpeg.

    Raises:
        ToolError: there is none for this machine.
    """
    import imageio_ffmpeg  # noqa: PLC0415 - looks for the program on disk when imported

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ToolError(
            f"ffmpeg is missing ({error}). Install imageio-ffmpeg for this machine, or set "
            "IMAGEIO_FFMPEG_EXE to the path of an ffmpeg."
        ) from error


def ffmpeg_version() -> str:
    """Say which ffmpeg it is, such as "7.0.2".

    Raises:
        ToolError: it is missing or cannot start.
    """
    found = re.search(r"ffmpeg version (\S+)", run(["-version"], time_limit_s=20).stdout.decode())
    return found[1] if found else "unknown"


def reading(path: Path) -> list[str]:
    """Give the arguments that open one file for reading, and nothing else."""
    return [
        "-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS,
        "-max_pixels", str(MAX_PIXELS), "-i", address(path),
    ]  # fmt: skip


def address(path: Path) -> str:
    """Name a file so that no character of its name means anything to ffmpeg."""
    return f"file:{path.absolute()}"


def start(arguments: Sequence[str], **streams: Any) -> subprocess.Popen[bytes]:
    """Start ffmpeg; the caller ends it.

    Raises:
        ToolError: it cannot be started.
    """
    command = [ffmpeg(), "-nostdin", "-hide_banner", *arguments]
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, **streams)  # noqa: S603 - no shell
    except OSError as error:
        raise ToolError(
            f"ffmpeg at {command[0]} cannot be started: {error.strerror}. Reinstall imageio-ffmpeg."
        ) from error


def run(arguments: Sequence[str], *, time_limit_s: float) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg to its end, keeping what it prints.

    Raises:
        MediaLimitError: it was not done in time; it is killed.
        ToolError: it cannot be started.
    """
    with start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            out, said = process.communicate(timeout=time_limit_s)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise MediaLimitError(
                f"Reading the file took longer than {time_limit_s:g} s and was stopped. Convert it "
                "to H.264 in MP4 and add that."
            ) from error
    return subprocess.CompletedProcess(arguments, process.returncode, out, said)


def failure(said: str) -> MediaError | DiskFullError:
    """Turn what ffmpeg printed into the error for it; the caller raises it."""
    if _FULL in said:
        return DiskFullError("The disk is full. Free some space, then try again.")
    if "not in whitelist" in said or "not on whitelist" in said or "whitelist" in said:
        return NotAVideoError(
            "This is a playlist or another kind of file that points elsewhere, not a video; it was "
            "not followed. Add the video files themselves."
        )
    if "max_pixels" in said or "exceeds" in said or "Picture size" in said:
        return MediaLimitError(
            f"The picture is larger than {MAX_PIXELS:,} pixels, more than Reelseek decodes. "
            "Scale it down first."
        )
    if "moov atom not found" in said:
        return NotAVideoError(
            "The file breaks off before its table of contents, as an unfinished download or "
            "recording does. Fetch it again whole, or repair it."
        )
    return NotAVideoError(
        "This is not a video that can be read: the file is damaged, or of another kind than its "
        "name says. Check that it plays elsewhere."
    )
