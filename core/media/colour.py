"""Colours of high dynamic range brought to what screens, pictures and models here expect.

A phone or camera that films in HLG or PQ (Rec. ITU-R BT.2100) gives pictures that look grey and
flat where they are shown as they are. Gives filters for ffmpeg; decodes nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

from core.media import guard
from core.media.listing import Listing
from core.model import VideoFacts

_OPEN_LIMIT_S = 60.0
_MANY_BITS = re.compile(r"p0?(10|12|14|16)")  # yuv420p10le, p010le, gbrp12le; HDR has no fewer
_WHITE_NITS = 203  # of diffuse white in HDR, by Report ITU-R BT.2408


def tone_mapping(path: Path, facts: VideoFacts) -> list[str]:
    """Give the filters that bring a video's frames to BT.709; none where they are that already.

    They work on floats, so scale frames down before.

    Raises:
        MediaLimitError: the file's header could not be read in time.
        ToolError: ffmpeg is missing.
    """
    if not _MANY_BITS.search(facts.pixel_format):
        return []
    done = guard.run(
        [*guard.reading(path), "-map", "0:V:0", "-c", "copy", "-copyinkf", "-frames:v", "1",
         "-f", "null", "-"],
        limit_s=_OPEN_LIMIT_S,
    )  # fmt: skip
    said = done.said.replace(guard.address(path), "the file")
    transfer = Listing(said).transfer if "Input #0, " in said else None
    if transfer is None:
        return []
    return [
        "format=yuv444p10le",
        f"zscale=tin={transfer}:pin=bt2020:min=bt2020nc:t=linear:npl={_WHITE_NITS}",
        "format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=mobius:desat=0",
        "zscale=t=bt709:m=bt709:r=tv",
        "format=yuv444p",
    ]
