"""System properties that are stored nowhere: as SQL to compare and sort by, and as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.engine.finding import Row
    from core.engine.transaction import Transaction

SET = "_DescriptorSet"
# Whole numbers; NULL where a row has none.
_COLUMNS = {
    "_create_txn": "{alias}.create_txn",
    "_count": (
        f"(CASE WHEN {{alias}}.class='{SET}' THEN"
        " (SELECT count(*) FROM vectors WHERE set_id={alias}.id) END)"
    ),
}
_OF_ROW = ("_uniqueid", "_create_txn", "_distance")


def column(name: str, alias: str = "o") -> str | None:
    """Give the SQL that counts or reads the property of the row `alias`; None: it is stored."""
    return _COLUMNS[name].format(alias=alias) if name in _COLUMNS else None


def count_members(tx: Transaction, rows: Iterable[Row]) -> None:
    """Add to the properties of the sets among rows how many vectors each holds."""
    for row in rows:
        if row.class_ == SET:
            row.properties["_count"] = tx.n_vectors(row.id)


def known(row: Row) -> dict[str, Any]:
    """Give all that is known of a row: what is stored, and what is not."""
    all_ = row.properties | {"_uniqueid": row.uniqueid, "_create_txn": row.create_txn}
    return all_ if row.distance is None else all_ | {"_distance": row.distance}


def known_of(rows: Sequence[Row], names: Iterable[str]) -> list[dict[str, Any]]:
    """Give of each row what has these names, and maybe more; of a million nothing is copied."""
    is_more = not set(_OF_ROW).isdisjoint(names)
    return [known(row) if is_more else row.properties for row in rows]
