"""CreateIndex and RemoveIndex: real SQLite indexes on one property of one class."""

from __future__ import annotations

import hashlib

from core.engine.constraints import literal, path
from core.engine.language import TEXT, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.transaction import Transaction

_PARAMETERS = {"index_type": TEXT, "class": TEXT, "property_key": TEXT}
_TABLES = {"entity": "objects", "connection": "connections"}


def _known(body: Body) -> tuple[str, str, str]:
    kind = body["index_type"]
    if kind not in _TABLES:
        raise fail(f"index_type is {kind!r}; use entity or connection.")
    return kind, body["class"], body["property_key"]


def _name(key: tuple[str, str, str]) -> str:
    return "property_" + hashlib.sha256("\0".join(key).encode()).hexdigest()[:16]


@command("CreateIndex", _PARAMETERS, required=tuple(_PARAMETERS), writes=True)
def create_index(tx: Transaction, body: Body) -> Body:
    """Index a property; there already is no failure."""
    key = _known(body)
    if tx.db.execute(
        "SELECT 1 FROM property_indexes WHERE kind=? AND class=? AND key=?", key
    ).fetchone():
        return dict(OBJECT_EXISTS)
    kind, class_, name = key
    tx.db.execute(
        f"CREATE INDEX {_name(key)} ON {_TABLES[kind]}"
        f"(json_extract(properties,{literal(path(name))})) WHERE class={literal(class_)}"
    )
    tx.db.execute("INSERT INTO property_indexes VALUES(?,?,?)", key)
    return {"status": SUCCESS}


@command("RemoveIndex", _PARAMETERS, required=tuple(_PARAMETERS), writes=True)
def remove_index(tx: Transaction, body: Body) -> Body:
    """Remove an index; none there is a failure."""
    key = _known(body)
    if not tx.db.execute(
        "DELETE FROM property_indexes WHERE kind=? AND class=? AND key=?", key
    ).rowcount:
        raise fail(f"There is no index on {key[1]}.{key[2]}; CreateIndex makes one.")
    tx.db.execute(f"DROP INDEX {_name(key)}")
    return {"status": SUCCESS}
