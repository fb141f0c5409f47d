"""GetStatus and GetSchema."""

from __future__ import annotations

from typing import Any

from core.engine.language import COUNT, FLAG, TEXT, Body, command
from core.engine.messages import SUCCESS, fail
from core.engine.transaction import Transaction

# The server whose recorded answers this engine follows.
VERSION = "0.19.6"
_TYPES = {"string": "String", "number": "Number", "boolean": "Boolean", "date": "Datetime"}


@command("GetStatus", {}, writes=False)
def get_status(tx: Transaction, body: Body) -> Body:
    """Say that the database answers."""
    return {"info": "OK", "status": SUCCESS, "system": "ApertureDB", "version": VERSION}


@command("GetSchema", {"type": TEXT, "ref": COUNT, "refresh": FLAG}, writes=False)
def get_schema(tx: Transaction, body: Body) -> Body:
    """Describe the classes that hold something: how many, and which properties of which type."""
    if "ref" in body:
        raise fail(
            "GetSchema.ref is not built in the embedded engine; leave it out for the whole schema."
        )
    kind = body.get("type", "both")
    if kind not in ("entities", "connections", "both"):
        raise fail(f"GetSchema.type is {kind!r}; use entities, connections or both.")
    answer: Body = {"status": SUCCESS, "entities": None, "connections": None}
    if kind != "connections":
        answer["entities"] = _entities(tx)
    if kind != "entities":
        answer["connections"] = _connections(tx)
    return answer


def _entities(tx: Transaction) -> dict[str, Any] | None:
    matched = dict(tx.db.execute("SELECT class, count(*) FROM objects GROUP BY class"))
    classes = {
        name: {"matched": n, "properties": _properties(tx, "objects", name)}
        for name, n in matched.items()
    }
    return {"returned": sum(matched.values()), "classes": classes} if classes else None


def _connections(tx: Transaction) -> dict[str, Any] | None:
    classes: dict[str, list[dict[str, Any]]] = {}
    rows = tx.db.execute(
        "SELECT c.class, s.class, d.class, count(*) FROM connections c JOIN objects s ON s.id=c.src"
        " JOIN objects d ON d.id=c.dst GROUP BY 1, 2, 3"
    ).fetchall()
    for name, src, dst, n in rows:
        described = {
            "src": src,
            "dst": dst,
            "matched": n,
            "properties": _properties(tx, "connections", name),
        }
        classes.setdefault(name, []).append(described)
    return {"returned": sum(row[3] for row in rows), "classes": classes} if classes else None


def _properties(tx: Transaction, table: str, class_: str) -> dict[str, list[Any]] | None:
    kind = "entity" if table == "objects" else "connection"
    indexed = {
        k
        for (k,) in tx.db.execute(
            "SELECT key FROM property_indexes WHERE kind=? AND class=?", (kind, class_)
        )
    }
    counts = tx.db.execute(
        f"SELECT j.key, count(*) FROM {table} o, json_each(o.properties) j"
        " WHERE o.class=? GROUP BY 1",
        (class_,),
    )
    types = dict(tx.db.execute("SELECT key, type FROM types WHERE class=?", (class_,)))
    found = {
        key: [n, key in indexed, _TYPES.get(types.get(key, "string"), "String")]
        for key, n in counts
        if key in types
    }
    return found or None
