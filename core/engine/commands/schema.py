"""GetSchema: the classes that hold something, how much, and which properties of which type."""

from __future__ import annotations

from typing import Any

from core.engine import links
from core.engine.finding import CONNECTIONS, OBJECTS, Table
from core.engine.kinds import FLAG, REF, one_of
from core.engine.language import Body, command
from core.engine.links import SET_TO_DESCRIPTOR
from core.engine.messages import SUCCESS
from core.engine.sql import Condition, literal
from core.engine.transaction import Transaction

_TYPES = {"string": "String", "number": "Number", "boolean": "Boolean", "date": "Datetime"}
# What was recorded of the system's own properties: these are listed, and no others (the notebook on
# SPARQL, which shows the schema of images, ingredients, descriptors and their set).
_LISTED = {
    "_Descriptor": {"_label": "string"},
    "_DescriptorSet": {"_name": "string", "_dimensions": "number"},
}
_BOTH = "both"
_ALL: Condition = ("1", [])


@command(
    "GetSchema",
    {"ref": REF, "type": one_of("entities", "connections", _BOTH), "refresh": FLAG},
    writes=False,
)
def get_schema(tx: Transaction, body: Body) -> Body:
    """Describe everything, or with `ref` those objects and the connections that touch them."""
    kind, entities, connections, vectors = body.get("type", _BOTH), _ALL, _ALL, _ALL
    if "ref" in body:
        here, ids = links.among(tx.ref(body["ref"], "GetSchema.ref"))
        entities = f"o.id {here}", [ids]
        connections = f"(o.src {here} OR o.dst {here})", [ids, ids]
        vectors = f"(id {here} OR set_id {here})", [ids, ids]
    return {
        "status": SUCCESS,
        "entities": None if kind == "connections" else _entities(tx, entities),
        "connections": None if kind == "entities" else _connections(tx, connections, vectors),
    }


def _entities(tx: Transaction, which: Condition) -> dict[str, Any] | None:
    text, values = which
    matched = tx.db.execute(
        f"SELECT o.class, count(*) FROM objects o WHERE {text} GROUP BY 1", values
    )
    classes = {
        name: {"matched": n, "properties": _properties(tx, OBJECTS, name, which)}
        for name, n in matched.fetchall()
    }
    return {"returned": len(classes), "classes": classes} if classes else None


def _connections(tx: Transaction, which: Condition, vectors: Condition) -> dict[str, Any] | None:
    """List per class the pairs of classes that it joins, as from 0.18.15 on."""
    found = tx.db.execute(
        "SELECT o.class, s.class, d.class, count(*) FROM connections o"
        " JOIN objects s ON s.id=o.src JOIN objects d ON d.id=o.dst"
        f" WHERE {which[0]} GROUP BY 1, 2, 3 UNION ALL"
        " SELECT ?, '_DescriptorSet', '_Descriptor', count(*) FROM vectors"
        f" WHERE {vectors[0]} HAVING count(*)>0",
        [*which[1], SET_TO_DESCRIPTOR, *vectors[1]],
    ).fetchall()
    classes: dict[str, list[dict[str, Any]]] = {}
    for name, src, dst, n in found:
        properties = _properties(tx, CONNECTIONS, name, which)
        described = {"src": src, "dst": dst, "matched": n, "properties": properties}
        classes.setdefault(name, []).append(described)
    return {"returned": len(classes), "classes": classes} if classes else None


def _properties(
    tx: Transaction, table: Table, class_: str, which: Condition
) -> dict[str, list[Any]] | None:
    """Give each property that is listed as [how many have it, whether indexed, its type]."""
    of = (table.kind, class_)
    keys = tx.db.execute("SELECT key FROM property_indexes WHERE kind=? AND class=?", of)
    indexed = {key for (key,) in keys}
    types = dict(tx.db.execute("SELECT key, type FROM property_types WHERE kind=? AND class=?", of))
    types |= _LISTED.get(class_, {}) if table is OBJECTS else {}
    counts = tx.db.execute(
        f"SELECT j.key, count(*) FROM {table.name} o, json_each(o.properties) j"
        # A literal: SQLite would take an index on one class for a parameter of that value, and
        # keep it for other values once an index was created between two runs.
        f" WHERE o.class={literal(class_)} AND {which[0]} GROUP BY 1",
        which[1],
    )
    found = {key: [n, key in indexed, _TYPES[types[key]]] for key, n in counts if key in types}
    return found or None
