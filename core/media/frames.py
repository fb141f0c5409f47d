"""The frames that a player shows at 0, every_s, 2·every_s …, in one pass of ffmpeg."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.model import VideoFacts

_MAX_LONG_SIDE = 4  # times the short side; slimmer films are squeezed to it


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture a player shows at `time_s`: uint8 RGB (height, width, 3), upright."""

    time_s: float
    rgb: NDArray[np.uint8]


def frames(
    path: Path, facts: VideoFacts, *, every_s: float = 1.0, short_side_px: int = 224
) -> Generator[Frame, None, None]:
    """Yield the frames at 0, every_s, 2·every_s … before the video's end, at least one.

    Their short side is `short_side_px`, their proportions those of the shown picture. Close the
    generator to end ffmpeg early.

    Raises:
        NoPictureError: not even the first frame can be decoded.
        MediaLimitError: the decoder gave nothing for minutes.
        MediaError: the decoder crashed.
        ToolError: ffmpeg is missing.
    """
    from core.media.reader import SampledReader  # noqa: PLC0415 - moviepy is slow to import

    reader = SampledReader(path, facts, every_s=every_s, size=scaled_size(facts, short_side_px))
    try:
        rgb: NDArray[np.uint8] | None = reader.last_read
        n = 0
        while rgb is not None and (n == 0 or n * every_s < facts.duration_s):
            yield Frame(n * every_s, rgb)
            n += 1
            rgb = reader.read_next()
    finally:
        reader.close()


def scaled_size(facts: VideoFacts, short_side_px: int) -> tuple[int, int]:
    """Give (width, height) in pixels with this short side and the shown proportions."""
    scale = short_side_px / min(facts.width_px, facts.height_px)
    longest = short_side_px * _MAX_LONG_SIDE
    width_px, height_px = (round(side * scale) for side in (facts.width_px, facts.height_px))
    return max(1, min(width_px, longest)), max(1, min(height_px, longest))
