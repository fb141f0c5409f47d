"""Builds the queries that read and remove an index, its clips, vectors and pictures.

Pure; sends nothing. The graph is the one of ApertureDB's workflow, with our properties added:
(_Clip) <-ClipHasDescriptor- (_Descriptor) <-VideoHasDescriptor{start, stop}- (_Video).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.library import schema as s
from core.library.cut_queries import cuts_of
from core.library.database import Command, Query
from core.library.video_queries import by_id
from core.model import EncoderInfo, Span

_EVERYTHING = {"all_properties": True}
# More than what sums and differences of seconds lose: start + length may be less than the end.
_ROUNDED_S = 0.001


# -- the set -----------------------------------------------------------------------------------


def find_set(index: str) -> Query:
    """Read the descriptor set with everything known about it."""
    flags = {"dimensions": True, "metrics": True, "engines": True, "counts": True}
    return [{"FindDescriptorSet": {"with_name": index, **flags, "results": _EVERYTHING}}], []


def add_set(index: str, info: EncoderInfo, source: str) -> Query:
    """Add the descriptor set; engine and metric are always said, as their defaults changed once."""
    properties = {
        **s.made_by(info),
        s.TYPE: "video",
        s.FRAMING: info.framing,
        s.N_VIEWS: info.n_views,
        s.LONGEST_CLIP_S: 0.0,
        **({s.SOURCE: source} if source else {}),
    }
    add = {
        "name": index,
        "dimensions": info.dimensions,
        "engine": "HNSW",
        "metric": "CS",
        "properties": properties,
    }
    return [{"AddDescriptorSet": add}], []


def _of_video(video: int, clips: int) -> dict[str, Any]:
    """Connect descriptors with a video, or with its clips, by these refs.

    The workflow has written the edge VideoHasDescriptor to the descriptor and, in another version,
    to its clip (apps/embeddings-extraction/app/videos.py).
    """
    by_video = {"ref": video, "connection_class": s.VIDEO_HAS_DESCRIPTOR}
    by_clip = {"ref": clips, "connection_class": s.CLIP_HAS_DESCRIPTOR}
    return {"is_connected_to": {"any": [by_video, by_clip]}}


def _of_index(index: str | None) -> dict[str, Any]:
    """Constrain descriptors to this index, None: to any; naming a `set` that is not is an error."""
    constraints = {} if index is None else {"constraints": {"_set_name": ["==", index]}}
    return {**constraints, "blobs": False}


# -- removing ----------------------------------------------------------------------------------


def clear(index: str | None, video: Mapping[str, Any]) -> list[Command]:
    """Build the commands that remove a video's clips, vectors, pictures of clips and cuts.

    Those of this index; None: of every one.
    `video` are the constraints on the video, which is ref 1 afterwards; where none meets them,
    nothing is removed. Clips that other programs added stay.
    """
    of_descriptors = {"ref": 3, "connection_class": s.CLIP_HAS_DESCRIPTOR}
    of_clips = {"ref": 4, "connection_class": s.CLIP_HAS_IMAGE}
    return [
        {"FindVideo": {"_ref": 1, "constraints": dict(video), "blobs": False}},
        {"FindClip": {"_ref": 2, "video_ref": 1, "blobs": False}},
        {"FindDescriptor": {"_ref": 3, **_of_index(index), **_of_video(1, 2)}},
        {"FindClip": {"_ref": 4, "is_connected_to": of_descriptors, "blobs": False}},
        {"FindImage": {"_ref": 5, "is_connected_to": of_clips, "blobs": False}},
        {"FindBlob": {"_ref": 6, **cuts_of(index, 1), "blobs": False}},
        {"DeleteImage": {"ref": 5}},
        {"DeleteClip": {"ref": 4}},
        {"DeleteDescriptor": {"ref": 3}},
        {"DeleteBlob": {"ref": 6}},
    ]


def delete_video(video_id: str) -> Query:
    """Delete a video and all that hangs on it, of every index.

    DeleteVideo is not documented to take clips and vectors with it, so they go explicitly.
    """
    own_images = {"constraints": {s.VIDEO_ID: ["==", video_id]}, "blobs": False}
    return [
        {"FindVideo": {"_ref": 1, "constraints": by_id(video_id), "blobs": False}},
        {"FindClip": {"_ref": 2, "video_ref": 1, "blobs": False}},
        {"FindDescriptor": {"_ref": 3, "blobs": False, **_of_video(1, 2)}},
        {"FindImage": {"_ref": 4, **own_images}},
        {"FindBlob": {"_ref": 5, **cuts_of(None, 1), "blobs": False}},
        {"DeleteBlob": {"ref": 5}},
        {"DeleteImage": {"ref": 4}},
        {"DeleteClip": {"ref": 2}},
        {"DeleteDescriptor": {"ref": 3}},
        {"DeleteVideo": {"ref": 1}},
    ], []


# -- reading -----------------------------------------------------------------------------------


def find_clips(index: str, video_id: str) -> Query:
    """Read a video and the clips that have a vector in this index, in no particular order.

    The video is the first answer, the clips are the last.
    """
    of_descriptors = {"ref": 3, "connection_class": s.CLIP_HAS_DESCRIPTOR}
    video = {"constraints": by_id(video_id), "blobs": False, "results": _EVERYTHING}
    return [
        {"FindVideo": {"_ref": 1, **video}},
        {"FindClip": {"_ref": 2, "video_ref": 1, "blobs": False}},
        {"FindDescriptor": {"_ref": 3, **_of_index(index), **_of_video(1, 2)}},
        {"FindClip": {"is_connected_to": of_descriptors, "blobs": False, "results": _EVERYTHING}},
    ], []


def count_clips(index: str, video_id: str) -> Query:
    """Count the clips of a video that have a vector in this index; in the last answer."""
    of_descriptors = {"ref": 3, "connection_class": s.CLIP_HAS_DESCRIPTOR}
    count = {"blobs": False, "results": {"count": True}}
    return [
        {"FindVideo": {"_ref": 1, "constraints": by_id(video_id), "blobs": False}},
        {"FindClip": {"_ref": 2, "video_ref": 1, "blobs": False}},
        {"FindDescriptor": {"_ref": 3, **_of_index(index), **_of_video(1, 2)}},
        {"FindClip": {"is_connected_to": of_descriptors, **count}},
    ], []


def find_poster(video_id: str) -> Query:
    """Read the poster of a video."""
    find = {"constraints": images(video_id, s.POSTER), "limit": 1, "blobs": True}
    return [{"FindImage": find}], []


def find_picture(index: str, video_id: str, at_s: float) -> Query:
    """Read the picture of the clip that holds this instant: the last one to start by then."""
    constraints = {**images(video_id, s.CLIP_PICTURE), **s.of_index(index)}
    constraints[s.START] = ["<=", max(0.0, float(at_s))]
    latest = {"key": s.START, "order": "descending"}
    find = {"constraints": constraints, "sort": latest, "limit": 1, "blobs": True}
    return [{"FindImage": find}], []


def within(
    video_ids: Sequence[str] | None, span: Span | None, longest_clip_s: float | None
) -> dict[str, Any]:
    """Constrain descriptors to those of some videos, and to what shares an instant with a stretch.

    Args:
        video_ids: None: of any video.
        span: None: of any time.
        longest_clip_s: no clip is longer, so none that reaches into the stretch starts more than
            this before it; None: nobody noted it, and all that start before its end are looked at.
    """
    scope: dict[str, Any] = {}
    if video_ids is not None:
        scope[s.VIDEO_ID] = ["in", list(video_ids)]
    if span is None:
        return scope
    starts: list[Any] = []
    if longest_clip_s is not None:
        starts += [">=", float(span.start_s - longest_clip_s - _ROUNDED_S)]
    if math.isfinite(span.end_s):  # JSON knows no endless number
        starts += ["<", float(span.end_s)]
    if starts:
        scope[s.START] = starts
    return {**scope, s.END: [">", float(span.start_s)]}


def nearest(
    index: str, vector: NDArray[np.float32], k: int, constraints: Mapping[str, Any],
    *, with_vectors: bool = False,
) -> Query:  # fmt: skip
    """Ask for the k nearest descriptors, and for the clip and the video of each by its source.

    Connected results have no order of their own, so both are grouped by the descriptor. Engine and
    metric are the set's own: another program may have made it, and naming one it lacks is an error.
    """
    find: dict[str, Any] = {
        "_ref": 1,
        "set": index,
        "k_neighbors": k,
        "knn_first": False,
        "distances": True,
        "uniqueids": True,
        "blobs": with_vectors,
        "results": _EVERYTHING,
    }
    if constraints:
        find["constraints"] = dict(constraints)
    grouped = {
        "group_by_source": True,
        "blobs": False,
        "uniqueids": True,
        "results": _EVERYTHING,
    }
    of_clip = {"ref": 1, "connection_class": s.CLIP_HAS_DESCRIPTOR}
    of_video = {"ref": 1, "connection_class": s.VIDEO_HAS_DESCRIPTOR}
    return [
        {"FindDescriptor": find},
        {"FindClip": {"is_connected_to": of_clip, **grouped}},
        {"FindVideo": {"is_connected_to": of_video, **grouped}},
    ], [vector_blob(vector)]


def videos_of(clip_uniqueids: Sequence[str]) -> Query:
    """Ask for the videos of clips, by the database's own link; grouped by clip, in the last answer.

    The link's class has no documented name, so none is said: one that joins a clip with a video by
    another class joins it with its own.
    """
    find = {"_ref": 1, "constraints": {"_uniqueid": ["in", list(clip_uniqueids)]}, "blobs": False}
    of_clips = {"is_connected_to": {"ref": 1}, "group_by_source": True, "blobs": False}
    videos = {**of_clips, "uniqueids": True, "results": _EVERYTHING}
    return [{"FindClip": find}, {"FindVideo": videos}], []


def vector_blob(vector: NDArray[np.float32]) -> bytes:
    """Give a vector as the database takes it: little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def images(video_id: str, kind: str) -> dict[str, list[Any]]:
    """Constrain to the pictures of one kind that belong to a video."""
    return {s.VIDEO_ID: ["==", video_id], s.KIND: ["==", kind]}
