"""The records that say what another file is made of a video. Frozen values, no input or output.

The engine has the words of ApertureDB for these, core.media does them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resize:
    """A new size: by both sides, by one that keeps the proportions, or by a factor."""

    width_px: int | None = None
    height_px: int | None = None
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the picture, from its upper left corner."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """Values below this, 0..255 in each colour, become 0."""

    value: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Every `step`th picture from number `start` to `stop`, both included."""

    start: int
    stop: int
    step: int = 1


VideoOperation = Resize | Crop | Threshold | Interval


@dataclass(frozen=True, slots=True)
class VideoEdit:
    """What another file is made of a video: which pictures of it, changed how, in which form.

    None keeps what the video has. A fast cut copies from key frame to key frame, without decoding.
    """

    first_frame: int = 0
    n_frames: int | None = None  # to the end
    operations: tuple[VideoOperation, ...] = ()
    codec: str | None = None  # h264, xvid or h263
    container: str | None = None  # mp4, mov or avi
    is_fast: bool = False
