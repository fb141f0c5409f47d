"""From the shared parameters of a Find to rows: constraints, connections, sort, limit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.engine import constraints
from core.engine.messages import fail, not_unique

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

# The system link between a video and its clips; the server's own name for it is not documented.
VIDEO_TO_CLIP = "_VideoToClip"


@dataclass(slots=True)
class Row:
    """One object that was found."""

    id: int
    class_: str
    properties: dict[str, Any]
    file: str | None
    url: str | None
    distance: float | None = None

    @property
    def uniqueid(self) -> str:
        """Three numbers with dots, as the server's; ours carries the row's own in the middle."""
        return uniqueid(self.id)


def uniqueid(row_id: int) -> str:
    """Give the `_uniqueid` of an object or a connection."""
    return f"1.{row_id}.0"


def among(ids: Sequence[int]) -> tuple[str, str]:
    """Give the condition "is one of these rows", however many, and its one parameter."""
    return "IN (SELECT value FROM json_each(?))", json.dumps(list(ids))


def where(tx: Transaction, body: Mapping[str, Any], class_: str | None) -> tuple[str, list[Any]]:
    """Build the condition on `objects o` that the shared parameters ask for."""
    parts, values = ["1"], []
    if class_ is not None:
        # A literal, not a parameter: partial indexes are chosen by what the text says.
        parts.append(f"o.class={constraints.literal(class_)}")
    for text, more in _conditions(tx, body):
        parts.append(text)
        values += more
    return " AND ".join(parts), values


def _conditions(tx: Transaction, body: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    found = []
    if "constraints" in body:
        found.append(constraints.sql(body["constraints"]))
    if "is_connected_to" in body:
        found.append(_connected(tx, body["is_connected_to"]))
    if "video_ref" in body:
        found.append(_clause(tx, {"ref": body["video_ref"], "connection_class": VIDEO_TO_CLIP}))
    return found


def clauses(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the single connections that a Find names, whether joined by all, any or neither."""
    found = []
    if "video_ref" in body:
        found.append({"ref": body["video_ref"], "connection_class": VIDEO_TO_CLIP})
    said = body.get("is_connected_to")
    if said:
        found += said.get("all") or said.get("any") or [said]
    return found


def _connected(tx: Transaction, said: Mapping[str, Any]) -> tuple[str, list[Any]]:
    for how, joint in (("all", " AND "), ("any", " OR ")):
        if how in said:
            if set(said) != {how} or not isinstance(said[how], list) or not said[how]:
                raise fail(f"is_connected_to.{how} must be a list of connections and stand alone.")
            parts = [_clause(tx, one) for one in said[how]]
            return f"({joint.join(p[0] for p in parts)})", [v for p in parts for v in p[1]]
    return _clause(tx, said)


def _clause(tx: Transaction, said: Mapping[str, Any]) -> tuple[str, list[Any]]:
    sides = []
    values: list[Any] = []
    for wanted, source in _sides(said):
        text, more = edges(tx, said, source)
        sides.append(f"SELECT c.{wanted} FROM connections c WHERE {text}")
        values += more
    return f"o.id IN ({' UNION '.join(sides)})", values


def _sides(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give (wanted end, source end); "out" is an edge that leaves the object of the ref."""
    direction = said.get("direction", "any")
    ways = {
        "out": [("dst", "src")],
        "in": [("src", "dst")],
        "any": [("dst", "src"), ("src", "dst")],
    }
    if direction not in ways:
        raise fail(f"is_connected_to.direction is {direction!r}; use in, out or any.")
    return ways[direction]


def edges(tx: Transaction, said: Mapping[str, Any], source: str) -> tuple[str, list[Any]]:
    """Build the condition on `connections c` whose `source` end is in the named ref."""
    unknown = set(said) - {"ref", "connection_class", "direction", "constraints"}
    if unknown or not isinstance(said.get("ref"), int):
        raise fail(
            f"is_connected_to is {dict(said)!r}; use ref, connection_class, direction, constraints."
        )
    text, ids = among(tx.ref(said["ref"]))
    parts, values = [f"c.{source} {text}"], [ids]
    if "connection_class" in said:
        parts.append("c.class=?")
        values.append(said["connection_class"])
    if "constraints" in said:
        more, bound = constraints.sql(said["constraints"], "c.properties")
        parts.append(more)
        values += bound
    return " AND ".join(parts), values


def sources(tx: Transaction, body: Mapping[str, Any], ids: Sequence[int]) -> dict[int, set[int]]:
    """Map each object of the refs to those of `ids` that it is connected to."""
    found: dict[int, set[int]] = {}
    wanted_ids = set(ids)  # sifted here: as a second condition in SQL it costs their product
    for said in clauses(body):
        for wanted, source in _sides(said):
            text, values = edges(tx, said, source)
            rows = tx.db.execute(
                f"SELECT c.{source}, c.{wanted} FROM connections c WHERE {text}", values
            )
            for from_id, to_id in rows:
                if to_id in wanted_ids:
                    found.setdefault(from_id, set()).add(to_id)
    return found


def option(body: Mapping[str, Any], key: str) -> Any:
    """Read sort, limit or group_by_source from the command or, as older clients do, its results."""
    return body.get(key, (body.get("results") or {}).get(key))


def order(sort: Any) -> tuple[str, list[Any]]:
    """Build ORDER BY from a sort in any of its forms; ties and no sort go by age."""
    parts: list[str] = []
    values: list[Any] = []
    for one in sort if isinstance(sort, list) else [sort] if sort else []:
        said = {"key": one} if isinstance(one, str) else dict(one)
        if not isinstance(said.get("key"), str) or set(said) - {"key", "order", "sequence"}:
            raise fail(f"sort is {one!r}; use a key, or {{key, order}} or {{key, sequence}}.")
        key = f"json_extract(o.properties,{constraints.literal(constraints.path(said['key']))})"
        if "sequence" in said:
            cases = "".join(f" WHEN ? THEN {n}" for n, _ in enumerate(said["sequence"]))
            parts.append(f"CASE {key}{cases} ELSE {len(said['sequence'])} END")
            values += said["sequence"]
        elif said.get("order", "ascending") in ("ascending", "descending"):
            parts.append(f"{key} {'DESC' if said.get('order') == 'descending' else 'ASC'}")
        else:
            raise fail(f"sort.order is {said['order']!r}; use ascending or descending.")
    return ", ".join([*parts, "o.id"]), values


def rows(
    tx: Transaction,
    body: Mapping[str, Any],
    class_: str | None,
    *,
    ids: Sequence[int] | None = None,
) -> list[Row]:
    """Find objects, sorted and cut as the command asks; `ids` narrows to these rows."""
    text, values = where(tx, {} if ids is not None else body, class_)
    if ids is not None:
        here, bound = among(ids)
        text, values = f"{text} AND o.id {here}", [*values, bound]
    by, more = order(option(body, "sort"))
    limit, offset = option(body, "limit"), option(body, "offset")
    found = tx.db.execute(
        f"SELECT o.id, o.class, o.properties, o.file, o.url FROM objects o WHERE {text}"
        f" ORDER BY {by} LIMIT ? OFFSET ?",
        [*values, *more, -1 if limit is None else limit, offset or 0],
    )
    result = [Row(i, c, json.loads(p), f, u) for i, c, p, f, u in found]
    if body.get("unique") and len(result) > 1:
        raise not_unique(tx.index, len(result))
    return result


def count(tx: Transaction, body: Mapping[str, Any], class_: str | None) -> int:
    """Count what matches; limit and offset play no part."""
    text, values = where(tx, body, class_)
    return int(tx.db.execute(f"SELECT count(*) FROM objects o WHERE {text}", values).fetchone()[0])


def chosen(tx: Transaction, body: Mapping[str, Any], class_: str | None, **more: Any) -> list[int]:
    """Give the rows that an Update or Delete means: its ref, else its constraints."""
    if "ref" in body:
        return tx.ref(body["ref"])
    return [
        row.id
        for row in rows(
            tx, {**{k: v for k, v in body.items() if k == "constraints"}, **more}, class_
        )
    ]
