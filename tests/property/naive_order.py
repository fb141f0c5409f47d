"""How the naive twin sorts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.property.naive_state import State, Thing
from tests.property.naive_values import kept


def option(body: Mapping[str, Any], key: str) -> Any:
    """Read what may also stand in the results."""
    return body.get(key, body.get("results", {}).get(key))


def _rank(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    if isinstance(value, bool | int | float):
        return (1, value)
    return (2, value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))


def _value(state: State, one: Thing, key: str, *, is_id: bool) -> Any:
    """Give what a thing is sorted by; ids go by their numbers, unless they are looked for."""
    ends = dict(zip(("_src", "_dst"), one.ends, strict=True)) if one.family == "connection" else {}
    if key in ends:
        return f"1.{ends[key]}.0" if is_id else ends[key]
    return one.id if key == "_uniqueid" and not is_id else state.known(one).get(key)


def ordered(state: State, things: list[Thing], sort: Any) -> list[Thing]:
    """Sort by each key in turn, the last first, as sorting is stable; ties go by age."""
    found = sorted(things, key=lambda one: one.id)
    for said in reversed(sort if isinstance(sort, list) else [sort] if sort else []):
        key = said if isinstance(said, str) else said["key"]
        is_listed = not isinstance(said, str) and "sequence" in said
        ranks = {one.id: _rank(_value(state, one, key, is_id=is_listed)) for one in found}
        if isinstance(said, str) or not is_listed:
            is_down = isinstance(said, dict) and said.get("order") == "descending"
            found.sort(key=lambda one, ranks=ranks: ranks[one.id], reverse=is_down)
            continue
        wanted = [_rank(kept(one)) for one in said["sequence"] if one is not None]
        places = {i: wanted.index(at) if at in wanted else len(wanted) for i, at in ranks.items()}
        found.sort(key=lambda one, places=places: places[one.id])
    return found
