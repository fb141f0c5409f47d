"""What the numbers in a video's pictures mean as colours, and what is done about it.

Most videos do not say how brightness and two differences of colour become red, green and blue: by
the matrix of BT.709 or by that of BT.601. Browsers guess it by the size, ffmpeg does not. And a
phone or camera that films in HLG or PQ (Rec. ITU-R BT.2100) gives pictures that look grey and flat
where they are shown as they are. Gives filters for ffmpeg; decodes nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from core.media import guard
from core.media.listing import Listing
from core.model import VideoFacts

_OPEN_LIMIT_S = 60.0
_HAS_MATRIX = re.compile(r"yuv|^(nv|p[024]|uyv|vuy|yuy|yvy|y2|xv)")  # others are RGB, or grey
_IS_RGB = re.compile(r"rgb|bgr|gbr|pal8")
_MANY_BITS = re.compile(r"p0?(10|12|14|16)")  # yuv420p10le, p010le, gbrp12le; HDR has no fewer
_HDR = ("smpte2084", "arib-std-b67")  # PQ and HLG
_WHITE_NITS = 203  # of diffuse white in HDR, by Report ITU-R BT.2408

# As Chromium 150 shows what is silent: BT.709 from so many lines on.
_HD_LINES = 720
# Chromium takes these for BT.601 at any size.
_NOT_BY_SIZE = ("vp9", "av1")
# The matrix, and what to call it, its primaries and its transfer; bt470bg has the same numbers.
_NAMES = {"bt709": "bt709", "smpte170m": "smpte170m", "bt470bg": "smpte170m"}
_SILENT = ("unknown", "reserved")


class _Said(NamedTuple):
    """What a file says of its colours, by ffmpeg's names."""

    matrix: str
    primaries: str
    transfer: str
    range: str


def told(path: Path, facts: VideoFacts) -> list[str]:
    """Give the filters that tell frames their colours where the file does not say all of it.

    They cost nothing. Put them before the first filter that makes other colours of frames, or
    where the result is to say what it is: browsers heed no matrix without primaries and transfer.
    None where the file says it, where it has no matrix, and for high dynamic range.

    Raises:
        MediaLimitError: the file's header could not be read in time.
        ToolError: ffmpeg is missing.
    """
    said = _said(path, facts) if _HAS_MATRIX.search(facts.pixel_format) else None
    if said is None or said.transfer in _HDR:
        return []
    matrix = _guess(facts, said) if said.matrix in _SILENT else said.matrix
    if matrix not in _NAMES or not set(said[:3]).intersection(_SILENT):
        return []
    wanted = zip(("colorspace", "color_primaries", "color_trc"), said, strict=False)
    missing = [f"{name}={_NAMES[matrix]}" for name, word in wanted if word in _SILENT]
    return ["setparams=" + ":".join(missing)]


def _guess(facts: VideoFacts, said: _Said) -> str:
    """Guess the matrix as players do: by the lines as they are stored, before it is turned."""
    n_lines = facts.width_px if facts.rotation_deg % 180 else facts.height_px
    is_full = said.range == "pc" or "yuvj" in facts.pixel_format  # as JPEG has it, with BT.601
    is_hd = n_lines >= _HD_LINES and facts.video_codec not in _NOT_BY_SIZE and not is_full
    return "bt709" if is_hd else "smpte170m"


def encoded(pixel_format: str, n_lines: int) -> list[str]:
    """Give the filters that frames of this format and height need before they are encoded.

    Made of red, green and blue (a GIF, a screen), they would have BT.601's matrix and not say so,
    and players would take those of so many lines for BT.709: so they get that, and say it.
    """
    if not _IS_RGB.search(pixel_format) or n_lines < _HD_LINES:
        return []
    says = "colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
    return ["scale=out_color_matrix=bt709:out_range=tv", "format=yuv420p", f"setparams={says}"]


def tone_mapping(path: Path, facts: VideoFacts) -> list[str]:
    """Give the filters that bring a video's frames to BT.709; none where they are that already.

    They work on floats, so scale frames down before.

    Raises:
        MediaLimitError: the file's header could not be read in time.
        ToolError: ffmpeg is missing.
    """
    said = _said(path, facts) if _MANY_BITS.search(facts.pixel_format) else None
    if said is None or said.transfer not in _HDR:
        return []
    return [
        "format=yuv444p10le",
        f"zscale=tin={said.transfer}:pin=bt2020:min=bt2020nc:t=linear:npl={_WHITE_NITS}",
        "format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=mobius:desat=0",
        "zscale=t=bt709:m=bt709:r=tv",
        "format=yuv444p",
    ]


def _said(path: Path, facts: VideoFacts) -> _Said | None:
    """Give what a file says, by the facts where they know it; None where it cannot be opened."""
    known = (facts.colours or "").split("/")
    if len(known) == len(_Said._fields):
        return _Said(*known)
    done = guard.run(
        [*guard.reading(path), "-map", "0:V:0", "-c", "copy", "-copyinkf", "-frames:v", "1",
         "-f", "null", "-"],
        limit_s=_OPEN_LIMIT_S,
    )  # fmt: skip
    said = done.said.replace(guard.address(path), "the file")
    return _Said(*Listing(said).colours.split("/")) if "Input #0, " in said else None
