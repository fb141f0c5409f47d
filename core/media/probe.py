"""What a file says of itself, and the proof that at least one picture can be decoded.

moviepy's own probe starts ffmpeg without any whitelist, so ours is guarded and only hands ffmpeg's
text to moviepy's parser; what that parser leaves out (pixel shape, format) is read here.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.errors import MediaLimitError, NoPictureError, NotAVideoError
from core.media import guard
from core.model import VideoFacts

_PROBE_LIMIT_S = 60.0
_LENGTH_LIMIT_S = 300.0
_PROOF_PX = 16
_MAX_DURATION_S = 7 * 24 * 3600
_USUAL_FPS = 25.0  # for a header that states none; only frame numbers depend on it, never times


def probe(path: Path) -> VideoFacts:
    """Read the facts of a video file and decode its first picture.

    Raises:
        NotAVideoError: empty, no video, a playlist, or damaged beyond reading.
        NoPictureError: readable, but only sound, or no whole picture.
        MediaLimitError: it is too large or takes too long.
        ToolError: ffmpeg is missing.
    """
    size_bytes = _size_bytes(path)
    proof = ["-frames:v", "1", "-vf", f"scale={_PROOF_PX}:{_PROOF_PX}", "-pix_fmt", "rgb24"]
    done = guard.run(
        [*guard.reading(path), "-map", "0:V:0", *proof, "-f", "rawvideo", "pipe:1"],
        time_limit_s=_PROBE_LIMIT_S,
    )
    said = done.stderr.decode("utf-8", "replace")
    if len(done.stdout) < _PROOF_PX * _PROOF_PX * 3:
        raise _without_picture(said)
    return _facts(path, said, size_bytes)


def _size_bytes(path: Path) -> int:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise NotAVideoError(
            f"The file {path.name!r} cannot be read: {error.strerror}. Check its name and rights."
        ) from error
    if not path.is_file():
        raise NotAVideoError(f"{path.name!r} is not a file. Add a video file.")
    if size_bytes == 0:
        raise NotAVideoError("The file is empty (0 bytes). Copy or download it again.")
    return size_bytes


def _without_picture(said: str) -> Exception:
    if "Input #0" not in said:
        return guard.failure(said)
    if not re.search(r"Stream #0:\d+.*: Video: (?!.*\(attached pic\))", said):
        return NoPictureError("The file has sound but no picture. Add a video.")
    if "max_pixels" in said or "Picture size" in said:
        return guard.failure(said)
    return NoPictureError(
        "Not one whole picture of this video can be decoded: it is damaged or breaks off at once. "
        "Check that it plays elsewhere."
    )


def _facts(path: Path, said: str, size_bytes: int) -> VideoFacts:
    infos = _parsed(said, path)
    line = next(
        found
        for found in re.findall(r"Stream #0:\d+.*: Video: .*", said)
        if "attached pic" not in found
    )
    duration_s = _duration_s(said) or _measured_duration_s(path)
    if duration_s > _MAX_DURATION_S:
        raise MediaLimitError(
            f"The file claims to last {duration_s / 3600:.0f} hours. Repair or cut it first."
        )
    rotation_deg = round(abs(infos.get("video_rotation") or _rotation_deg(said))) % 360
    width_px, height_px = _shown_size(line, rotation_deg)
    audio = re.search(r"Stream #0:\d+.*: Audio: (\w+)", said)
    return VideoFacts(
        duration_s=duration_s,
        width_px=width_px,
        height_px=height_px,
        fps=_fps(line, infos),
        video_codec=_first(r"Video: (\w+)", line),
        audio_codec=audio[1] if audio else None,
        container=_first(r"Input #0, (\S+), from", said),
        pixel_format=_first(r"Video: \w+[^,]*(?:\([^)]*\))*, (\w+)", line),
        rotation_deg=rotation_deg,
        size_bytes=size_bytes,
    )


def _parsed(said: str, path: Path) -> dict[str, Any]:
    from moviepy.video.io.ffmpeg_reader import FFmpegInfosParser

    # It takes the first "Duration:" and the default streams, and fails on headers without a size.
    try:
        parsed: dict[str, Any] = FFmpegInfosParser(
            said, str(path), fps_source="fps", check_duration=False
        ).parse()
    except (OSError, ValueError, KeyError, IndexError, AttributeError, ZeroDivisionError):
        return {}
    return parsed


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else "unknown"


def _duration_s(said: str) -> float:
    found = re.search(r"Duration: (\d+):(\d+):(\d+(?:\.\d+)?)", said)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0


def _measured_duration_s(path: Path) -> float:
    """Find the length of a file whose header states none, by reading it without decoding."""
    arguments = [*guard.reading(path), "-map", "0:V:0", "-c", "copy", "-f", "null", "pipe:1"]
    said = guard.run(arguments, time_limit_s=_LENGTH_LIMIT_S).stderr.decode("utf-8", "replace")
    times = re.findall(r"time=(\d+):(\d+):(\d+(?:\.\d+)?)", said)
    hours, minutes, seconds = times[-1] if times else ("0", "0", "0")
    # The last packet's time is where it begins; a lone picture still lasts a moment.
    return max(0.04, int(hours) * 3600 + int(minutes) * 60 + float(seconds))


def _rotation_deg(said: str) -> float:
    found = re.search(r"displaymatrix: rotation of (-?\d+(?:\.\d+)?) degrees", said)
    return float(found[1]) if found else 0.0


def _shown_size(line: str, rotation_deg: int) -> tuple[int, int]:
    """Give width and height as shown: pixels made square, then turned."""
    size = re.search(r", (\d+)x(\d+)", line)
    if size is None:
        raise NotAVideoError(
            "The file does not say how large its picture is. Convert it to MP4 first."
        )
    width_px, height_px = int(size[1]), int(size[2])
    shape = re.search(r"SAR (\d+):(\d+)", line)
    if shape and int(shape[1]) and int(shape[2]):
        width_px = max(1, round(width_px * Fraction(int(shape[1]), int(shape[2]))))
    return (height_px, width_px) if rotation_deg in (90, 270) else (width_px, height_px)


def _fps(line: str, infos: dict[str, Any]) -> float:
    found = re.search(r"([\d.]+k?) fps", line) or re.search(r"([\d.]+k?) tbr", line)
    fps = float(infos.get("video_fps") or 0)
    if found:
        number = found[1]
        fps = float(number[:-1]) * 1000 if number.endswith("k") else float(number)
    return _exact(fps) if fps > 0 else _USUAL_FPS


def _exact(fps: float) -> float:
    """Undo ffmpeg's rounding of the NTSC rates: 29.97 stands for 30000/1001."""
    ntsc = round(fps) * 1000 / 1001
    return ntsc if abs(fps - ntsc) < 0.006 and abs(fps - round(fps)) > 0.006 else fps
