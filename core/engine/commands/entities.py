"""AddEntity, FindEntity, UpdateEntity, DeleteEntity."""

from __future__ import annotations

from core.engine import answering, finding
from core.engine.commands import objects
from core.engine.language import ADD, CHOOSE, FIND, TEXT, UPDATE, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.transaction import Transaction


@command("AddEntity", {**ADD, "class": TEXT}, required=("class",), writes=True)
def add_entity(tx: Transaction, body: Body) -> Body:
    """Add an object of one's own class."""
    class_ = body["class"]
    if class_.startswith("_"):
        raise fail(f'The class {class_!r} begins with "_", which is reserved; rename it.')
    found = objects.existing(tx, body, class_)
    if found:
        tx.name(body, found)
        return dict(OBJECT_EXISTS)
    row_id = tx.add(class_, tx.user_properties(class_, body.get("properties")))
    objects.connect(tx, body, row_id, "_GenericConnection")
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command("FindEntity", {**FIND, "with_class": TEXT}, writes=False)
def find_entity(tx: Transaction, body: Body) -> Body:
    """Find objects of a class, or of any."""
    return answering.find(tx, body, body.get("with_class"))


@command("UpdateEntity", {**UPDATE, "with_class": TEXT}, writes=True)
def update_entity(tx: Transaction, body: Body) -> Body:
    """Change properties of objects."""
    return objects.update(tx, body, finding.chosen(tx, body, body.get("with_class")))


@command("DeleteEntity", {**CHOOSE, "with_class": TEXT}, writes=True)
def delete_entity(tx: Transaction, body: Body) -> Body:
    """Delete objects."""
    return objects.delete(tx, body, finding.chosen(tx, body, body.get("with_class")))
