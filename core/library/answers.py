"""Reads what the database answers into our records; pure.

Also reads what the official workflow wrote: videos without our properties, clips whose only time is
a range of frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from core.library import schema as s
from core.library.database import Entity, entities, groups
from core.model import (
    Bottleneck,
    Clip,
    EncoderInfo,
    Hit,
    IndexState,
    PlayState,
    Sheet,
    Span,
    Video,
    VideoFacts,
    Work,
)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_OURS = (
    "Another program put this video into the database, and it is in no index that Reelseek reads. "
    "To search it, add its file to Reelseek."
)
# `_range_type` of a clip; 2 is presumably a fraction, whose scale nobody has written down.
_FRAMES, _MICROSECONDS = 1, 3


def id_of(video: Entity) -> str:
    """Give the id of a video: ours, or the database's own where another program put it in."""
    return str(video.get(s.VIDEO_ID) or video["_uniqueid"])


def video(entity: Entity, index: str) -> Video:
    """Read a video, as it stands in this index."""
    account = s.Account(index)
    state, error = _index_state(entity, account)
    return Video(
        video_id=id_of(entity),
        name=str(entity.get(s.NAME) or id_of(entity)),
        path=entity.get(s.PATH),
        content_sha256=str(entity.get(s.CONTENT_SHA256) or ""),
        facts=facts(entity),
        added_at=_date(entity.get(s.ADDED_AT)),
        state=state,
        progress=float(entity.get(account.lane.progress) or 0.0),
        error=error,
        play_state=PlayState(entity.get(s.PLAY_LANE.state) or PlayState.DIRECT),
        play_progress=float(entity.get(s.PLAY_LANE.progress) or 0.0),
        play_error=entity.get(s.PLAY_LANE.error),
        n_clips=int(entity.get(account.n_clips) or 0),
        work=_work(entity, account) if state is IndexState.INDEXING else None,
        retry_at=_retry_at(entity, account) if state is IndexState.WAITING and error else None,
    )


def _work(entity: Entity, account: s.Account) -> Work | None:
    speed, left, bottleneck, device = (entity.get(name) for name in account.work)
    if speed is None:
        return None
    left_s = float(left or 0.0)
    return Work(
        worker=str(entity.get(account.lane.worker) or ""),
        speed=float(speed),
        left_s=None if left_s < 0 else left_s,
        bottleneck=next((one for one in get_args(Bottleneck) if one == bottleneck), None),
        device=str(device or ""),
    )


def _retry_at(entity: Entity, account: s.Account) -> datetime:
    until_us = int(entity.get(account.lane.lease_until) or 0)
    return datetime.fromtimestamp(until_us / s.US_PER_S, UTC)


def sheet(entity: Entity, jpeg: bytes = b"") -> Sheet:
    """Read a sheet of a storyboard."""
    return Sheet(
        start_s=float(entity[s.START]),
        every_s=float(entity[s.EVERY_S]),
        n_tiles=int(entity[s.N_TILES]),
        columns=int(entity[s.COLUMNS]),
        tile_width_px=int(entity[s.TILE_WIDTH_PX]),
        tile_height_px=int(entity[s.TILE_HEIGHT_PX]),
        jpeg=jpeg,
    )


def _index_state(entity: Entity, account: s.Account) -> tuple[IndexState, str | None]:
    recorded = entity.get(account.lane.state)
    if recorded:
        return IndexState(recorded), entity.get(account.lane.error)
    if entity.get(account.done):
        return IndexState.READY, None
    if entity.get(s.PLAY_LANE.state):  # ours, added while another index served
        return IndexState.WAITING, None
    return IndexState.FAILED, _NOT_OURS


def _date(value: Any) -> datetime:
    if not isinstance(value, dict):
        return _LONG_AGO
    return datetime.fromisoformat(value["_date"]).astimezone(UTC)


def facts(entity: Entity) -> VideoFacts:
    """Read what is known of the file: as we recorded it, else as the database saw it."""
    duration_s = entity.get("duration_s") or (entity.get("_duration_us") or 0) / s.US_PER_S
    return VideoFacts(
        duration_s=float(duration_s),
        width_px=int(entity.get("width_px") or entity.get("_frame_width") or 0),
        height_px=int(entity.get("height_px") or entity.get("_frame_height") or 0),
        fps=_fps(entity),
        video_codec=str(entity.get("video_codec") or ""),
        audio_codec=entity.get("audio_codec") or None,
        container=str(entity.get("container") or ""),
        pixel_format=str(entity.get("pixel_format") or ""),
        rotation_deg=int(entity.get("rotation_deg") or 0),
        size_bytes=int(entity.get("size_bytes") or 0),
        colours=str(entity.get("colours") or "") or None,
    )


def _fps(entity: Entity) -> float:
    return float(entity.get("fps") or entity.get("_fps") or 0.0)


def encoder_info(entity: Entity) -> EncoderInfo:
    """Read which model made an index; the workflow records no framing: it squeezes whole frames."""
    return EncoderInfo(
        provider=str(entity.get(s.PROVIDER) or ""),
        model=str(entity.get(s.MODEL) or ""),
        pretrained=str(entity.get(s.PRETRAINED) or ""),
        framing=str(entity.get(s.FRAMING) or "whole"),
        dimensions=int(entity["_dimensions"]),
        n_views=int(entity.get(s.N_VIEWS) or 1),
    )


def unit_rows(blobs: Sequence[bytes], dimensions: int) -> NDArray[np.float32]:
    """Read vectors, float32 (n, dimensions), at unit length: the workflow keeps them as they come.

    A vector of zeros stays one.
    """
    rows = np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), dimensions)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit


def span(clip: Entity, fps: float) -> Span | None:
    """Read the stretch of a clip or descriptor: from our own properties, else from its range.

    None where there is neither. The workflow's `stop` is the first frame of the clip after it, so
    it is read as the end; a range of a single frame lasts as long as that frame.
    """
    if clip.get(s.START) is not None and clip.get(s.END) is not None:
        return Span(float(clip[s.START]), float(clip[s.END]))
    start, stop, kind = (clip.get(f"_range_{key}") for key in ("start", "stop", "type"))
    per_s = {_FRAMES: fps, _MICROSECONDS: s.US_PER_S}.get(kind or _FRAMES, 0.0)
    if start is None or stop is None or not per_s:
        return None
    return Span(start / per_s, max(stop, start + 1) / per_s)


def clips(video_entity: Entity, clip_entities: list[Entity]) -> list[Clip]:
    """Read the clips of a video in the order of their times."""
    video_id, fps = id_of(video_entity), _fps(video_entity)
    found = []
    for entity in clip_entities:
        stretch = span(entity, fps)
        if stretch is not None:
            found.append(Clip(video_id, stretch, _best_s(entity, stretch)))
    return sorted(found, key=lambda clip: (clip.span.start_s, clip.span.end_s))


def clips_without_video(bodies: list[dict[str, Any]]) -> list[str]:
    """List the `_uniqueid`s of the clips whose descriptor no edge joins with a video."""
    videos_of = groups(bodies[2])
    clips_of = groups(bodies[1])
    return [found[0]["_uniqueid"] for at, found in clips_of.items() if at not in videos_of]


def joined(bodies: list[dict[str, Any]], by_clip: dict[str, Any]) -> dict[str, Any]:
    """Give the answer with the videos of descriptors, those added that were asked for by clip."""
    videos_of, of_clip = groups(bodies[2]), groups(by_clip)
    for at, found in groups(bodies[1]).items():
        if at not in videos_of and found[0]["_uniqueid"] in of_clip:
            videos_of[at] = of_clip[found[0]["_uniqueid"]]
    return {**bodies[2], "entities": videos_of}


def hits(bodies: list[dict[str, Any]]) -> list[tuple[Hit, int]]:
    """Join descriptors, clips and videos, best first; one hit for a clip, by its best view.

    Beside each hit is the place of its descriptor among those found.
    """
    clips_of, videos_of = groups(bodies[1]), groups(bodies[2])
    best: dict[str, tuple[Hit, int]] = {}
    for place, descriptor in enumerate(entities(bodies[0])):
        uniqueid = descriptor["_uniqueid"]
        clip = next(iter(clips_of.get(uniqueid, [])), descriptor)
        hit = _hit(descriptor, clip, next(iter(videos_of.get(uniqueid, [])), {}))
        if hit is not None:
            best.setdefault(clip["_uniqueid"], (hit, place))
    return list(best.values())


def _hit(descriptor: Entity, clip: Entity, video_entity: Entity) -> Hit | None:
    fps = _fps(video_entity)
    stretch = span(descriptor, fps) or span(clip, fps)
    if stretch is None or not video_entity:
        return None  # a vector that hangs on nothing that could be played
    video_id = id_of(video_entity)
    return Hit(
        video_id=video_id,
        name=str(video_entity.get(s.NAME) or video_id),
        span=stretch,
        best_s=_best_s(descriptor, stretch),
        similarity=float(descriptor["_distance"]),
        seen_until_s=float(descriptor.get(s.SEEN_UNTIL) or stretch.end_s),
        shot=descriptor.get(s.SHOT),
    )


def _best_s(entity: Entity, stretch: Span) -> float:
    timestamp = entity.get(s.TIMESTAMP)
    return stretch.start_s if timestamp is None else float(timestamp)
