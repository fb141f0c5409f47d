"""AddDescriptorSet, FindDescriptorSet, UpdateDescriptorSet, DeleteDescriptorSet."""

from __future__ import annotations

from typing import Any

from core.engine import answering, finding
from core.engine import messages as say
from core.engine.answering import Choice, Shape
from core.engine.columns import SET
from core.engine.commands import objects
from core.engine.computed import count_members
from core.engine.finding import Row
from core.engine.kinds import COUNT, FLAG, TEXT, TEXTS
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail, joined
from core.engine.transaction import Transaction
from core.engine.values import comparable

# Names of the server's engines. Those that may miss a neighbour are one and the same here: a graph
# of neighbours (HNSW), once a set is so large that it pays; until then they are exact, too.
APPROXIMATE = ("HNSW", "IVF", "FaissIVFFlat")
ENGINES = ("Flat", "FaissFlat", *APPROXIMATE)
METRICS = ("L2", "IP", "CS")
MOST_DIMENSIONS = 65_536
_FLAGS = {
    "engines": "_engines",
    "metrics": "_metrics",
    "dimensions": "_dimensions",
    "counts": "_count",
}


def by_name(tx: Transaction, name: str) -> Row | None:
    """Give the set of this name."""
    found = finding.rows(tx, {}, SET, also=objects.having({"name": name}, "name", "_name"))
    return found[0] if found else None


def _check_dimensions(body: Body) -> None:
    if not 1 <= body["dimensions"] <= MOST_DIMENSIONS:
        raise fail(say.BAD_DIMENSIONS, value=body["dimensions"], most=MOST_DIMENSIONS)


@command(
    "AddDescriptorSet",
    {**ADD, "name": TEXT, "dimensions": COUNT, "engine": TEXTS, "metric": TEXTS},
    required=("name", "dimensions"),
    writes=True,
    check=_check_dimensions,
)
def add_set(tx: Transaction, body: Body) -> Body:
    """Add a set, unless one has this name; the first engine and metric are its defaults."""
    system = {
        "_name": comparable(body["name"]),
        "_dimensions": body["dimensions"],
        "_engines": _names(body.get("engine", "FaissFlat"), ENGINES, "engine"),
        "_metrics": _names(body.get("metric", "L2"), METRICS, "metric"),
    }
    same = by_name(tx, body["name"])
    if same:
        tx.name(body, [same.id])
        return dict(OBJECT_EXISTS)
    if answer := objects.existing(tx, body, SET):
        return answer
    row_id = tx.add(SET, tx.user_properties(SET, body.get("properties")) | system)
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def _names(given: str | list[str], known: tuple[str, ...], what: str) -> list[str]:
    names = [given] if isinstance(given, str) else given
    place = f"AddDescriptorSet.{what}"
    for name in names:
        if name not in known:
            raise fail(say.BAD_CHOICE, place=place, value=name, known=joined(known))
    if not names:
        raise fail(say.EMPTY_LIST, place=place)
    return list(names)


@command(
    "FindDescriptorSet",
    {**FIND, "with_name": TEXT, **dict.fromkeys(_FLAGS, FLAG)},
    writes=False,
)
def find_set(tx: Transaction, body: Body) -> Body:
    """Find sets; the flags add what the engine knows about each."""
    keys = [key for flag, key in _FLAGS.items() if body.get(flag)]

    def more(row: Row) -> dict[str, Any]:
        if "_count" in keys:
            count_members(tx, [row])
        return {key: row.properties[key] for key in ("_name", *keys)}

    shape = Shape(more=more if keys else None)
    return answering.find(tx, body, Choice(SET, _having_name(body)), shape)


def _having_name(body: Body) -> list[tuple[str, list[Any]]]:
    return objects.having(body, "with_name", "_name")


@command("UpdateDescriptorSet", {**UPDATE, "with_name": TEXT}, writes=True)
def update_set(tx: Transaction, body: Body) -> Body:
    """Change properties of sets."""
    place, also = "UpdateDescriptorSet", _having_name(body)
    return objects.update(tx, body, finding.chosen(tx, body, SET, place=place, also=also))


@command("DeleteDescriptorSet", {**CHOOSE, "with_name": TEXT}, writes=True)
def delete_set(tx: Transaction, body: Body) -> Body:
    """Delete sets and the descriptors in them; none there is no failure."""
    place, also = "DeleteDescriptorSet", _having_name(body)
    return objects.delete(tx, body, finding.chosen(tx, body, SET, place=place, also=also))
