"""From a Find's `sort`, in any of its forms, to ORDER BY."""

from __future__ import annotations

import json
from typing import Any

from core.engine.columns import column
from core.engine.sql import CONNECTION_FAMILY, OBJECT_FAMILY, Condition, literal, row_of
from core.engine.values import comparable, path


def order(sort: Any, family: int, *, narrowed: bool = False) -> Condition:
    """Build ORDER BY from a sort in any of its forms; ties and no sort go by age.

    Objects without the key come first when ascending, last when a sequence is given. Ids go by
    age. Where the rows are narrowed by constraints, SQLite must not take the index on class for
    the order's sake and read every object of the class.

    Args:
        sort: as the client wrote it.
        family: the first number of the rows' `_uniqueid`.
        narrowed: whether there are constraints.
    """
    parts: list[str] = []
    values: list[Any] = []
    for one in sort if isinstance(sort, list) else [sort] if sort else []:
        said = {"key": one} if isinstance(one, str) else one
        key, of_ids = _key(said["key"], family)
        if "sequence" in said:
            # Grouped, as SQLite indexes that once, where it would read a bare list for each row.
            places = "SELECT value, min(key) AS place FROM json_each(?) GROUP BY value"
            parts.append(f"ifnull((SELECT s.place FROM ({places}) s WHERE s.value={key}), 1e9)")
            sequence = [comparable(one) for one in said["sequence"]]
            sequence = [row_of(one, of_ids) for one in sequence] if of_ids else sequence
            values.append(json.dumps(sequence, ensure_ascii=False, separators=(",", ":")))
        else:
            parts.append(f"{key} {'DESC' if said.get('order') == 'descending' else 'ASC'}")
    return ", ".join([*parts, "+o.id" if narrowed else "o.id"]), values


def _key(name: str, family: int) -> tuple[str, int | None]:
    """Give the SQL of what is sorted by, and of numbers of rows the family that they name."""
    if name == "_uniqueid":
        return "o.id", family
    if name in ("_src", "_dst") and family == CONNECTION_FAMILY:
        return f"o.{name.removeprefix('_')}", OBJECT_FAMILY
    return column(name) or f"json_extract(o.properties,{literal(path(name))})", None
