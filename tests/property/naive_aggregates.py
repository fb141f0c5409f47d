"""Sums, averages, extremes and groups, as the naive twin counts them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.property.naive_grammar import AGGREGATES
from tests.property.naive_values import kept, kind

KEYS = {"sum": "_sum", "average": "_avg", "min": "_min", "max": "_max"}


def aggregated(results: Mapping[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    """Aggregate what was found, or each group of it."""
    asked = {
        how: [results[how]] if isinstance(results[how], str) else results[how]
        for how in AGGREGATES
        if how in results
    }
    if "group" not in results:
        return {KEYS[how]: _of(how, names, found) for how, names in asked.items()}
    by = [results["group"]] if isinstance(results["group"], str) else results["group"]
    places = {tuple(_place(one.get(key)) for key in by) for one in found}
    groups = []
    for at in sorted(places):
        some = [one for one in found if tuple(_place(one.get(key)) for key in by) == at]
        group = {key: some[0].get(key) for key in by} | {"_group_count": len(some)}
        groups.append(
            group | {f"_group{KEYS[h]}": _of(h, names, some) for h, names in asked.items()}
        )
    return {"groups": groups}


def _place(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (1,)
    order = ["Boolean", "Datetime", "Number", "String"].index(kind(value))
    return (0, order, str(value) if order == 1 else value)


def _of(how: str, names: list[str], found: list[dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name in names:
        there = [one[name] for one in found if name in one]
        numbers = [one for one in there if kind(one) == "Number"]
        dates = [one["_date"] for one in there if isinstance(one, dict) and "_date" in one]
        if numbers:
            total = sum(numbers)
            result[name] = {"sum": total, "average": total / len(numbers), "min": min(numbers),
                            "max": max(numbers)}[how]  # fmt: skip
        elif dates and how == "average":
            first = datetime.fromisoformat(dates[0])
            apart = [datetime.fromisoformat(one) - first for one in dates]
            middle = first + sum(apart, timedelta()) // len(dates)
            result[name] = kept({"_date": middle.isoformat()})
        else:
            result[name] = None
    return result
