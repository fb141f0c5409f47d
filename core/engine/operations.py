"""`operations`, `as_codec` and their like: what a client may ask for, as records for the studio."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.editing import Crop, Interval, Resize, Threshold, VideoEdit, VideoOperation
from core.engine import kinds
from core.engine import messages as say
from core.engine.kinds import COUNT, FLAG, REF, Kind, one_of
from core.engine.messages import fail, joined

CODEC = one_of("h264", "xvid", "h263")
CONTAINER = one_of("mp4", "avi", "mov")
FORMAT = one_of("jpg", "png")


@dataclass(frozen=True, slots=True)
class Flip:
    """Turn a picture over: upside down, left to right, or both."""

    is_vertical: bool
    is_horizontal: bool


@dataclass(frozen=True, slots=True)
class Rotate:
    """Turn a picture counter-clockwise; it keeps its size, or grows to hold everything."""

    angle_deg: float
    grows: bool


ImageOperation = VideoOperation | Flip | Rotate


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_NUMBER = Kind("a number below 1e9", lambda v: _is_number(v) and abs(v) < 1e9)
_SCALE = Kind("a number above 0", lambda v: _is_number(v) and 0 < v <= 1000)
_SIDE = Kind("a whole number, 1 to 65535", lambda v: REF.holds(v) and v <= 65_535)
_PLACE = Kind("a whole number, 0 to 65535", lambda v: COUNT.holds(v) and v <= 65_535)
_LEVEL = Kind("a whole number, 0 to 255", lambda v: COUNT.holds(v) and v <= 255)
_WHOLE = Kind("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool))


def _resize(said: Mapping[str, Any]) -> Resize:
    is_scaled, is_sized = "scale" in said, "width" in said or "height" in said
    if is_scaled == is_sized:
        raise fail(say.RESIZE)
    return Resize(said.get("width"), said.get("height"), said.get("scale"))


def _flip(said: Mapping[str, Any]) -> Flip:
    return Flip(is_vertical=said["code"] <= 0, is_horizontal=said["code"] != 0)


def _interval(said: Mapping[str, Any]) -> Interval:
    if said["stop"] < said["start"]:
        raise fail(say.BACKWARDS, place="interval", start=said["start"], stop=said["stop"])
    return Interval(said["start"], said["stop"], said.get("step", 1))


@dataclass(frozen=True, slots=True)
class _Type:
    members: Mapping[str, Kind]
    required: tuple[str, ...]
    read: Callable[[Mapping[str, Any]], ImageOperation]


_TYPES: Mapping[str, _Type] = {
    "resize": _Type({"width": _SIDE, "height": _SIDE, "scale": _SCALE}, (), _resize),
    "crop": _Type(
        {"x": _PLACE, "y": _PLACE, "width": _SIDE, "height": _SIDE},
        ("x", "y", "width", "height"),
        lambda said: Crop(said["x"], said["y"], said["width"], said["height"]),
    ),
    "threshold": _Type({"value": _LEVEL}, ("value",), lambda said: Threshold(said["value"])),
    "flip": _Type({"code": _WHOLE}, ("code",), _flip),
    "rotate": _Type(
        {"angle": _NUMBER, "resize": FLAG},
        ("angle",),
        lambda said: Rotate(said["angle"], grows=said.get("resize", False)),
    ),
    "interval": _Type({"start": COUNT, "stop": COUNT, "step": REF}, ("start", "stop"), _interval),
}
_OF_VIDEOS = ("resize", "crop", "threshold", "interval")
_OF_IMAGES = ("resize", "crop", "threshold", "flip", "rotate")
_MOST = 100


def _check(place: str, said: Sequence[Any], known: Sequence[str]) -> None:
    if not said:
        raise fail(say.EMPTY_LIST, place=place)
    if len(said) > _MOST:
        raise fail(say.WRONG_TYPE, place=place, value=said, words=f"a list of {_MOST} at most")
    for one in said:
        name = one.get("type") if isinstance(one, Mapping) else None
        if not isinstance(name, str) or name not in known:
            raise fail(say.BAD_CHOICE, place=f"{place}.type", value=name, known=joined(known))
        type_ = _TYPES[name]
        members = {"type": kinds.TEXT, **type_.members}
        kinds.check_members(f"{place}.{name}", one, members, type_.required)
        type_.read(one)


def _operations(known: Sequence[str]) -> Kind:
    return Kind(
        "a list of operations",
        lambda v: isinstance(v, list),
        lambda place, v: _check(place, v, known),
    )


VIDEO_OPERATIONS = _operations(_OF_VIDEOS)
IMAGE_OPERATIONS = _operations(_OF_IMAGES)


def read(body: Mapping[str, Any]) -> tuple[ImageOperation, ...]:
    """Give the operations of a command, in their order."""
    return tuple(_TYPES[one["type"]].read(one) for one in body.get("operations", ()))


def of_video(body: Mapping[str, Any]) -> tuple[VideoOperation, ...]:
    """Give the operations of a command on videos, which were checked to be such."""
    return tuple(one for one in read(body) if not isinstance(one, Flip | Rotate))


def check_form(body: Mapping[str, Any], place: str, *, codec: str, container: str) -> None:
    """Check that the container takes the codec, where both are asked for.

    Raises:
        QueryFailedError: it does not.
    """
    if (body.get(codec), body.get(container)) == ("h263", "mp4"):
        raise fail(say.H263_IN_MP4, place=place)


def edit(
    body: Mapping[str, Any], *, codec: str, container: str, first_frame: int = 0,
    n_frames: int | None = None,
) -> VideoEdit | None:  # fmt: skip
    """Give what is to be made of a video; None where it is wanted as it is.

    Args:
        body: the command's parameters.
        codec: the name of the parameter that says the codec.
        container: and of the one that says the container.
        first_frame: of a clip.
        n_frames: of a clip.
    """
    wanted = VideoEdit(
        first_frame, n_frames, of_video(body), body.get(codec), body.get(container),
        is_fast=bool(body.get("fast_cut")),
    )  # fmt: skip
    return None if wanted == VideoEdit() else wanted
