"""From object to object: what is_connected_to and video_ref mean, and whose source is whose.

One hop; the result is a set without an order of its own. Knows no command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.engine import constraints, sql
from core.engine.constraints import JOINTS, matches
from core.engine.sql import CONNECTION_FAMILY, Condition, literal

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

# The system links between a video and its clips and frames; the server's names are not documented.
VIDEO_TO_CLIP = "_VideoToClip"
VIDEO_TO_FRAME = "_VideoToFrame"
SET_TO_DESCRIPTOR = "_DescriptorSetToDescriptor"


def among(ids: Sequence[int]) -> tuple[str, str]:
    """Give the condition "is one of these rows", however many, and its one parameter."""
    return "IN (SELECT value FROM json_each(?))", json.dumps(list(ids))


def conditions(tx: Transaction, body: Mapping[str, Any]) -> list[Condition]:
    """Give the conditions on rows `o` that a command's connections mean."""
    found = [_connected(tx, body["is_connected_to"])] if "is_connected_to" in body else []
    if "video_ref" in body:
        found.append(_clause(tx, _of_video(body)))
    return found


def _of_video(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"ref": body["video_ref"], "connection_class": (VIDEO_TO_CLIP, VIDEO_TO_FRAME)}


def clauses(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the single connections that a Find names, whether joined by all, any or neither."""
    found: list[Mapping[str, Any]] = [_of_video(body)] if "video_ref" in body else []
    said = body.get("is_connected_to")
    if said:
        found += said.get("all") or said.get("any") or [said]
    return found


def _connected(tx: Transaction, said: Mapping[str, Any]) -> Condition:
    for how in JOINTS:
        if how in said:
            return sql.joined([_clause(tx, one) for one in said[how]], how)
    return _clause(tx, said)


def _clause(tx: Transaction, said: Mapping[str, Any]) -> Condition:
    selects = _selects(tx, said)
    union = " UNION ".join(f"SELECT {wanted} {rest}" for _, wanted, rest, _ in selects)
    return f"o.id IN ({union})", [value for *_, values in selects for value in values]


def _selects(tx: Transaction, said: Mapping[str, Any]) -> list[tuple[str, str, str, list[Any]]]:
    """Give, for each way to go, the columns of source and wanted end, and the rest of a SELECT.

    One SELECT a way and table, as each then goes by an index.
    """
    here, ids = among(tx.ref(said["ref"], "is_connected_to"))
    parts: list[str] = []
    values: list[Any] = []
    classes = said.get("connection_class")
    if isinstance(classes, str):
        parts.append(f"c.class={literal(classes)}")
    elif classes is not None:
        parts.append(f"c.class IN ({', '.join(map(literal, classes))})")
    node = constraints.parse(said.get("constraints", {}))
    if "constraints" in said:
        text, values = sql.condition(node, "c", family=CONNECTION_FAMILY)
        parts.append(text)
    more = "".join(f" AND {part}" for part in parts)
    found = [
        (f"c.{source}", f"c.{wanted}", f"FROM connections c WHERE c.{source} {here}{more}",
         [ids, *values])
        for wanted, source in _sides(said)
    ]  # fmt: skip
    # That a vector belongs to a set is no row of `connections`, and has no properties.
    if said.get("connection_class", SET_TO_DESCRIPTOR) == SET_TO_DESCRIPTOR and matches(node, {}):
        ends = {"src": "v.set_id", "dst": "v.id"}
        for wanted, source in _sides(said):
            rest = f"FROM vectors v WHERE {ends[source]} {here}"
            found.append((ends[source], ends[wanted], rest, [ids]))
    return found


def _sides(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give (wanted end, source end); "out" is an edge that leaves the object of the ref."""
    ways = {"out": [("dst", "src")], "in": [("src", "dst")]}
    return ways.get(said.get("direction", "any"), ways["out"] + ways["in"])


def sources(tx: Transaction, body: Mapping[str, Any], ids: Sequence[int]) -> dict[int, list[int]]:
    """Map each object of the refs to those of `ids`, in their order, that it is connected to."""
    place = {row_id: n for n, row_id in enumerate(ids)}
    pairs: set[tuple[int, int]] = set()
    for said in clauses(body):
        for source, wanted, rest, values in _selects(tx, said):
            found = tx.db.execute(f"SELECT {source}, {wanted} {rest}", values)
            # Sifted here: as a second list in SQL it would cost the product of the two.
            pairs.update(pair for pair in found if pair[1] in place)
    grouped: dict[int, list[int]] = {}
    for source_id, row_id in sorted(pairs, key=lambda pair: (pair[0], place[pair[1]])):
        grouped.setdefault(source_id, []).append(row_id)
    return grouped
