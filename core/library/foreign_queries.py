"""Builds the queries that reach the vectors of videos that another program indexed.

Pure; sends nothing. The official workflow puts no properties on its clips and descriptors, so
nothing on a vector says whose it is, nor when: its clip does, by the database's own link to the
video and by its range of frames. That way is the same in every version of the workflow, wherever
its edge VideoHasDescriptor leads.

No answer of a server shows neighbours that were restricted by `is_connected_to`; of `constraints`
they were recorded. So the descriptors are listed first, and the nearest asked for among these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.library import schema as s
from core.library.database import Command, Query
from core.library.video_queries import is_foreign
from core.model import IndexState, Span

_FRAMES = 1  # a clip's `_range_type`


def find_videos(
    account: s.Account, video_ids: Sequence[str] | None, *, is_own: bool
) -> list[Command]:
    """Read the videos that are in the index, but not by Reelseek; of these, or of all.

    What Reelseek indexed itself is ready in its lane, and has nothing else in the index: what was
    there before is removed first. Of all videos the others are asked for by the states that an
    index finds: in a library of Reelseek's own there are none, and that costs nothing. Of some, by
    `!=`, which surely holds where no video ever had the property: the workflow itself uses it so.
    That may be where the set is not Reelseek's (`is_own`), and there all are asked for like this:
    a server may know nothing of a property that nobody has (status 1), not even that it is null.
    """
    done, lane = {account.done: ["==", True]}, account.lane
    which: list[dict[str, Any]]
    not_done = ["!=", lane.done]
    if video_ids is None and not is_own:
        which = [{lane.state: not_done}]
    elif video_ids is None:
        unready = [one for one in IndexState if one is not IndexState.READY]
        which = [{lane.state: ["==", None]}, {lane.state: ["in", unready]}]
    else:
        ours = [one for one in video_ids if not is_foreign(one)]
        foreign = [one for one in video_ids if is_foreign(one)]
        by_key = ((s.VIDEO_ID, ours), ("_uniqueid", foreign))
        which = [{key: ["in", ids], lane.state: not_done} for key, ids in by_key if ids]
    read = {"blobs": False, "results": {"all_properties": True}}
    return [{"FindVideo": {"constraints": {**one, **done}, **read}} for one in which]


def find_descriptors(index: str, video_uniqueids: Sequence[str]) -> Query:
    """List the `_uniqueid`s of the vectors that these videos have in this index; in the last."""
    clips: Command = {"FindClip": {"_ref": 2, "video_ref": 1, "blobs": False}}
    return [_videos(video_uniqueids), clips, _descriptors(index, 3, [2])], []


def find_descriptors_within(
    index: str, uniqueids_by_rate: Mapping[float, Sequence[str]], span: Span
) -> Query:
    """List those of clips that may share an instant with the stretch, and then the clips by them.

    The videos come by their frames a second, as a clip's range is one of frames and names no video.
    Of each rate there are five answers, in the order of the rates: descriptors are the fourth of
    these, clips the last. Clips that were not given by frame numbers are all listed.
    """
    commands: list[Command] = []
    for fps, uniqueids in uniqueids_by_rate.items():
        commands += _within(index, len(commands) + 1, uniqueids, span, fps)
    return commands, []


def _within(
    index: str, ref: int, video_uniqueids: Sequence[str], span: Span, fps: float
) -> list[Command]:
    """List those of videos of one rate; `ref` and the three after it are free."""
    frames: dict[str, Any] = {"_range_stop": [">=", math.floor(span.start_s * fps) - 1]}
    if math.isfinite(span.end_s):  # JSON knows no endless number
        frames["_range_start"] = ["<=", math.ceil(span.end_s * fps)]
    others, near, found = ref + 1, ref + 2, ref + 3
    of_videos = {"video_ref": ref, "blobs": False}
    not_frames = {"_range_type": ["!=", _FRAMES]}
    of_descriptors = {"ref": found, "connection_class": s.CLIP_HAS_DESCRIPTOR}
    grouped = {"is_connected_to": of_descriptors, "group_by_source": True, "blobs": False}
    return [
        _videos(video_uniqueids, ref),
        {"FindClip": {"_ref": others, **of_videos, "constraints": not_frames}},
        {"FindClip": {"_ref": near, **of_videos, "constraints": frames}},
        _descriptors(index, found, [others, near], {"results": {"all_properties": True}}),
        {"FindClip": {**grouped, "results": {"all_properties": True}}},
    ]


def among(uniqueids: Sequence[str]) -> dict[str, Any]:
    """Constrain to these descriptors."""
    return {"_uniqueid": ["in", list(uniqueids)]}


def _videos(uniqueids: Sequence[str], ref: int = 1) -> Command:
    return {"FindVideo": {"_ref": ref, "constraints": among(uniqueids), "blobs": False}}


def _descriptors(
    index: str, ref: int, clips: Sequence[int], more: dict[str, Any] | None = None
) -> Command:
    of_clips = [{"ref": one, "connection_class": s.CLIP_HAS_DESCRIPTOR} for one in clips]
    find = {"_ref": ref, "constraints": {"_set_name": ["==", index]}, "blobs": False}
    connected = {"is_connected_to": {"any": of_clips}, "uniqueids": True}
    return {"FindDescriptor": {**find, **connected, **(more or {})}}
