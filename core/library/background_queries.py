"""Builds the queries by which a search learns what is usual in an index, and keeps what it learned.

Pure; sends nothing. What is kept is one blob, whose content only the search knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.library import schema as s
from core.library.database import Command, Query
from core.library.index_queries import vector_blob
from core.library.video_queries import by_id


def find_some(index: str, parts: Sequence[tuple[str, int, int]]) -> Query:
    """Read vectors of several videos: of each part (video_id, offset, how many at most)."""
    commands: list[Command] = []
    for number, (video_id, offset, limit) in enumerate(parts, start=1):
        of_video = {"ref": number, "connection_class": s.VIDEO_HAS_DESCRIPTOR}
        find = {
            "constraints": {"_set_name": ["==", index]},
            "is_connected_to": of_video,
            "offset": offset,
            "limit": limit,
            "blobs": True,
            "uniqueids": True,
        }
        video = {"_ref": number, "constraints": by_id(video_id), "blobs": False}
        commands += [{"FindVideo": video}, {"FindDescriptor": find}]
    return commands, []


def nearest_to_each(index: str, vectors: NDArray[np.float32]) -> Query:
    """Ask for the one nearest vector to each row, with its distance and its numbers."""
    find: dict[str, Any] = {
        "set": index,
        "k_neighbors": 1,
        "distances": True,
        "uniqueids": True,
        "blobs": True,
    }
    return [{"FindDescriptor": find} for _ in vectors], [vector_blob(row) for row in vectors]


def count_within(index: str, constraints: dict[str, Any]) -> Query:
    """Count the vectors that meet the constraints, reading none."""
    find = {"constraints": {"_set_name": ["==", index], **constraints}, "blobs": False}
    return [{"FindDescriptor": {**find, "results": {"count": True}}}], []


def _kept(index: str, kind: str) -> dict[str, Any]:
    return {s.KIND: ["==", kind], s.INDEX_NAME: ["==", index]}


def find_kept(index: str, kind: str) -> Query:
    """Read what was kept under this kind."""
    find = {"constraints": _kept(index, kind), "blobs": True, "limit": 1, "uniqueids": True}
    return [{"FindBlob": find}], []


def keep(index: str, kind: str, content: bytes) -> Query:
    """Keep this in the place of what was kept before, in one transaction."""
    properties = {s.KIND: kind, s.INDEX_NAME: index}
    return [
        {"FindBlob": {"_ref": 1, "constraints": _kept(index, kind), "blobs": False}},
        {"DeleteBlob": {"ref": 1}},
        {"AddBlob": {"properties": properties}},
    ], [content]
