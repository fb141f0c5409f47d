"""From object to object: what is_connected_to and video_ref mean, and whose source is whose.

One hop; the result is a set without an order of its own. Knows no command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.engine import constraints
from core.engine.constraints import CONNECTION_FAMILY, Condition, literal

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

# The system link between a video and its clips; the server's own name for it is not documented.
VIDEO_TO_CLIP = "_VideoToClip"
SET_TO_DESCRIPTOR = "_DescriptorSetToDescriptor"
# Whatever can be traversed. That a vector belongs to a set is no row of its own in `connections`.
_LINKS = (
    "(SELECT class, src, dst, properties, id FROM connections UNION ALL"
    f" SELECT '{SET_TO_DESCRIPTOR}', set_id, id, '{{}}', NULL FROM vectors)"
)


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
    return {"ref": body["video_ref"], "connection_class": VIDEO_TO_CLIP}


def clauses(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the single connections that a Find names, whether joined by all, any or neither."""
    found: list[Mapping[str, Any]] = [_of_video(body)] if "video_ref" in body else []
    said = body.get("is_connected_to")
    if said:
        found += said.get("all") or said.get("any") or [said]
    return found


def _connected(tx: Transaction, said: Mapping[str, Any]) -> Condition:
    for how, joint in (("all", " AND "), ("any", " OR ")):
        if how in said:
            parts = [_clause(tx, one) for one in said[how]]
            return f"({joint.join(p[0] for p in parts)})", [v for p in parts for v in p[1]]
    return _clause(tx, said)


def _clause(tx: Transaction, said: Mapping[str, Any]) -> Condition:
    sides = []
    values: list[Any] = []
    for wanted, source in _sides(said):
        text, more = _edges(tx, said, source)
        sides.append(f"SELECT c.{wanted} FROM {_LINKS} c WHERE {text}")
        values += more
    return f"o.id IN ({' UNION '.join(sides)})", values


def _sides(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give (wanted end, source end); "out" is an edge that leaves the object of the ref."""
    ways = {"out": [("dst", "src")], "in": [("src", "dst")]}
    return ways.get(said.get("direction", "any"), ways["out"] + ways["in"])


def _edges(tx: Transaction, said: Mapping[str, Any], source: str) -> Condition:
    """Build the condition on links `c` whose `source` end is in the named ref."""
    text, ids = among(tx.ref(said["ref"], "is_connected_to"))
    parts, values = [f"c.{source} {text}"], [ids]
    if "connection_class" in said:
        parts.append(f"c.class={literal(said['connection_class'])}")
    if "constraints" in said:
        node = constraints.parse(said["constraints"])
        more, bound = constraints.sql(node, "c", family=CONNECTION_FAMILY)
        parts.append(more)
        values += bound
    return " AND ".join(parts), values


def sources(tx: Transaction, body: Mapping[str, Any], ids: Sequence[int]) -> dict[int, list[int]]:
    """Map each object of the refs to those of `ids`, in their order, that it is connected to."""
    place = {row_id: n for n, row_id in enumerate(ids)}
    pairs: set[tuple[int, int]] = set()
    for said in clauses(body):
        for wanted, source in _sides(said):
            text, values = _edges(tx, said, source)
            found = tx.db.execute(
                f"SELECT c.{source}, c.{wanted} FROM {_LINKS} c WHERE {text}", values
            )
            # Sifted here: as a second list in SQL it would cost the product of the two.
            pairs.update(pair for pair in found if pair[1] in place)
    grouped: dict[int, list[int]] = {}
    for source_id, row_id in sorted(pairs, key=lambda pair: (pair[0], place[pair[1]])):
        grouped.setdefault(source_id, []).append(row_id)
    return grouped
