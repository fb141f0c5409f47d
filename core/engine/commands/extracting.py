"""ExtractFrames: pictures of videos, decoded when asked for; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.engine import finding, footage, kinds, links, operations, pictures
from core.engine import messages as say
from core.engine.footage import Footage
from core.engine.kinds import COUNT, REF, Kind
from core.engine.language import Body, command
from core.engine.messages import SUCCESS, fail
from core.engine.operations import FORMAT, IMAGE_OPERATIONS
from core.engine.transaction import Transaction

_VIDEO = "_Video"
_MOST = 100_000  # pictures of one video in one command
_SPAN = kinds.members({"start": COUNT, "stop": COUNT, "step": REF}, "start", "stop")


def _check_spec(place: str, value: Any) -> None:
    if isinstance(value, Mapping):
        _SPAN.check(place, value)
        if value["stop"] < value["start"]:
            raise fail(say.BACKWARDS, place=place, start=value["start"], stop=value["stop"])
    elif not value:
        raise fail(say.EMPTY_LIST, place=place)


_SPEC = Kind(
    "a list of frame numbers, or an object with start, stop and step",
    lambda v: (
        isinstance(v, Mapping) or (isinstance(v, list) and all(COUNT.holds(one) for one in v))
    ),
    _check_spec,
)


@command(
    "ExtractFrames",
    {"video_ref": REF, "frame_spec": _SPEC, "as_format": FORMAT, "operations": IMAGE_OPERATIONS},
    required=("video_ref", "frame_spec"),
    writes=False,
)
def extract_frames(tx: Transaction, body: Body) -> Body:
    """Decode pictures in the order of the spec, video by video; JPEG unless told otherwise."""
    start = len(tx.blobs_out)
    ref = {"ref": body["video_ref"]}
    here, ids = links.among(finding.chosen(tx, ref, _VIDEO, place="ExtractFrames.video_ref"))
    for row in finding.rows(tx, {}, _VIDEO, also=[(f"o.id {here}", [ids])]):
        of = footage.of_video(tx, row.file, row.url, row.properties)
        wanted = _wanted(body["frame_spec"], of)
        made = dict(encoded(tx, body, of, wanted))
        tx.blobs_out += [made[number] for number in wanted]
    n_made = len(tx.blobs_out) - start
    return {"returned": n_made, "status": SUCCESS} | ({"blobs_start": start} if n_made else {})


def _wanted(spec: Any, of: Footage) -> list[int]:
    """List the frame numbers of a spec, whose stop is included."""
    is_span = isinstance(spec, Mapping)
    last = spec["stop"] if is_span else max(spec)
    if last >= of.n_frames:
        raise fail(say.BEYOND, number=last, n_frames=of.n_frames)
    wanted = range(spec["start"], last + 1, spec.get("step", 1)) if is_span else spec
    if len(wanted) > _MOST:
        raise fail(say.TOO_MANY_FRAMES, n_wanted=len(wanted), most=_MOST)
    return list(wanted)


def encoded(
    tx: Transaction, body: Body, of: Footage, wanted: Sequence[int]
) -> Iterator[tuple[int, bytes]]:
    """Yield the pictures with these numbers as encoded images, each once, ascending.

    Args:
        tx: the query that runs.
        body: the command's parameters, of which `operations` and `as_format` are read.
        of: the video.
        wanted: numbers in any order.
    """
    numbers = sorted(set(wanted))
    if not numbers:
        return
    decoded, rest = pictures.of_video_first(operations.read(body))
    for number, rgb in zip(numbers, tx.workshop.pictures(of.path, numbers, decoded), strict=True):
        image = pictures.encoded(rgb, rest, body.get("as_format", "jpg"))
        tx.make_room(len(image))
        yield number, image
