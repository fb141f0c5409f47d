"""CreateIndex, RemoveIndex, GetIndexes: real SQLite indexes on one property of one class.

Newer clients say `target` and `property` where the language's documentation says `index_type` and
`property_key`; both are read.
"""

from __future__ import annotations

import hashlib
from typing import Any

from core.engine import kinds
from core.engine import messages as say
from core.engine.kinds import NAME
from core.engine.language import Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.sql import literal
from core.engine.transaction import Transaction
from core.engine.values import path

_TABLES = {"entity": "objects", "connection": "connections"}
_TARGET = kinds.one_of(*_TABLES)
_PARAMETERS = {
    "index_type": _TARGET, "target": _TARGET, "class": NAME, "property_key": NAME,
    "property": NAME, "kind": kinds.one_of("ordered"),
}  # fmt: skip
Key = tuple[str, str, str]  # entity or connection, class, property


def _key(body: Body, place: str) -> Key:
    return (
        _either(body, place, "index_type", "target"),
        body["class"],
        _either(body, place, "property_key", "property"),
    )


def _either(body: Body, place: str, first: str, second: str) -> str:
    if first in body and second in body:
        raise fail(say.TWO_NAMES, place=place, first=first, second=second)
    if first not in body and second not in body:
        raise fail(say.MISSING, place=place, name=first)
    return str(body.get(first, body.get(second)))


def _name(key: Key) -> str:
    return "property_" + hashlib.sha256("\0".join(key).encode()).hexdigest()[:16]


@command(
    "CreateIndex", _PARAMETERS, required=("class",), writes=True,
    check=lambda body: _key(body, "CreateIndex"),
)  # fmt: skip
def create_index(tx: Transaction, body: Body) -> Body:
    """Index a property; that it already is, is no failure."""
    key = kind, class_, name = _key(body, "CreateIndex")
    known = tx.db.execute(
        "SELECT 1 FROM property_indexes WHERE kind=? AND class=? AND key=?", key
    ).fetchone()
    if known:
        return dict(OBJECT_EXISTS)
    # The class is in it although it is the same in every row: without, SQLite would take the index
    # on class alone for ranges and lists, and read every object of the class.
    tx.db.execute(
        f"CREATE INDEX {_name(key)} ON {_TABLES[kind]}"
        f"(class, json_extract(properties,{literal(path(name))})) WHERE class={literal(class_)}"
    )
    tx.db.execute("INSERT INTO property_indexes VALUES(?,?,?)", key)
    return {"status": SUCCESS}


@command(
    "RemoveIndex", _PARAMETERS, required=("class",), writes=True,
    check=lambda body: _key(body, "RemoveIndex"),
)  # fmt: skip
def remove_index(tx: Transaction, body: Body) -> Body:
    """Remove an index; none there is a failure."""
    key = _key(body, "RemoveIndex")
    gone = tx.db.execute("DELETE FROM property_indexes WHERE kind=? AND class=? AND key=?", key)
    if not gone.rowcount:
        raise fail(say.NO_INDEX, class_=key[1], name=key[2])
    tx.db.execute(f"DROP INDEX {_name(key)}")
    return {"status": SUCCESS}


@command(
    "GetIndexes",
    {"target": _TARGET, "class": NAME, "property": NAME, "kind": kinds.TEXT},
    writes=False,
)
def get_indexes(tx: Transaction, body: Body) -> Body:
    """List indexes as target, class, property; in the form that the client of 0.5 reads."""
    found: dict[str, Any] = {}
    for key in tx.db.execute("SELECT kind, class, key FROM property_indexes"):
        parts = zip(("target", "class", "property"), key, strict=True)
        is_wanted = all(body.get(what, has) == has for what, has in parts)
        if is_wanted and body.get("kind", "ordered") == "ordered":
            classes = found.setdefault(key[0], {}).setdefault(key[1], {})
            classes[key[2]] = [{"kind": "ordered", "params": {}}]
    return {"indexes": found or None, "status": SUCCESS}
