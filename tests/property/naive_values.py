"""The naive twin's values, constraints and positions: plain Python, nothing of the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

SYSTEM = {"_VideoToClip", "_VideoToFrame"}
OF_SET = "_DescriptorSetToDescriptor"
# System properties in the schema, as recorded.
LISTED = {
    ("entity", "_Descriptor", "_label"): "String",
    ("entity", "_DescriptorSet", "_name"): "String",
    ("entity", "_DescriptorSet", "_dimensions"): "Number",
}
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
MEASURES = {"frame_number": 1, "time_fraction": 2, "time_offset": 3}


class RefusedError(Exception):
    """The whole query fails with this status."""

    def __init__(self, status: int = -1) -> None:
        super().__init__(status)
        self.status = status


def need(holds: object) -> None:
    """Refuse the query where something does not hold."""
    if not holds:
        raise RefusedError


# -- values ------------------------------------------------------------------------------------


def kept(value: Any) -> Any:
    """Give a value as it is stored: dates in UTC."""
    if isinstance(value, Mapping):
        need(set(value) == {"_date"} and isinstance(value["_date"], str))
        try:
            moment = datetime.fromisoformat(value["_date"])
        except ValueError:
            raise RefusedError from None
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        return {"_date": moment.isoformat(timespec="microseconds")}
    need(value is None or isinstance(value, bool | int | float | str))
    need(not isinstance(value, float) or math.isfinite(value))
    need(isinstance(value, bool) or not isinstance(value, int) or -(2**63) <= value < 2**63)
    need(not isinstance(value, str) or "\0" not in value)
    return value


def kind(value: Any) -> str:
    """Name the type of a value."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "Number"
    return "String" if isinstance(value, str) else "Datetime"


def name(said: Any) -> str:
    """Check the name of a class or property."""
    need(isinstance(said, str) and 1 <= len(said) <= 255)
    need(not any(c in '"\\' or ord(c) < 32 for c in said))
    return str(said)


def own(said: Any) -> str:
    """Check a name of the client's own."""
    need(not name(said).startswith("_"))
    return str(said)


# -- constraints -------------------------------------------------------------------------------


def check_constraints(said: Any, level: int = 0) -> None:
    """Refuse what is no constraint."""
    need(isinstance(said, Mapping) and level <= 50)
    for key, inner in said.items():
        if key in ("all", "any") and isinstance(inner, Mapping):
            check_constraints(inner, level + 1)
            continue
        name(key)
        need(key not in ("_src", "_dst", "_engines", "_metrics", "_splits", "_coordinates"))
        need(isinstance(inner, list) and inner and len(inner) % 2 == 0)
        for operator, value in zip(inner[::2], inner[1::2], strict=True):
            need(operator in OPERATORS)
            need(key != "_uniqueid" or operator[0] not in "<>")
            need(isinstance(value, list) == (operator in ("in", "not in")))
            need(value is not None or operator[0] not in "<>")
            for one in value if isinstance(value, list) else [value]:
                kept(one)


def holds(said: Mapping[str, Any], properties: Mapping[str, Any], how: str = "all") -> bool:
    """Decide whether properties satisfy constraints."""
    found = [
        holds(inner, properties, key)
        if key in ("all", "any") and isinstance(inner, Mapping)
        else all(
            _compare(properties.get(key), operator, value)
            for operator, value in zip(inner[::2], inner[1::2], strict=True)
        )
        for key, inner in said.items()
    ]
    return all(found) if how == "all" or not found else any(found)


def _compare(there: Any, operator: str, value: Any) -> bool:
    if operator in ("!=", "not in"):
        return not _compare(there, "==" if operator == "!=" else "in", value)
    if operator == "in":
        return any(_compare(there, "==", one) for one in value)
    value = kept(value)
    if there is None or value is None:
        return there is None and value is None
    if kind(there) != kind(value) or isinstance(there, list):
        return False
    if isinstance(there, dict):
        if "_date" not in there:
            return False
        there, value = there["_date"], value["_date"]
    results = {"==": there == value, "<": there < value, "<=": there <= value,
               ">": there > value, ">=": there >= value}  # fmt: skip
    return results[operator]


# -- positions ---------------------------------------------------------------------------------


def place(measure: str, value: Any) -> int | float:
    """Give a position as a number: frames, fractions, or microseconds of hh:mm:ss.uuuuuu."""
    if measure == "frame_number":
        need(isinstance(value, int) and not isinstance(value, bool) and value >= 0)
    elif measure == "time_fraction":
        need(isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1)
        return float(value)
    else:
        need(isinstance(value, str))
        parts = value.split(":")
        need(len(parts) <= 3 and all(part.replace(".", "").isdigit() for part in parts))
        seconds = sum(Fraction(part) * 60**n for n, part in enumerate(reversed(parts)))
        return int(seconds * 1_000_000)
    return int(value)


def span(measure: str, said: Any, *, whole: bool) -> tuple[Any, Any]:
    """Read {start, stop}, of which a search may lack one."""
    need(isinstance(said, Mapping) and set(said) <= {"start", "stop"})
    need(not whole or len(said) == 2)
    ends = [place(measure, said[end]) if end in said else None for end in ("start", "stop")]
    return ends[0], ends[1]


def given(body: Mapping[str, Any], before: str = "", after: str = "") -> list[str]:
    """List the measures by which a command says where."""
    return [measure for measure in MEASURES if f"{before}{measure}{after}" in body]


def clip_range(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the system properties of a clip's range, of which there must be exactly one."""
    found = given(body, after="_range")
    need(len(found) == 1)
    start, stop = span(found[0], body[f"{found[0]}_range"], whole=True)
    need(start <= stop)
    return {"_range_type": MEASURES[found[0]], "_range_start": start, "_range_stop": stop,
            f"_{found[0]}_range": dict(body[f"{found[0]}_range"])}  # fmt: skip


def frame_place(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the system property of a frame's position, of which there must be exactly one."""
    found = given(body)
    need(len(found) == 1)
    place(found[0], body[found[0]])
    return {f"_{found[0]}": body[found[0]]}


def is_inside(body: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Decide whether a clip or a frame lies where in_…_range and frame_numbers and such say."""
    for measure in given(body, "in_", "_range"):
        start, stop = span(measure, body[f"in_{measure}_range"], whole=False)
        if f"_{measure}" in properties:
            first = last = place(measure, properties[f"_{measure}"])
        elif properties.get("_range_type") == MEASURES[measure]:
            first, last = properties["_range_start"], properties["_range_stop"]
        else:
            return False
        if (start is not None and first < start) or (stop is not None and last > stop):
            return False
    listed = given(body, after="s")
    return not listed or any(
        f"_{measure}" in properties
        and place(measure, properties[f"_{measure}"])
        in [place(measure, one) for one in body[f"{measure}s"]]
        for measure in listed
    )
