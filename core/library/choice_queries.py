"""Builds the queries about the indexes that stand beside each other and which of them serves.

Pure; sends nothing. The choice is one entity, changed by one update, so that every process agrees
on it and a kill leaves the one or the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.library import schema as s
from core.library.database import Command, Query
from core.library.video_queries import Constraints, by_id, list_videos, update_video, waiting
from core.model import IndexState

_LENGTH = "duration_s"
_MOST_AT_ONCE = 64  # videos under way for one index
_MINE = {s.CHOICE_OF: ["==", "index"]}


def find_choice() -> Query:
    """Read the entity that says which index serves; none, where the first always did."""
    find = {"with_class": s.CHOICE, "constraints": _MINE, "results": {"all_properties": True}}
    return [{"FindEntity": find}], []


def _change(constraints: dict[str, Any], properties: dict[str, Any]) -> Query:
    """Change the choice if it meets the constraints; the last answer counts whether it did."""
    first = {s.CHOICE_OF: "index", s.SERVING: s.INDEX, s.REMOVING: ""}
    update = {
        "with_class": s.CHOICE,
        "constraints": {**_MINE, **constraints},
        "properties": properties,
    }
    return [
        {"AddEntity": {"class": s.CHOICE, "properties": first, "if_not_found": _MINE}},
        {"UpdateEntity": update},
    ], []


def choose(index: str) -> Query:
    """Let this index serve, unless it is being removed."""
    return _change({s.REMOVING: ["!=", index]}, {s.SERVING: index})


def begin_to_remove(index: str) -> Query:
    """Note that this index goes, unless it serves or another one is going."""
    constraints = {s.SERVING: ["!=", index], s.REMOVING: ["in", ["", index]]}
    return _change(constraints, {s.REMOVING: index})


def end_removing(index: str) -> Query:
    """Remove the set itself, with what is kept of it, and note that nothing is going any more."""
    kept = {"constraints": {s.INDEX_NAME: ["==", index]}, "blobs": False}
    commands: list[Command] = [
        {"DeleteDescriptorSet": {"with_name": index}},
        {"FindBlob": {"_ref": 1, **kept}},
        {"DeleteBlob": {"ref": 1}},
    ]
    changed, _ = _change({s.REMOVING: ["==", index]}, {s.REMOVING: ""})
    return [*commands, *changed], []


def find_sets() -> Query:
    """Read every descriptor set with everything known about it."""
    flags = {"dimensions": True, "counts": True}
    return [{"FindDescriptorSet": {**flags, "results": {"all_properties": True}}}], []


def note(index: str, properties: Mapping[str, Any]) -> Query:
    """Note something with a set, as what names its model."""
    update = {"with_name": index, "properties": dict(properties)}
    return [{"UpdateDescriptorSet": update}], []


def prepare(index: str) -> Query:
    """Ask for the property index by which the videos that wait for this index are found."""
    key = s.Account(index).lane.state
    create = {"index_type": "entity", "class": "_Video", "property_key": key}
    return [{"CreateIndex": create}], []


def _not_yet(index: str) -> Constraints:
    account = s.Account(index)
    return {account.lane.state: ["==", None], account.done: ["!=", True]}


def due_as_ours(index: str) -> Constraints:
    """Constrain to the videos that were added while another index served."""
    return {s.PLAY_LANE.state: ["!=", None], **_not_yet(index)}


def due_as_searchable(index: str, serving: str) -> Constraints:
    """Constrain to the videos that can be found in the serving index, and have none in this."""
    return {s.Account(serving).done: ["==", True], **_not_yet(index)}


def find_one(due: Constraints) -> Query:
    """Read the id of one such video."""
    return _some(due, 1)


def queue(index: str, due: Constraints) -> Query:
    """Let such videos wait for this index."""
    return update_video(due, waiting(s.Account(index).lane))


def standing(index: str, serving: str) -> Query:
    """Ask how far an index is, reading only the videos that are under way for it.

    The answers count what can be found in it, with its clips; what can be found in the serving
    one; and of that what waits here or is under way, what is not queued yet (these three with their
    length in seconds), and what was given up. The last lists what is under way.
    """
    account = s.Account(index)
    lane = account.lane
    due: Constraints = {s.Account(serving).done: ["==", True]}
    ended: Constraints = {lane.state: ["in", [lane.failed, IndexState.CANCELLED]]}
    under_way = _find({"all_properties": True}, {**due, lane.state: ["==", lane.working]})
    under_way["FindVideo"]["limit"] = _MOST_AT_ONCE
    return [
        _find({"count": True, "sum": account.n_clips}, {account.done: ["==", True]}),
        _find({"count": True, "sum": _LENGTH}, due),
        _find(
            {"count": True, "sum": _LENGTH},
            {**due, lane.state: ["in", [lane.waiting, lane.working]]},
        ),
        _find({"count": True, "sum": _LENGTH}, {**due, **_not_yet(index)}),
        _find({"count": True}, {**due, **ended}),
        under_way,
    ], []


def _find(results: dict[str, Any], constraints: Constraints) -> Command:
    return {"FindVideo": {"constraints": constraints, "blobs": False, "results": results}}


def find_in(index: str, limit: int) -> Query:
    """Read the ids of some videos that have an account with this index."""
    account = s.Account(index)
    either: dict[str, Any] = {account.lane.state: ["!=", None], account.done: ["!=", None]}
    return _some({"any": either}, limit)


def _some(constraints: Mapping[str, Any], limit: int) -> Query:
    commands, blobs = list_videos(constraints, [s.VIDEO_ID])
    commands[0]["FindVideo"]["limit"] = limit
    return commands, blobs


def close_account(index: str, video_id: str) -> Query:
    """Forget what is known of a video in this index."""
    return update_video(by_id(video_id), {}, remove=s.Account(index).all)
