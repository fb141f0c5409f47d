"""Builds the queries that write clips, their vectors and their pictures.

Pure; sends nothing. The graph is the one of ApertureDB's workflow, with our properties added:
(_Clip) <-ClipHasDescriptor- (_Descriptor) <-VideoHasDescriptor{start, stop}- (_Video).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.library import schema as s
from core.library.cut_queries import add_cuts
from core.library.database import Command, Query
from core.library.index_queries import clear, images, vector_blob
from core.library.records import NewClip
from core.model import Sheet, Span, VideoFacts, Work

# Tolerance, in frames, when a time is turned into a frame number: 0.1 * 30 is 3.0000000000000004.
_FRAME_SLACK = 1e-6


def frame_range(span: Span, facts: VideoFacts) -> tuple[int, int]:
    """Give the first and the last frame shown during a span; both exist in the video."""
    last_frame = facts.n_frames - 1
    start = min(math.floor(span.start_s * facts.fps + _FRAME_SLACK), last_frame)
    stop = math.ceil(span.end_s * facts.fps - _FRAME_SLACK) - 1
    return start, min(max(start, stop), last_frame)


def save_clips(
    index: str, video: Mapping[str, Any], video_id: str, facts: VideoFacts,
    clips: Sequence[NewClip], cuts_s: Sequence[float] = (),
) -> Query:  # fmt: skip
    """Add clips with their vectors and pictures, and cuts, in one query.

    `video` holds the constraints that the video must still meet: AddClip fails, and the whole
    query with it, where its `video_ref` names no video.
    """
    commands: list[Command] = [{"FindVideo": {"_ref": 1, "constraints": video, "blobs": False}}]
    blobs: list[bytes] = []
    for clip in clips:
        # Each clip takes one number for itself and one for each of its vectors.
        ref = 2 + len(blobs)
        more, more_blobs = _save_clip(index, video_id, facts, clip, ref)
        commands += more
        blobs += more_blobs
    cuts, cuts_blobs = add_cuts(index, video_id, cuts_s)
    return [*commands, *cuts, *_note_longest(index, clips)], [*blobs, *cuts_blobs]


def _note_longest(index: str, clips: Sequence[NewClip]) -> list[Command]:
    """Note with the set how long its longest clip is, where that is noted and grew.

    A set without the note may hold clips that nobody measured: nothing is smaller than nothing.
    """
    if not clips:
        return []
    longest_s = max(float(clip.span.end_s) - float(clip.span.start_s) for clip in clips)
    constraints = {"_name": ["==", index], s.LONGEST_CLIP_S: ["<", longest_s]}
    update = {"constraints": constraints, "properties": {s.LONGEST_CLIP_S: longest_s}}
    return [{"UpdateDescriptorSet": update}]


def _save_clip(
    index: str, video_id: str, facts: VideoFacts, clip: NewClip, ref: int
) -> tuple[list[Command], list[bytes]]:
    start, stop = frame_range(clip.span, facts)
    properties = {
        s.VIDEO_ID: video_id,
        s.START: float(clip.span.start_s),
        s.END: float(clip.span.end_s),
        s.TIMESTAMP: float(clip.best_s),
        s.SEEN_UNTIL: float(clip.seen_until_s),
        s.SHOT: clip.shot,
        s.FRAME_NUMBER: math.floor(clip.best_s * facts.fps + _FRAME_SLACK),
    }
    frames = {"start": start, "stop": stop}
    picture = {
        "properties": {**properties, s.KIND: s.CLIP_PICTURE, **s.mark_of(index)},
        "connect": {"ref": ref, "class": s.CLIP_HAS_IMAGE, "direction": "in"},
    }
    commands: list[Command] = [
        {
            "AddClip": {
                "_ref": ref,
                "video_ref": 1,
                "frame_number_range": frames,
                "properties": properties,
            }
        },
        {"AddImage": picture},
    ]
    for number in range(1, len(clip.vectors) + 1):
        commands += _add_descriptor(index, properties, frames, ref, ref + number)
    return commands, [clip.jpeg, *(vector_blob(row) for row in clip.vectors)]


def _add_descriptor(
    index: str, properties: dict[str, Any], frames: dict[str, int], clip_ref: int, ref: int
) -> list[Command]:
    descriptor = {
        "_ref": ref,
        "set": index,
        "properties": properties,
        "connect": {"ref": clip_ref, "class": s.CLIP_HAS_DESCRIPTOR},
    }
    edge = {"class": s.VIDEO_HAS_DESCRIPTOR, "src": 1, "dst": ref, "properties": frames}
    return [{"AddDescriptor": descriptor}, {"AddConnection": edge}]


def work(account: s.Account, said: Work | None) -> dict[str, Any]:
    """Give what a worker said of its video as properties."""
    if said is None:
        return {}
    left_s = -1.0 if said.left_s is None else float(said.left_s)
    values = (float(said.speed), left_s, said.bottleneck or "", said.device)
    return dict(zip(account.work, values, strict=True))


def replace_content(
    video: Mapping[str, Any], account: s.Account, others: Sequence[s.Account],
    properties: Mapping[str, Any],
) -> Query:  # fmt: skip
    """Give the videos that meet the constraints other content, and forget every index of the old.

    They then wait in the lane of `account`, as `properties` say; `others` are those of the other
    indexes.
    """
    properties = {account.done: False, account.n_clips: 0, **properties}
    gone = [name for one in others for name in one.all] + [account.indexed_us, s.FOUND_US]
    update: dict[str, Any] = {"ref": 1, "properties": properties, "remove_props": gone}
    return [*clear(None, video), {"UpdateVideo": update}], []


def save_sheets(
    index: str, video_id: str, video: Mapping[str, Any], sheets: Sequence[Sheet]
) -> Query:
    """Add sheets of a video's storyboard, if it meets the constraints `video`."""
    commands: list[Command] = [
        {"FindVideo": {"_ref": 1, "constraints": dict(video), "blobs": False}}
    ]
    commands += [_add_sheet(index, video_id, sheet) for sheet in sheets]
    return commands, [sheet.jpeg for sheet in sheets]


def _add_sheet(index: str, video_id: str, sheet: Sheet) -> Command:
    properties = {
        s.VIDEO_ID: video_id,
        s.KIND: s.STORYBOARD,
        **s.mark_of(index),
        s.START: float(sheet.start_s),
        s.END: float(sheet.start_s + sheet.n_tiles * sheet.every_s),
        s.EVERY_S: float(sheet.every_s),
        s.N_TILES: sheet.n_tiles,
        s.COLUMNS: sheet.columns,
        s.TILE_WIDTH_PX: sheet.tile_width_px,
        s.TILE_HEIGHT_PX: sheet.tile_height_px,
    }
    connect = {"ref": 1, "class": s.VIDEO_HAS_IMAGE, "direction": "in"}
    return {"AddImage": {"properties": properties, "connect": connect}}


def clear_sheets(index: str, video: Mapping[str, Any]) -> Query:
    """Remove the storyboards of this index that belong to videos that meet the constraints."""
    of_video = {"ref": 1, "connection_class": s.VIDEO_HAS_IMAGE}
    constraints = {s.KIND: ["==", s.STORYBOARD], **s.of_index(index)}
    sheets = {"constraints": constraints, "blobs": False}
    return [
        {"FindVideo": {"_ref": 1, "constraints": dict(video), "blobs": False}},
        {"FindImage": {"_ref": 2, "is_connected_to": of_video, **sheets}},
        {"DeleteImage": {"ref": 2}},
    ], []


def find_sheets(index: str, video_id: str, at_s: float | None) -> Query:
    """Read what is known of a video's sheets; with `at_s`, the one that holds it, and its JPEG."""
    constraints = {**images(video_id, s.STORYBOARD), **s.of_index(index)}
    if at_s is not None:
        constraints[s.START] = ["<=", max(0.0, float(at_s))]
    find: dict[str, Any] = {
        "constraints": constraints,
        "sort": {"key": s.START, "order": "ascending" if at_s is None else "descending"},
        "blobs": at_s is not None,
        "results": {"all_properties": True},
    }
    return [{"FindImage": find if at_s is None else {**find, "limit": 1}}], []


def save_poster(video_id: str, video: Mapping[str, Any], jpeg: bytes) -> Query:
    """Put a poster in the place of the one that is there, if it meets the constraints `video`."""
    poster = {
        "properties": {s.VIDEO_ID: video_id, s.KIND: s.POSTER},
        "connect": {"ref": 1, "class": s.VIDEO_HAS_IMAGE, "direction": "in"},
    }
    of_video = {"ref": 1, "connection_class": s.VIDEO_HAS_IMAGE}
    posters = {"constraints": {s.KIND: ["==", s.POSTER]}}
    return [
        {"FindVideo": {"_ref": 1, "constraints": dict(video), "blobs": False}},
        {"FindImage": {"_ref": 2, "is_connected_to": of_video, **posters, "blobs": False}},
        {"DeleteImage": {"ref": 2}},
        {"AddImage": poster},
    ], [jpeg]
