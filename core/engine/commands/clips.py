"""AddClip, FindClip, UpdateClip, DeleteClip: stretches of a video, stored as positions only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.engine import answering, constraints, finding, kinds
from core.engine import messages as say
from core.engine.answering import Choice
from core.engine.commands import objects
from core.engine.commands.videos import VIDEO
from core.engine.constraints import Condition
from core.engine.kinds import COUNT, FLAG, TEXT, Kind
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.links import VIDEO_TO_CLIP
from core.engine.messages import SUCCESS, fail, joined
from core.engine.transaction import Transaction

CLIP = "_Clip"
_TIMECODE = re.compile(r"(?:(\d{1,9}):)?(?:(\d{1,9}):)?(\d{1,9}(?:\.\d{1,6})?)\Z", re.ASCII)
_TIME = Kind("a time, hh:mm:ss.uuuuuu", lambda v: isinstance(v, str) and bool(_TIMECODE.match(v)))
# What a range is called, its `_range_type`, and the kind of its two ends; 2 are fractions.
_RANGES: dict[str, tuple[int, Kind]] = {
    "frame_number_range": (1, COUNT),
    "time_offset_range": (3, _TIME),
}
_RANGE_PARAMETERS = {
    name: kinds.members({"start": end, "stop": end}, "start", "stop")
    for name, (_, end) in _RANGES.items()
}


@command(
    "AddClip",
    {**ADD, **_RANGE_PARAMETERS, "video_ref": kinds.REF, "label": TEXT},
    required=("video_ref",),
    writes=True,
    check=lambda body: _position(body, "AddClip"),
)
def add_clip(tx: Transaction, body: Body) -> Body:
    """Add a stretch of exactly one video."""
    videos = finding.chosen(tx, {"ref": body["video_ref"]}, VIDEO, place="AddClip.video_ref")
    if len(videos) != 1:
        raise fail(say.NOT_ONE_VIDEO, place="AddClip.video_ref", n_found=len(videos))
    system = _position(body, "AddClip") | _label(body)
    if answer := objects.existing(tx, body, CLIP):
        return answer
    row_id = tx.add(CLIP, tx.user_properties(CLIP, body.get("properties")) | system)
    tx.connect(VIDEO_TO_CLIP, videos[0], row_id)
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def _label(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"_label": body["label"]} if "label" in body else {}


def _position(body: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Turn a clip's range into its system properties."""
    given = [name for name in _RANGES if name in body]
    if len(given) != 1:
        raise fail(say.ONE_RANGE, place=place, known=joined(list(_RANGES)), n_given=len(given))
    name = given[0]
    span = body[name]
    start, stop = (_number(span[end]) for end in ("start", "stop"))
    if stop < start:
        place = f"{place}.{name}"
        raise fail(say.BACKWARDS, place=place, start=span["start"], stop=span["stop"])
    kind = _RANGES[name][0]
    return {"_range_type": kind, "_range_start": start, "_range_stop": stop, f"_{name}": dict(span)}


def _number(end: int | str) -> int:
    """Give a frame number as it is, and a time in microseconds."""
    if isinstance(end, int):
        return end
    match = _TIMECODE.match(end)
    assert match is not None  # noqa: S101 - it was checked with the command
    *before, seconds = (part for part in match.groups() if part is not None)
    minutes = 0
    for part in before:
        minutes = minutes * 60 + int(part)
    return minutes * 60_000_000 + round(float(seconds) * 1_000_000)


def _no_bytes(body: Body) -> None:
    if body.get("blobs"):
        raise fail(say.NO_CLIP_BYTES)


_INSIDE = kinds.members({"start": COUNT, "stop": COUNT})


@command(
    "FindClip",
    {
        **FIND,
        "blobs": FLAG,
        "video_ref": kinds.REF,
        "with_label": TEXT,
        "in_frame_number_range": _INSIDE,
    },
    writes=False,
    check=_no_bytes,
)
def find_clip(tx: Transaction, body: Body) -> Body:
    """Find clips; cutting their bytes out of the video is not built yet."""
    also = objects.having(body, "with_label", "_label")
    if "in_frame_number_range" in body:
        also.append(_inside(body["in_frame_number_range"]))
    return answering.find(tx, body, Choice(CLIP, also))


def _inside(span: Mapping[str, Any]) -> Condition:
    """Give the condition that a clip lies fully between these frames, ends included."""
    said: dict[str, Any] = {"_range_type": ["==", 1]}
    if "start" in span:
        said["_range_start"] = [">=", span["start"]]
    if "stop" in span:
        said["_range_stop"] = ["<=", span["stop"]]
    return constraints.sql(constraints.parse(said))


@command("UpdateClip", {**UPDATE, **_RANGE_PARAMETERS, "label": TEXT}, writes=True)
def update_clip(tx: Transaction, body: Body) -> Body:
    """Change properties, label or range of clips."""
    system = _label(body)
    if set(_RANGES) & set(body):
        system |= _position(body, "UpdateClip")

    def change(properties: Body) -> None:
        if "_range_type" in system:
            for name in _RANGES:
                properties.pop(f"_{name}", None)
        properties.update(system)

    chosen = finding.chosen(tx, body, CLIP, place="UpdateClip")
    return objects.update(tx, body, chosen, change=change)


@command("DeleteClip", CHOOSE, writes=True)
def delete_clip(tx: Transaction, body: Body) -> Body:
    """Delete clips and their connections."""
    return objects.delete(tx, body, finding.chosen(tx, body, CLIP, place="DeleteClip"))
