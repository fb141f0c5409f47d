"""AddEntity, FindEntity, UpdateEntity, DeleteEntity."""

from __future__ import annotations

from core.engine import answering, finding
from core.engine.answering import Choice
from core.engine.commands import objects
from core.engine.kinds import NAME, OWN_NAME
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import SUCCESS
from core.engine.sql import Condition
from core.engine.transaction import Transaction

# Without a class, the system's objects are found, but not changed or deleted: whether the server
# would is not documented, and a DeleteEntity with nothing in it would take every video along.
_OWN: list[Condition] = [("o.class NOT LIKE '\\_%' ESCAPE '\\'", [])]


@command("AddEntity", {**ADD, "class": OWN_NAME}, required=("class",), writes=True)
def add_entity(tx: Transaction, body: Body) -> Body:
    """Add an object of one's own class."""
    class_ = body["class"]
    if answer := objects.existing(tx, body, class_):
        return answer
    row_id = tx.add(class_, tx.user_properties(class_, body.get("properties")))
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command("FindEntity", {**FIND, "with_class": NAME}, writes=False)
def find_entity(tx: Transaction, body: Body) -> Body:
    """Find objects of a class, or of any."""
    return answering.find(tx, body, Choice(body.get("with_class")))


@command("UpdateEntity", {**UPDATE, "with_class": NAME}, writes=True)
def update_entity(tx: Transaction, body: Body) -> Body:
    """Change properties of objects."""
    return objects.update(tx, body, _chosen(tx, body, "UpdateEntity"))


@command("DeleteEntity", {**CHOOSE, "with_class": NAME}, writes=True)
def delete_entity(tx: Transaction, body: Body) -> Body:
    """Delete objects."""
    return objects.delete(tx, body, _chosen(tx, body, "DeleteEntity"))


def _chosen(tx: Transaction, body: Body, place: str) -> list[int]:
    class_ = body.get("with_class")
    return finding.chosen(tx, body, class_, place=place, also=[] if class_ else _OWN)
