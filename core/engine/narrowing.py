"""Which index a search goes by, where constraints name several indexed properties.

SQLite takes a range for narrower than an equality, whatever the values are: of one video's clips in
a stretch of time it would read that stretch of every video. So both are counted, a few entries of
each index at a time, until the smaller is known; that costs in proportion to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.engine import sql
from core.engine.constraints import Group, Node, Term
from core.engine.sql import Condition, literal

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

_FIRST_LOOK = 256  # entries of each index; then four times as many, and so on


def narrowest(tx: Transaction, node: Node, table: str, kind: str, class_: str) -> str | None:
    """Name the indexed property whose constraints leave the fewest rows.

    Args:
        tx: the query that runs.
        node: the constraints; only what all rows must meet is looked at.
        table: where the rows lie.
        kind: as indexes are told apart, "entity" or "connection".
        class_: of the rows.

    Returns:
        None where there is nothing to choose.
    """
    found = _by_property(node)
    if len(found) < 2:
        return None
    keys = tx.db.execute(
        "SELECT key FROM property_indexes WHERE kind=? AND class=?", (kind, class_)
    )
    indexed = {key: found[key] for (key,) in keys if key in found}
    if len(indexed) < 2:
        return None
    return _smallest(tx, indexed, f"{table} o WHERE o.class={literal(class_)}")


def _by_property(node: Node) -> dict[str, list[Condition]]:
    parts = node.parts if isinstance(node, Group) and node.how == "all" else (node,)
    found: dict[str, list[Condition]] = {}
    for part in parts:
        compared = sql.by_index(part) if isinstance(part, Term) else None
        if compared is not None and isinstance(part, Term):
            found.setdefault(part.name, []).append(compared)
    return found


def _smallest(tx: Transaction, indexed: Mapping[str, list[Condition]], rows: str) -> str:
    n_most = _FIRST_LOOK
    while True:
        counts = {}
        for name, conditions in indexed.items():
            text, values = sql.joined(conditions, "all")
            counted = f"SELECT count(*) FROM (SELECT 1 FROM {rows} AND {text} LIMIT {n_most})"
            (counts[name],) = tx.db.execute(counted, values).fetchone()
        least = min(counts, key=lambda name: counts[name])
        if counts[least] < n_most:
            return least
        n_most *= 4
