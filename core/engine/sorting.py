"""From a Find's `sort`, in any of its forms, to ORDER BY."""

from __future__ import annotations

import json
from typing import Any

from core.engine.sql import Condition, literal
from core.engine.values import comparable, path


def order(sort: Any, *, narrowed: bool = False) -> Condition:
    """Build ORDER BY from a sort in any of its forms; ties and no sort go by age.

    Objects without the key come first when ascending, last when a sequence is given. Where the
    rows are narrowed by constraints, SQLite must not take the index on class for the order's sake
    and read every object of the class.
    """
    parts: list[str] = []
    values: list[Any] = []
    for one in sort if isinstance(sort, list) else [sort] if sort else []:
        said = {"key": one} if isinstance(one, str) else one
        key = f"json_extract(o.properties,{literal(path(said['key']))})"
        key = {"_uniqueid": "o.id", "_create_txn": "o.create_txn"}.get(said["key"], key)
        if "sequence" in said:
            # Grouped, as SQLite indexes that once, where it would read a bare list for each row.
            places = "SELECT value, min(key) AS place FROM json_each(?) GROUP BY value"
            parts.append(f"ifnull((SELECT s.place FROM ({places}) s WHERE s.value={key}), 1e9)")
            sequence = [comparable(one) for one in said["sequence"]]
            values.append(json.dumps(sequence, ensure_ascii=False, separators=(",", ":")))
        else:
            parts.append(f"{key} {'DESC' if said.get('order') == 'descending' else 'ASC'}")
    return ", ".join([*parts, "+o.id" if narrowed else "o.id"]), values
