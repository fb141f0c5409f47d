"""Reads what ffmpeg prints about an opened file: the facts that its header claims.

moviepy's parser is asked for what it knows; it gets only the few lines that concern us, because it
fails on subtitles, attachments, odd metadata and missing lengths. Only text: starts and opens
nothing.
"""

from __future__ import annotations

import re
from typing import Any

_TURN = r"      display ?matrix: rotation of (-?[\d.]+) degrees"
_RIDICULOUS_FPS = 1000.0  # some headers give their clock's rate for the frame rate


class Listing:
    """The claims of one header, of the video stream that ffmpeg mapped and the first audio stream.

    Args:
        said: what `ffmpeg -i FILE -map 0:V:0 …` printed, having opened the file and mapped it.
    """

    def __init__(self, said: str) -> None:
        said = said.replace("\r", " ")
        lines = said[said.rindex("Input #0, ") :].split("\n")
        mapped = re.search(r"^  Stream #0:(\d+) -> #0:0 ", said, re.MULTILINE)
        stream = rf"  Stream #0:{mapped[1] if mapped else '0'}(?!\d).*: Video: "
        self._input = lines[0]
        self._timing = _first_line(lines, r"  Duration: ")
        self._video = _first_line(lines, stream)
        self._audio = _first_line(lines, r"  Stream #0:\d+.*: Audio: ")
        self._turn = _display_matrix(lines, self._video)
        self._parsed = self._ask_moviepy()

    @property
    def container(self) -> str:
        """The demuxer's names, such as "mov,mp4,m4a,3gp,3g2,mj2"."""
        return _found(r"Input #0, (\S+), from", self._input) or "unknown"

    @property
    def video_codec(self) -> str:
        """Its short name: "h264" for "h264 (High) (avc1 / 0x31637661)"."""
        return str(self._parsed.get("video_codec_name") or "unknown")

    @property
    def audio_codec(self) -> str | None:
        """The short name of the first sound's codec; None without sound."""
        return _found(r": Audio: (\w+)", self._audio)

    @property
    def pixel_format(self) -> str:
        """Such as "yuv420p": the part after the codec, without range and colours in brackets."""
        return _found(r": Video: \w+(?: \([^()]*\))*, (\w+)", self._video) or "unknown"

    @property
    def colours(self) -> str:
        """Matrix, primaries, transfer and range, such as "bt709/bt709/bt709/tv", or "unknown"s."""
        inside = _found(r": Video: \w+(?: \([^()]*\))*, \w+\(([^()]*)", self._video) or ""
        known = {"range": "unknown", "colours": "unknown"}
        for word in inside.split(", "):
            if word in ("tv", "pc"):
                known["range"] = word
            elif not re.search(r" bpc|progressive|first|coded", word):
                known["colours"] = word or "unknown"
        parts = known["colours"].split("/")  # one word where all three have the same
        return "/".join([*(parts if len(parts) == 3 else parts[:1] * 3), known["range"]])

    @property
    def rotation_deg(self) -> int:
        """How far a player turns the picture clockwise: 0, 90, 180 or 270."""
        return round(-self._turn / 90) * 90 % 360

    @property
    def start_s(self) -> float:
        """When the earliest stream begins, by the container's clock."""
        return float(_found(r"start: (-?[\d.]+)", self._timing) or 0)

    @property
    def duration_s(self) -> float | None:
        """How long the film is by its header, to 10 ms; None where that is silent."""
        clock = re.search(r"Duration: (\d+):(\d+):([\d.]+)", self._timing)
        if clock is None:
            return None
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])

    @property
    def fps(self) -> float | None:
        """Frames per second, on average where it varies; None where the header has no sane one."""
        fps = float(self._parsed.get("video_fps") or 0)
        return fps if 0 < fps < _RIDICULOUS_FPS else None

    def _ask_moviepy(self) -> dict[str, Any]:
        from moviepy.video.io.ffmpeg_reader import FFmpegInfosParser

        text = f"\n{self._video}"  # it passes over the first line
        try:
            parsed: dict[str, Any] = FFmpegInfosParser(text, "", check_duration=False).parse()
        except AttributeError:  # a video line without any rate: its expressions find nothing
            return {"video_codec_name": _found(r": Video: (\w+)", self._video)}
        return parsed


def _first_line(lines: list[str], pattern: str) -> str:
    return next((line for line in lines if re.match(pattern, line)), "")


def _found(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None


def _display_matrix(lines: list[str], video: str) -> float:
    """Find the turn anticlockwise in degrees, in the lines that belong to the video stream."""
    if video not in lines:
        return 0.0
    for line in lines[lines.index(video) + 1 :]:
        if line.startswith("  Stream "):
            break
        # "displaymatrix:" until ffmpeg 7, "Display Matrix:" since; moviepy knows only the former.
        found = re.match(_TURN, line, re.IGNORECASE)
        if found:
            return float(found[1])
    return 0.0
