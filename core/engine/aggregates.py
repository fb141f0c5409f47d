"""Sums, averages, extremes and groups over the properties of what was found. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.engine.values import comparable, kind_of

Properties = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _sum(values: Sequence[Any]) -> Any:
    """Add numbers; null where that leaves the range of a float, as JSON has no infinity."""
    total = sum(values)
    return total if math.isfinite(total) else None


def _average(values: Sequence[Any]) -> Any:
    if not isinstance(values[0], Mapping):
        total = _sum(values)
        return None if total is None else total / len(values)
    # In whole microseconds: a float of the year 9999 rounds up into the year 10000.
    since = [datetime.fromisoformat(value["_date"]) - _EPOCH for value in values]
    total_us = sum(one // timedelta(microseconds=1) for one in since)
    middle = _EPOCH + timedelta(microseconds=total_us // len(since))
    return comparable({"_date": middle.isoformat()})


# The name in `results`, the key in the answer, and how.
AGGREGATES: dict[str, tuple[str, Callable[[Sequence[Any]], Any]]] = {
    "sum": ("_sum", _sum),
    "average": ("_avg", _average),
    "min": ("_min", min),
    "max": ("_max", max),
}


def names(said: str | list[str]) -> list[str]:
    """Read a property name or a list of them."""
    return [said] if isinstance(said, str) else list(said)


def aggregate(asked: Mapping[str, list[str]], found: Sequence[Properties]) -> Properties:
    """Aggregate all that was found or, where `group` is asked for, each group by itself.

    Args:
        asked: the kind of aggregate, or "group", to the names of properties.
        found: the properties of each object.
    """
    kinds = {kind: keys for kind, keys in asked.items() if kind != "group"}
    if "group" not in asked:
        return {AGGREGATES[kind][0]: _of(kind, keys, found) for kind, keys in kinds.items()}
    groups: dict[tuple[Any, ...], list[Properties]] = {}
    for properties in found:
        at = tuple(_place(properties.get(name)) for name in asked["group"])
        groups.setdefault(at, []).append(properties)
    return {"groups": [_group(asked["group"], kinds, groups[at]) for at in sorted(groups)]}


def _group(
    by: Sequence[str], kinds: Mapping[str, list[str]], found: Sequence[Properties]
) -> Properties:
    group = {name: found[0].get(name) for name in by}
    group["_group_count"] = len(found)
    for kind, keys in kinds.items():
        group[f"_group{AGGREGATES[kind][0]}"] = _of(kind, keys, found)
    return group


def _place(value: Any) -> tuple[bool, str, Any]:
    """Give a key that tells values apart and orders them; objects without one come last."""
    if value is None:
        return True, "", 0
    if isinstance(value, Mapping | list):
        return False, "date", str(value)
    return False, kind_of(value), value


def _of(kind: str, keys: Sequence[str], found: Sequence[Properties]) -> Properties:
    """Aggregate each property over the objects whose value it can be taken of; null if none."""
    result: Properties = {}
    for key in keys:
        there = [properties[key] for properties in found if properties.get(key) is not None]
        values = [value for value in there if kind_of(value) == "number"]
        if not values and kind == "average":
            values = [value for value in there if isinstance(value, Mapping) and "_date" in value]
        result[key] = AGGREGATES[kind][1](values) if values else None
    return result
