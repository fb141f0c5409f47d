"""AddImage, FindImage, UpdateImage, DeleteImage."""

from __future__ import annotations

from core.engine import answering, finding
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.kinds import FLAG
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import IMAGE_EXISTS, SUCCESS
from core.engine.transaction import Transaction

IMAGE = "_Image"


@command("AddImage", ADD, writes=True, takes_blob=lambda _: True)
def add_image(tx: Transaction, body: Body) -> Body:
    """Store an encoded image as it came."""
    blob = tx.take_blob()
    if answer := objects.existing(tx, body, IMAGE, IMAGE_EXISTS):
        return answer
    row_id = tx.add(IMAGE, tx.user_properties(IMAGE, body.get("properties")))
    tx.keep_content(row_id, blob)
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command("FindImage", {**FIND, "blobs": FLAG}, writes=False)
def find_image(tx: Transaction, body: Body) -> Body:
    """Find images."""
    return answering.find(tx, body, Choice(IMAGE), Shape(blob_of=lambda row: tx.content(row.id)))


@command("UpdateImage", UPDATE, writes=True)
def update_image(tx: Transaction, body: Body) -> Body:
    """Change properties of images."""
    return objects.update(tx, body, finding.chosen(tx, body, IMAGE, place="UpdateImage"))


@command("DeleteImage", CHOOSE, writes=True)
def delete_image(tx: Transaction, body: Body) -> Body:
    """Delete images."""
    return objects.delete(tx, body, finding.chosen(tx, body, IMAGE, place="DeleteImage"))
