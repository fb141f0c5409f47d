"""GetStatus and GetSchema."""

from __future__ import annotations

from typing import Any

from core.engine.finding import CONNECTIONS, OBJECTS, Table
from core.engine.kinds import FLAG, one_of
from core.engine.language import Body, command
from core.engine.links import SET_TO_DESCRIPTOR
from core.engine.messages import SUCCESS
from core.engine.transaction import Transaction

# The server whose recorded answers this engine follows.
VERSION = "0.19.6"
_TYPES = {"string": "String", "number": "Number", "boolean": "Boolean", "date": "Datetime"}
_BOTH = "both"


@command("GetStatus", {}, writes=False)
def get_status(_tx: Transaction, _body: Body) -> Body:
    """Say that the database answers."""
    return {"info": "OK", "status": SUCCESS, "system": "ApertureDB", "version": VERSION}


@command(
    "GetSchema", {"type": one_of("entities", "connections", _BOTH), "refresh": FLAG}, writes=False
)
def get_schema(tx: Transaction, body: Body) -> Body:
    """Describe the classes that hold something: how many, and which properties of which type."""
    kind = body.get("type", _BOTH)
    return {
        "status": SUCCESS,
        "entities": None if kind == "connections" else _entities(tx),
        "connections": None if kind == "entities" else _connections(tx),
    }


def _entities(tx: Transaction) -> dict[str, Any] | None:
    matched = dict(tx.db.execute("SELECT class, count(*) FROM objects GROUP BY class"))
    classes = {
        name: {"matched": n, "properties": _properties(tx, OBJECTS, name)}
        for name, n in matched.items()
    }
    return {"returned": len(classes), "classes": classes} if classes else None


def _connections(tx: Transaction) -> dict[str, Any] | None:
    """List per class the pairs of classes that it joins, as from 0.18.15 on."""
    found = tx.db.execute(
        "SELECT c.class, s.class, d.class, count(*) FROM connections c JOIN objects s ON s.id=c.src"
        " JOIN objects d ON d.id=c.dst GROUP BY 1, 2, 3 UNION ALL"
        " SELECT ?, '_DescriptorSet', '_Descriptor', count(*) FROM vectors HAVING count(*)>0",
        (SET_TO_DESCRIPTOR,),
    ).fetchall()
    classes: dict[str, list[dict[str, Any]]] = {}
    for name, src, dst, n in found:
        properties = _properties(tx, CONNECTIONS, name)
        described = {"src": src, "dst": dst, "matched": n, "properties": properties}
        classes.setdefault(name, []).append(described)
    return {"returned": len(classes), "classes": classes} if classes else None


def _properties(tx: Transaction, table: Table, class_: str) -> dict[str, list[Any]] | None:
    """Give each of the clients' own properties as [how many have it, whether indexed, its type]."""
    of = (table.kind, class_)
    keys = tx.db.execute("SELECT key FROM property_indexes WHERE kind=? AND class=?", of)
    indexed = {key for (key,) in keys}
    types = dict(tx.db.execute("SELECT key, type FROM property_types WHERE kind=? AND class=?", of))
    counts = tx.db.execute(
        f"SELECT j.key, count(*) FROM {table.name} o, json_each(o.properties) j"
        " WHERE o.class=? GROUP BY 1",
        (class_,),
    )
    found = {key: [n, key in indexed, _TYPES[types[key]]] for key, n in counts if key in types}
    return found or None
