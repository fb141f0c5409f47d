"""Builds the queries about videos and their work lanes: arguments in, (commands, blobs) out.

Pure; sends nothing. Follows ApertureDB's rule of always saying `blobs`, and reads a video with
`all_properties`, because naming a property that no video has yet may be answered with status 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from core.library import schema as s
from core.library.database import Command, Query
from core.library.records import Version
from core.model import VideoFacts

Constraints = dict[str, list[Any]]


def by_id(video_id: str) -> Constraints:
    """Constrain to one video: our id, or the `_uniqueid` of one that another program put in."""
    return {"_uniqueid" if is_foreign(video_id) else s.VIDEO_ID: ["==", video_id]}


def is_foreign(video_id: str) -> bool:
    """Say whether this is a `_uniqueid`, digits as in 5.6863.224520; our own ids have no dot."""
    return video_id.count(".") == 2 and video_id.replace(".", "").isdigit()


def prepare() -> Query:
    """Ask for the property indexes; repeatable."""
    return [
        {"CreateIndex": {"index_type": "entity", "class": name, "property_key": key}}
        for name, key in s.INDEXED
    ], []


def add_video(
    video_id: str, *, lane: s.Lane, name: str, path: Path, content_sha256: str,
    facts: VideoFacts, play_state: str, added_at: datetime, content: bytes | None = None,
    version: Version | None = None,
) -> Query:  # fmt: skip
    """Add a video, unless its content or its id is there already.

    By reference to its file, or where the database cannot read that, by its content.
    """
    properties: dict[str, Any] = {
        s.VIDEO_ID: video_id,
        s.NAME: name,
        s.PATH: str(path),
        s.ADDED_AT: {"_date": added_at.isoformat()},
        **content_properties(lane, content_sha256, facts, play_state, version),
    }
    command: Command = {
        "AddVideo": {
            **({"url": path.as_uri()} if content is None else {}),
            "properties": properties,
            "if_not_found": {
                "any": {s.CONTENT_SHA256: ["==", content_sha256], s.VIDEO_ID: ["==", video_id]}
            },
        }
    }
    return [command], [] if content is None else [content]


def content_properties(
    lane: s.Lane, content_sha256: str, facts: VideoFacts, play_state: str, version: Version | None
) -> dict[str, Any]:
    """Give the properties of a video whose content is new to the library; it waits in `lane`."""
    return {
        s.CONTENT_SHA256: content_sha256,
        **_fact_properties(facts),
        **version_properties(version),
        **waiting(lane),
        **waiting(s.PLAY_LANE),
        s.PLAY_LANE.state: play_state,
    }


def version_properties(version: Version | None) -> dict[str, Any]:
    """Give the properties that say which state of its file a video was made of."""
    return {} if version is None else {s.MODIFIED_US: version.modified_us}


def of_file(path: Path, version: Version) -> Constraints:
    """Constrain to what was added from this path, as the file is now."""
    return {
        s.PATH: ["==", str(path)],
        s.SIZE_BYTES: ["==", version.size_bytes],
        s.MODIFIED_US: ["==", version.modified_us],
    }


def content(video_id: str) -> Query:
    """Read a video's bytes, as they were stored."""
    find = {"constraints": by_id(video_id), "limit": 1, "blobs": True}
    return [{"FindVideo": find}], []


def _fact_properties(facts: VideoFacts) -> dict[str, Any]:
    return {
        "duration_s": float(facts.duration_s),
        "width_px": facts.width_px,
        "height_px": facts.height_px,
        "fps": float(facts.fps),
        "video_codec": facts.video_codec,
        "audio_codec": facts.audio_codec or "",
        "container": facts.container,
        "pixel_format": facts.pixel_format,
        "rotation_deg": facts.rotation_deg,
        "colours": facts.colours or "",
        s.SIZE_BYTES: facts.size_bytes,
    }


def find_videos(constraints: Mapping[str, Any] | None = None) -> Query:
    """Read videos with everything known about them, in no particular order."""
    find: dict[str, Any] = {"blobs": False, "results": {"all_properties": True}}
    if constraints:
        find["constraints"] = dict(constraints)
    return [{"FindVideo": find}], []


def chosen(
    *, added: tuple[datetime | None, datetime | None],
    duration_s: tuple[float | None, float | None], min_height_px: int | None,
) -> Constraints:  # fmt: skip
    """Constrain to videos by when they were added and by their facts; None: any.

    A picture has as many lines as its short side: an upright one counts as the same one lying.
    """
    day = tuple(None if at is None else {"_date": at.isoformat()} for at in added)
    bounds: dict[str, tuple[Any, ...]] = {
        s.ADDED_AT: day,
        "duration_s": duration_s,
        "width_px": (min_height_px, None),
        "height_px": (min_height_px, None),
    }
    found: Constraints = {}
    for key, (least, most) in bounds.items():
        both = [[">=", least]] * (least is not None) + [["<", most]] * (most is not None)
        if both:
            found[key] = [word for pair in both for word in pair]
    return found


def list_videos(constraints: Mapping[str, Any], keys: Sequence[str]) -> Query:
    """Read some properties, and the `_uniqueid`, of the videos that meet the constraints."""
    results = {"list": ["_uniqueid", *keys]}
    find = {"constraints": dict(constraints), "blobs": False, "results": results}
    return [{"FindVideo": find}], []


def count_clips(account: s.Account, video_ids: Sequence[str] | None) -> Query:
    """Count the uncounted videos of an index; then the videos, all or of these, with their clips.

    The clips themselves are not counted: that would read every one of them at each search.
    """
    scopes: list[Constraints] = [{}]
    if video_ids is not None:
        ours = [one for one in video_ids if not is_foreign(one)]
        foreign = [one for one in video_ids if is_foreign(one)]
        scopes = [{s.VIDEO_ID: ["in", ours]}, {"_uniqueid": ["in", foreign]}]
    done: Constraints = {account.done: ["==", True]}
    asked: list[tuple[Constraints, dict[str, Any]]] = [({account.n_clips: ["==", None]}, {})]
    asked += [(scope, {"sum": account.n_clips}) for scope in scopes]
    return [
        {"FindVideo": {
            "constraints": {**done, **which}, "blobs": False, "results": {"count": True, **more},
        }}
        for which, more in asked
    ], []  # fmt: skip


def update_video(
    constraints: Mapping[str, Any], properties: Mapping[str, Any], remove: Sequence[str] = ()
) -> Query:
    """Change the videos that meet the constraints; the answer counts them."""
    update: dict[str, Any] = {"constraints": dict(constraints)}
    if properties:
        update["properties"] = dict(properties)
    if remove:
        update["remove_props"] = list(remove)
    return [{"UpdateVideo": update}], []


# -- the lanes ---------------------------------------------------------------------------------


def waiting(lane: s.Lane) -> dict[str, Any]:
    """Give the properties of a video that waits in this lane and was not claimed yet."""
    return {
        lane.state: lane.waiting,
        lane.progress: 0.0,
        lane.lease_until: 0,
        lane.worker: "",
        lane.attempts: 0,
        lane.retries: 0,
    }


def claimable(lane: s.Lane, now_us: int, video_ids: Sequence[str] | None = None) -> Constraints:
    """Constrain to what waits, or was claimed by a worker whose lease has run out."""
    constraints: Constraints = {
        lane.state: ["in", [lane.waiting, lane.working]],
        lane.lease_until: ["<=", now_us],
    }
    if video_ids is not None:
        constraints[s.VIDEO_ID] = ["in", list(video_ids)]
    return constraints


def held(lane: s.Lane, video_id: str, worker: str) -> Constraints:
    """Constrain to the one video, while this worker's claim on it stands."""
    return {
        **by_id(video_id),
        lane.state: ["==", lane.working],
        lane.worker: ["==", worker],
    }


def claim_candidates(
    lane: s.Lane, now_us: int, *, limit: int, video_ids: Sequence[str] | None = None
) -> Query:
    """Read the videos that may be claimed, the oldest first."""
    find = {
        "constraints": claimable(lane, now_us, video_ids),
        "sort": {"key": s.ADDED_AT, "order": "ascending"},
        "limit": limit,
        "blobs": False,
        "results": {"all_properties": True},
    }
    return [{"FindVideo": find}], []


def claim(
    lane: s.Lane, video_id: str, worker: str, *, now_us: int, until_us: int, attempts: int
) -> Query:
    """Claim a video if it may still be claimed: a count of 1 means that it is ours."""
    properties = {
        lane.state: lane.working,
        lane.worker: worker,
        lane.lease_until: until_us,
        lane.progress: 0.0,
        lane.attempts: attempts,
    }
    constraints = {**by_id(video_id), **claimable(lane, now_us)}
    return update_video(constraints, properties, remove=[lane.error])
