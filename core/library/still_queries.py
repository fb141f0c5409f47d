"""Builds the query that has the database make pictures of a video, where none were stored.

Pure; sends nothing. ApertureDB's workflow stores no pictures, but its clips are ranges of frames,
and ExtractFrames makes a picture of a frame by its number. Only what is documented is asked for:
numbers that are there, ascending, of one video, the format said (reference: ExtractFrames).
"""

from __future__ import annotations

import math
from typing import Any

from core.library import answers
from core.library.database import Entity, Query

# Seconds are frames over the rate, so a frame's own instant may come back a little too early.
_ROUNDED = 1e-3  # of a frame


def extract(video: Entity, start_s: float, *, n: int, every_s: float, max_px: int) -> Query | None:
    """Have JPEGs made of `n` frames so far apart, or of as many as there are from there on.

    Args:
        video: as FindVideo lists it.
        start_s: the instant of the first; beyond the end, the last frame stands in.
        n: how many.
        every_s: between one and the next.
        max_px: the long side of each, or less where the video is smaller.

    Returns:
        None where nobody knows which frame is shown when.
    """
    fps = answers.facts(video).fps
    n_frames = int(video.get("_frame_count") or 0)
    if fps <= 0 or n_frames < 1:
        return None
    first = frame_at(start_s, fps, n_frames)
    step = max(1, round(every_s * fps))
    command = {
        "video_ref": 1,
        "frame_spec": list(range(first, n_frames, step))[:n],
        "as_format": "jpg",
        **_resized(video, max_px),
    }
    this = {"_uniqueid": ["==", video["_uniqueid"]]}
    find = {"FindVideo": {"_ref": 1, "constraints": this, "blobs": False}}
    return [find, {"ExtractFrames": command}], []


def frame_at(at_s: float, fps: float, n_frames: int) -> int:
    """Give the number of the frame that is shown then; beyond the end, that of the last."""
    return math.floor(min(at_s * fps + _ROUNDED, n_frames - 1))  # the product may be infinite


def _resized(video: Entity, max_px: int) -> dict[str, Any]:
    """Make the long side so long; the other follows, as only one is said."""
    facts = answers.facts(video)
    if 0 < max(facts.width_px, facts.height_px) <= max_px:
        return {}
    side = "width" if facts.width_px >= facts.height_px else "height"
    return {"operations": [{"type": "resize", side: max_px}]}
