"""AddBlob, FindBlob, UpdateBlob, DeleteBlob: bytes of any kind, kept as they come."""

from __future__ import annotations

from core.engine import answering, finding
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.kinds import FLAG
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import SUCCESS
from core.engine.transaction import Transaction

BLOB = "_Blob"


@command("AddBlob", ADD, writes=True, takes_blob=lambda _: True)
def add_blob(tx: Transaction, body: Body) -> Body:
    """Store bytes."""
    blob = tx.take_blob()
    if answer := objects.existing(tx, body, BLOB):
        return answer
    row_id = tx.add(BLOB, tx.user_properties(BLOB, body.get("properties")))
    tx.keep_content(row_id, blob)
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command("FindBlob", {**FIND, "blobs": FLAG}, writes=False)
def find_blob(tx: Transaction, body: Body) -> Body:
    """Find blobs."""
    return answering.find(
        tx, body, Choice(BLOB), Shape(blobs_of=lambda rows: (tx.content(row.id) for row in rows))
    )


@command("UpdateBlob", UPDATE, writes=True)
def update_blob(tx: Transaction, body: Body) -> Body:
    """Change properties of blobs."""
    return objects.update(tx, body, finding.chosen(tx, body, BLOB, place="UpdateBlob"))


@command("DeleteBlob", CHOOSE, writes=True)
def delete_blob(tx: Transaction, body: Body) -> Body:
    """Delete blobs."""
    return objects.delete(tx, body, finding.chosen(tx, body, BLOB, place="DeleteBlob"))
