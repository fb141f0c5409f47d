"""AddDescriptorSet, FindDescriptorSet, UpdateDescriptorSet, DeleteDescriptorSet."""

from __future__ import annotations

from typing import Any

from core.engine import answering, finding
from core.engine.commands import objects
from core.engine.finding import Row
from core.engine.language import ADD, CHOOSE, COUNT, FIND, FLAG, TEXT, TEXTS, UPDATE, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.transaction import Transaction

SET = "_DescriptorSet"
ENGINES = ("Flat", "FaissFlat", "HNSW", "IVF", "FaissIVFFlat")
METRICS = ("L2", "IP", "CS")
_FLAGS = {
    "engines": "_engines",
    "metrics": "_metrics",
    "dimensions": "_dimensions",
    "counts": "_count",
}


def by_name(tx: Transaction, name: str) -> Row | None:
    """Give the set of this name."""
    found = finding.rows(tx, {"constraints": {"_name": ["==", name]}}, SET)
    return found[0] if found else None


@command(
    "AddDescriptorSet",
    {**ADD, "name": TEXT, "dimensions": COUNT, "engine": TEXTS, "metric": TEXTS},
    required=("name", "dimensions"),
    writes=True,
)
def add_set(tx: Transaction, body: Body) -> Body:
    """Add a set, unless one has this name; the first engine and metric are its defaults."""
    same = by_name(tx, body["name"])
    found = [same.id] if same else objects.existing(tx, body, SET)
    if found:
        tx.name(body, found)
        return dict(OBJECT_EXISTS)
    if not body["dimensions"]:
        raise fail("AddDescriptorSet.dimensions is 0; give the length of the vectors.")
    system = {
        "_name": body["name"],
        "_dimensions": body["dimensions"],
        "_engines": _names(body.get("engine", "FaissFlat"), ENGINES, "engine"),
        "_metrics": _names(body.get("metric", "L2"), METRICS, "metric"),
    }
    row_id = tx.add(SET, tx.user_properties(SET, body.get("properties")) | system)
    objects.connect(tx, body, row_id, "_GenericConnection")
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def _names(given: str | list[str], known: tuple[str, ...], what: str) -> list[str]:
    names = [given] if isinstance(given, str) else given
    for name in names:
        if name not in known:
            raise fail(f"AddDescriptorSet.{what} is {name!r}; use one of {', '.join(known)}.")
    if not names:
        raise fail(f"AddDescriptorSet.{what} is an empty list; name at least one.")
    return list(names)


@command(
    "FindDescriptorSet",
    {**FIND, "with_name": TEXT, **dict.fromkeys(_FLAGS, FLAG)},
    writes=False,
)
def find_set(tx: Transaction, body: Body) -> Body:
    """Find sets; the flags add what the engine knows about each."""
    body = objects.with_name(body)
    found = None
    if set(_FLAGS) & set(body) or body.get("results"):
        found = finding.rows(tx, body, SET)
        for row in found:
            row.properties["_count"] = _count(tx, row.id)
    flags = [key for flag, key in _FLAGS.items() if body.get(flag)]

    def extra(row: Row) -> dict[str, Any]:
        return {"_name": row.properties["_name"], **{key: row.properties[key] for key in flags}}

    return answering.find(tx, body, SET, found=found, extra=extra if flags else None)


def _count(tx: Transaction, set_id: int) -> int:
    return int(
        tx.db.execute("SELECT count(*) FROM vectors WHERE set_id=?", (set_id,)).fetchone()[0]
    )


@command("UpdateDescriptorSet", {**UPDATE, "with_name": TEXT}, writes=True)
def update_set(tx: Transaction, body: Body) -> Body:
    """Change properties of sets."""
    return objects.update(tx, body, finding.chosen(tx, objects.with_name(body), SET))


@command("DeleteDescriptorSet", {**CHOOSE, "with_name": TEXT}, writes=True)
def delete_set(tx: Transaction, body: Body) -> Body:
    """Delete sets and the descriptors in them; none there is no failure."""
    ids = finding.chosen(tx, objects.with_name(body), SET)
    here, bound = finding.among(ids)
    inside = [i for (i,) in tx.db.execute(f"SELECT id FROM vectors WHERE set_id {here}", (bound,))]
    objects.delete(tx, {}, inside)
    return objects.delete(tx, body, ids)
