"""Builds the queries that write, read and choose the list of a video's cuts in an index.

Pure; sends nothing. It is one blob: microseconds as int64, little-endian, ascending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.library import schema as s
from core.library.database import Query

_STORED = np.dtype("<i8")


def cuts_of(index: str | None, video: int) -> dict[str, Any]:
    """Choose the blob with the cuts of the video of this ref in this index; None: in any."""
    of_video = {"ref": video, "connection_class": s.VIDEO_HAS_CUTS}
    constraints = {} if index is None else {"constraints": s.of_index(index)}
    return {"is_connected_to": of_video, **constraints}


def find_cuts(index: str, video: Mapping[str, Any]) -> Query:
    """Read the blob of the video that meets the constraints."""
    find = {"FindVideo": {"_ref": 1, "constraints": dict(video), "blobs": False}}
    return [find, {"FindBlob": {**cuts_of(index, 1), "blobs": True}}], []


def add_cuts(index: str, video_id: str, cuts_s: Sequence[float]) -> Query:
    """Add the blob of the video that is ref 1; none where there are no cuts."""
    if not cuts_s:
        return [], []
    times_us = np.array([round(cut_s * s.US_PER_S) for cut_s in cuts_s], _STORED)
    properties = {s.VIDEO_ID: video_id, s.KIND: s.CUTS, **s.mark_of(index)}
    connect = {"ref": 1, "class": s.VIDEO_HAS_CUTS, "direction": "in"}
    return [{"AddBlob": {"properties": properties, "connect": connect}}], [times_us.tobytes()]


def read_cuts(blob: bytes) -> list[float]:
    """Read the blob: seconds, ascending."""
    return [time_us / s.US_PER_S for time_us in np.frombuffer(blob, _STORED).tolist()]
