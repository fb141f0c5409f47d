"""AddImage, FindImage, UpdateImage, DeleteImage."""

from __future__ import annotations

from core.engine import answering, finding
from core.engine.commands import objects
from core.engine.finding import Row
from core.engine.language import ADD, CHOOSE, FIND, FLAG, UPDATE, Body, command
from core.engine.messages import IMAGE_EXISTS, SUCCESS
from core.engine.transaction import Transaction

IMAGE = "_Image"


@command("AddImage", ADD, writes=True)
def add_image(tx: Transaction, body: Body) -> Body:
    """Store an encoded image as it came."""
    blob = tx.blob("AddImage")
    found = objects.existing(tx, body, IMAGE)
    if found:
        tx.name(body, found)
        return dict(IMAGE_EXISTS)
    row_id = tx.add(IMAGE, tx.user_properties(IMAGE, body.get("properties")))
    tx.db.execute("INSERT INTO blobs VALUES(?,?)", (row_id, blob))
    objects.connect(tx, body, row_id, "_GenericConnection")
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command("FindImage", {**FIND, "blobs": FLAG}, writes=False)
def find_image(tx: Transaction, body: Body) -> Body:
    """Find images."""
    return answering.find(tx, body, IMAGE, blob_of=lambda row: _bytes(tx, row))


def _bytes(tx: Transaction, row: Row) -> bytes:
    return bytes(tx.db.execute("SELECT content FROM blobs WHERE id=?", (row.id,)).fetchone()[0])


@command("UpdateImage", UPDATE, writes=True)
def update_image(tx: Transaction, body: Body) -> Body:
    """Change properties of images."""
    return objects.update(tx, body, finding.chosen(tx, body, IMAGE))


@command("DeleteImage", CHOOSE, writes=True)
def delete_image(tx: Transaction, body: Body) -> Body:
    """Delete images."""
    return objects.delete(tx, body, finding.chosen(tx, body, IMAGE))
