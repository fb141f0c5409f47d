"""How the naive twin sorts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.property.naive_state import Thing
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


def ordered(things: list[Thing], sort: Any) -> list[Thing]:
    """Sort by each key in turn, the last first, as sorting is stable; ties go by age."""
    found = sorted(things, key=lambda one: one.id)
    for said in reversed(sort if isinstance(sort, list) else [sort] if sort else []):
        key = said if isinstance(said, str) else said["key"]
        own = {"_uniqueid": lambda one: one.id, "_create_txn": lambda one: one.txn}
        value = own.get(key, lambda one, key=key: one.properties.get(key))
        if isinstance(said, str) or "sequence" not in said:
            is_down = isinstance(said, dict) and said.get("order") == "descending"
            found.sort(key=lambda one: _rank(value(one)), reverse=is_down)
            continue
        wanted = [_rank(kept(one)) for one in said["sequence"] if one is not None]
        found.sort(
            key=lambda one: wanted.index(at) if (at := _rank(value(one))) in wanted else len(wanted)
        )
    return found
