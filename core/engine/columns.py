"""System properties that are stored nowhere, as SQL to compare and sort by; see computed.py."""

from __future__ import annotations

from typing import Final

SET: Final = "_DescriptorSet"
# Whole numbers; NULL where a row has none.
_COLUMNS: Final = {
    "_create_txn": "{alias}.create_txn",
    "_count": (
        f"(CASE WHEN {{alias}}.class='{SET}' THEN"
        " (SELECT count(*) FROM vectors WHERE set_id={alias}.id) END)"
    ),
}


def column(name: str, alias: str = "o") -> str | None:
    """Give the SQL that counts or reads the property of the row `alias`; None: it is stored."""
    return _COLUMNS[name].format(alias=alias) if name in _COLUMNS else None
