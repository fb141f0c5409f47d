"""AddClip, FindClip, UpdateClip, DeleteClip: stretches of a video, stored as positions only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.engine import answering, finding
from core.engine.commands import objects
from core.engine.finding import VIDEO_TO_CLIP
from core.engine.language import ADD, CHOOSE, COUNT, FIND, FLAG, OBJECT, TEXT, UPDATE, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.transaction import Transaction

CLIP = "_Clip"
RANGES = {"frame_number_range": OBJECT, "time_offset_range": OBJECT}
_TIMECODE = re.compile(r"(?:(\d+):)?(?:(\d+):)?(\d+(?:\.\d{1,6})?)\Z")


@command(
    "AddClip",
    {**ADD, **RANGES, "video_ref": COUNT, "label": TEXT},
    required=("video_ref",),
    writes=True,
)
def add_clip(tx: Transaction, body: Body) -> Body:
    """Add a stretch of exactly one video."""
    videos = tx.ref(body["video_ref"])
    if len(videos) != 1:
        raise fail(f"AddClip.video_ref names {len(videos)} videos; it must name exactly one.")
    found = objects.existing(tx, body, CLIP)
    if found:
        tx.name(body, found)
        return dict(OBJECT_EXISTS)
    system = position(body) | objects.label(body)
    row_id = tx.add(CLIP, tx.user_properties(CLIP, body.get("properties")) | system)
    tx.connect(VIDEO_TO_CLIP, videos[0], row_id)
    objects.connect(tx, body, row_id, "_GenericConnection")
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def position(body: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a clip's range into its system properties: type 1 is frames, type 3 microseconds."""
    given = [name for name in RANGES if name in body]
    if len(given) != 1:
        raise fail(f"A clip needs exactly one of {', '.join(RANGES)}; {len(given)} were given.")
    name = given[0]
    span = body[name]
    if set(span) != {"start", "stop"}:
        raise fail(f"{name} is {span!r}; give start and stop.")
    read = _frame if name == "frame_number_range" else _microseconds
    start, stop = read(span["start"]), read(span["stop"])
    if stop < start:
        raise fail(f"{name} stops at {span['stop']!r}, before its start {span['start']!r}.")
    kind = 1 if name == "frame_number_range" else 3
    return {"_range_type": kind, "_range_start": start, "_range_stop": stop, f"_{name}": dict(span)}


def _frame(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise fail(f"{value!r} is no frame number; give a whole number, zero or more.")


def _microseconds(value: Any) -> int:
    match = _TIMECODE.match(value) if isinstance(value, str) else None
    if match is None:
        raise fail(f"{value!r} is no time; write hh:mm:ss.uuuuuu.")
    first, second, seconds = match.groups()
    parts = [p for p in (first, second) if p is not None]
    whole = 0
    for part in parts:
        whole = whole * 60 + int(part)
    return round((whole * 60 + float(seconds)) * 1_000_000)


@command(
    "FindClip",
    {
        **FIND,
        "blobs": FLAG,
        "video_ref": COUNT,
        "with_label": TEXT,
        "in_frame_number_range": OBJECT,
    },
    writes=False,
)
def find_clip(tx: Transaction, body: Body) -> Body:
    """Find clips; cutting their bytes out of the video is not built yet."""
    if body.get("blobs"):
        raise fail('FindClip cannot cut clips in the embedded engine yet; send "blobs": false.')
    body = objects.with_label(body)
    inside = body.pop("in_frame_number_range", None)
    if inside is not None:
        body["constraints"] = {**body.get("constraints", {}), **_inside(inside)}
    return answering.find(tx, body, CLIP)


def _inside(span: Mapping[str, Any]) -> dict[str, list[Any]]:
    if not span or set(span) - {"start", "stop"}:
        raise fail(f"in_frame_number_range is {dict(span)!r}; give start, stop or both.")
    found: dict[str, list[Any]] = {"_range_type": ["==", 1]}
    if "start" in span:
        found["_range_start"] = [">=", _frame(span["start"])]
    if "stop" in span:
        found["_range_stop"] = ["<=", _frame(span["stop"])]
    return found


@command("UpdateClip", {**UPDATE, **RANGES, "label": TEXT}, writes=True)
def update_clip(tx: Transaction, body: Body) -> Body:
    """Change properties, label or range of clips."""
    system = objects.label(body) | (position(body) if set(RANGES) & set(body) else {})
    return objects.update(tx, body, finding.chosen(tx, body, CLIP), system=system)


@command("DeleteClip", CHOOSE, writes=True)
def delete_clip(tx: Transaction, body: Body) -> Body:
    """Delete clips and their connections."""
    return objects.delete(tx, body, finding.chosen(tx, body, CLIP))
