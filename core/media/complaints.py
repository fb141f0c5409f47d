"""What ffmpeg says when it fails, as errors with sentences for a person.

Only words: starts nothing and opens nothing. The caller raises what these functions give.
"""

from __future__ import annotations

import errno
import re

from core.errors import (
    DiskFullError,
    MediaError,
    MediaLimitError,
    NoPictureError,
    NotAVideoError,
    ToolError,
)

_WHO = re.compile(r"\[[^\]\s]+ @ 0x[0-9a-f]+\] ?")  # which part of ffmpeg speaks, and its address
_TOO_LARGE = re.compile(r"exceeds specified max pixel count|size \d{5,}x\d{5,} is invalid")
_CONVERT = "Convert it to H.264 in MP4 and add that."


def missing_ffmpeg(error: Exception) -> ToolError:
    """There is no ffmpeg at all."""
    return ToolError(
        f"ffmpeg is missing ({error}). Install imageio-ffmpeg for this machine, or set "
        "IMAGEIO_FFMPEG_EXE to the path of an ffmpeg."
    )


def unstartable(program: str, error: OSError) -> ToolError:
    """The operating system does not start it."""
    advice = "Reinstall imageio-ffmpeg."
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM):
        advice = "Close other programs, or allow more files and processes, and try again."
    return ToolError(f"ffmpeg at {program} cannot be started: {error.strerror}. {advice}")


def too_slow(limit_s: float) -> MediaLimitError:
    """It gave nothing for too long: a bomb, or a disk that went away."""
    return MediaLimitError(
        f"Reading the file gave nothing for {limit_s:g} s and was stopped. {_CONVERT}"
    )


def died(signal: int) -> MediaError:
    """The decoder itself crashed on the file."""
    return MediaError(
        f"The decoder broke down while reading this file (signal {signal}). Try again; if it "
        f"happens again, the file is damaged. {_CONVERT}"
    )


def no_picture() -> NoPictureError:
    """The file opens, but its film does not begin."""
    return NoPictureError(
        "Not one whole picture of this video can be decoded: it is damaged or breaks off at once. "
        "Check that it plays elsewhere."
    )


def playlist() -> NotAVideoError:
    """The file names other files or hosts."""
    return NotAVideoError(
        "This is a playlist that points to other files, not a video; it was not followed. Add the "
        "video files themselves."
    )


def is_too_large(said: str) -> bool:
    """Say whether ffmpeg refused a picture for its size."""
    return bool(_TOO_LARGE.search(said))


def failure(said: str) -> MediaError | DiskFullError:
    """Turn what ffmpeg printed into the error for it."""
    if "No space left on device" in said:
        return DiskFullError("The disk is full. Free some space, then try again.")
    if is_too_large(said):
        return MediaLimitError(
            "The picture is larger than Reelseek decodes (67 million pixels, as 8192 by 8192). "
            "Scale it down and add that."
        )
    is_guess = "misdetection possible" in said  # nothing but the file's name spoke for a format
    if "moov atom not found" in said and not is_guess:
        return NotAVideoError(
            "The file breaks off before its table of contents, as an unfinished download or "
            "recording does. Fetch it again whole, or repair it."
        )
    return NotAVideoError(
        "This is not a video that can be read: the file is damaged, or of another kind than its "
        "name says. Check that it plays elsewhere."
    )


def no_copy(said: str) -> MediaError | DiskFullError:
    """Say why no copy that browsers can play came about."""
    if "No space left on device" in said:
        return failure(said)
    return MediaError(
        "No copy that browsers can play could be made of this video: it is damaged, or uses a "
        "codec that cannot be converted. Convert it to H.264 in MP4 elsewhere and add that."
    )


def no_edit(said: str) -> MediaError | DiskFullError:
    """Say why a good video could not be made into what was asked for, in ffmpeg's first words."""
    if "No space left on device" in said:
        return failure(said)
    first = _WHO.sub("", said).strip().splitlines()[:1] or ["no reason given"]
    return MediaError(
        f"The video cannot be made into what was asked for ({first[0][-200:]}). Ask for another "
        "codec, container or size."
    )
