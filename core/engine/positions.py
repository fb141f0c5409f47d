"""Positions in a video: frame numbers, times and fractions, as parameters and as what is stored.

A clip has a range of one of them, a frame a point. They are compared within their own kind only: a
clip given by times does not lie "in" a range of frame numbers, as nothing documented converts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine import constraints, kinds, sql
from core.engine import messages as say
from core.engine.kinds import COUNT, Kind
from core.engine.messages import fail, joined
from core.engine.sql import Condition

# Where a frame's place is kept in the form it is compared in; never listed by all_properties.
POSITION = "_position"
_TIMECODE = re.compile(r"(?:(\d{1,9}):)?(?:(\d{1,9}):)?(\d{1,9}(?:\.\d{1,6})?)\Z", re.ASCII)
_TIME = Kind("a time, hh:mm:ss.uuuuuu", lambda v: isinstance(v, str) and bool(_TIMECODE.match(v)))
_FRACTION = Kind(
    "a number from 0 to 1",
    lambda v: isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= 1,
)


def microseconds(timecode: str) -> int:
    """Read hh:mm:ss.uuuuuu, mm:ss.uuuuuu or ss.uuuuuu, which was checked before."""
    match = _TIMECODE.match(timecode)
    assert match is not None  # noqa: S101 - see above
    *before, seconds = (part for part in match.groups() if part is not None)
    minutes = 0
    for part in before:
        minutes = minutes * 60 + int(part)
    return minutes * 60_000_000 + round(float(seconds) * 1_000_000)


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to say where: its `_range_type`, the type of a value, and its comparable form."""

    range_type: int
    kind: Kind
    number: Callable[[Any], int | float]


# 1 and 3 were recorded; that 2 is the fraction, and unscaled, is our guess.
MEASURES: Mapping[str, Measure] = {
    "frame_number": Measure(1, COUNT, int),
    "time_fraction": Measure(2, _FRACTION, float),
    "time_offset": Measure(3, _TIME, microseconds),
}


def _many(kind: Kind) -> Kind:
    return Kind(
        f"a list, each of it {kind.words}",
        lambda v: isinstance(v, list) and all(kind.holds(one) for one in v),
    )


POINTS = {name: measure.kind for name, measure in MEASURES.items()}
LISTS = {f"{name}s": _many(measure.kind) for name, measure in MEASURES.items()}
RANGES = {
    f"{name}_range": kinds.members({"start": one.kind, "stop": one.kind}, "start", "stop")
    for name, one in MEASURES.items()
}
INSIDE = {
    f"in_{name}_range": kinds.members({"start": one.kind, "stop": one.kind})
    for name, one in MEASURES.items()
}


def given(body: Mapping[str, Any], before: str = "", after: str = "") -> list[str]:
    """List the measures for which a command has the parameter `before + measure + after`."""
    return [name for name in MEASURES if f"{before}{name}{after}" in body]


def _only_one(body: Mapping[str, Any], place: str, before: str = "", after: str = "") -> str:
    found = given(body, before, after)
    if len(found) != 1:
        known = joined([f"{before}{name}{after}" for name in MEASURES])
        raise fail(say.ONE_RANGE, place=place, known=known, n_given=len(found))
    return found[0]


def at_most_one(body: Mapping[str, Any], place: str) -> None:
    """Check that a Find looks inside ranges of one measure only.

    Raises:
        QueryFailedError: there are several.
    """
    if given(body, "in_", "_range"):
        _only_one(body, place, "in_", "_range")


# -- what is stored ----------------------------------------------------------------------------


def of_clip(body: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Turn a clip's range into its system properties.

    Raises:
        QueryFailedError: there is no range, several, or one that ends before it begins.
    """
    name = _only_one(body, place, after="_range")
    measure, span = MEASURES[name], body[f"{name}_range"]
    start, stop = (measure.number(span[end]) for end in ("start", "stop"))
    if stop < start:
        where = f"{place}.{name}_range"
        raise fail(say.BACKWARDS, place=where, start=span["start"], stop=span["stop"])
    return {
        "_range_type": measure.range_type,
        "_range_start": start,
        "_range_stop": stop,
        f"_{name}_range": dict(span),
    }


def of_frame(body: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Turn a frame's position into its system properties.

    Raises:
        QueryFailedError: there is none, or several.
    """
    name = _only_one(body, place)
    return {f"_{name}": body[name], POSITION: MEASURES[name].number(body[name])}


def replace(properties: dict[str, Any], system: Mapping[str, Any]) -> None:
    """Put a new position in the place of the old one, of whatever measure that was."""
    if "_range_type" in system or POSITION in system:
        for name in MEASURES:
            properties.pop(f"_{name}", None)
            properties.pop(f"_{name}_range", None)
    properties.update(system)


# -- what is searched --------------------------------------------------------------------------


def clips_inside(body: Mapping[str, Any]) -> list[Condition]:
    """Give the conditions that a clip lies fully inside a range, its ends included."""
    found = []
    for name in given(body, "in_", "_range"):
        said = {"_range_type": ["==", MEASURES[name].range_type]}
        found.append(_between(said, body[f"in_{name}_range"], name, "_range_start", "_range_stop"))
    return found


def frames_inside(body: Mapping[str, Any]) -> list[Condition]:
    """Give the conditions that a frame lies in a range, its ends included."""
    return [
        _between({f"_{name}": ["!=", None]}, body[f"in_{name}_range"], name, POSITION, POSITION)
        for name in given(body, "in_", "_range")
    ]


def frames_at(body: Mapping[str, Any]) -> list[Condition]:
    """Give the condition that a frame is at one of the positions listed, of whatever measure."""
    parts: list[dict[str, Any]] = []
    for name in given(body, after="s"):
        wanted = [MEASURES[name].number(one) for one in body[f"{name}s"]]
        parts.append({f"_{name}": ["!=", None], POSITION: ["in", wanted]})
    return [_any_of(parts)] if parts else []


def _between(
    said: dict[str, Any], span: Mapping[str, Any], name: str, start: str, stop: str
) -> Condition:
    number = MEASURES[name].number
    parts: list[Mapping[str, Any]] = [said]
    if "start" in span:
        parts.append({start: [">=", number(span["start"])]})
    if "stop" in span:
        parts.append({stop: ["<=", number(span["stop"])]})
    nodes = tuple(constraints.parse(part) for part in parts)
    return sql.condition(constraints.Group("all", nodes))


def _any_of(parts: Sequence[Mapping[str, Any]]) -> Condition:
    return sql.condition(constraints.Group("any", tuple(map(constraints.parse, parts))))
