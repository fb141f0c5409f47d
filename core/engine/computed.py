"""System properties that are stored nowhere, as values of rows; see columns.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.engine.columns import SET
from core.engine.finding import Row
from core.engine.transaction import Transaction

_OF_ROW = ("_uniqueid", "_create_txn", "_distance")


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
