"""AddBlob, FindBlob, UpdateBlob, DeleteBlob: bytes of any kind, kept as they come."""

from __future__ import annotations

from core.engine import answering, finding
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.kinds import FLAG, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import SUCCESS
from core.engine.transaction import Transaction
from core.engine.values import comparable

BLOB = "_Blob"


# Said of a PDF in a notebook; in which property the server keeps it is not documented.
_TYPE = "_document_type"


@command(
    "AddBlob",
    {**ADD, "url": TEXT, "document_type": TEXT},
    writes=True,
    takes_blob=lambda body: "url" not in body,
    check=lambda body: objects.check_url(body, "AddBlob"),
)
def add_blob(tx: Transaction, body: Body) -> Body:
    """Store bytes, or where they are."""
    blob = None if "url" in body else tx.take_blob()
    if answer := objects.existing(tx, body, BLOB):
        return answer
    system = {_TYPE: comparable(body["document_type"])} if "document_type" in body else {}
    properties = tx.user_properties(BLOB, body.get("properties")) | system
    row_id = tx.add(BLOB, properties, url=body.get("url"))
    if blob is not None:
        tx.keep_content(row_id, blob)
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command("FindBlob", {**FIND, "blobs": FLAG, "urls": FLAG, "with_url": TEXT}, writes=False)
def find_blob(tx: Transaction, body: Body) -> Body:
    """Find blobs."""
    shape = Shape(
        hidden=(_TYPE,),
        more=objects.urls(body),
        blobs_of=lambda rows: (objects.content(tx, row) for row in rows),
    )
    return answering.find(tx, body, Choice(BLOB, objects.having_url(body)), shape)


@command("UpdateBlob", UPDATE, writes=True)
def update_blob(tx: Transaction, body: Body) -> Body:
    """Change properties of blobs."""
    return objects.update(tx, body, finding.chosen(tx, body, BLOB, place="UpdateBlob"))


@command("DeleteBlob", CHOOSE, writes=True)
def delete_blob(tx: Transaction, body: Body) -> Body:
    """Delete blobs."""
    return objects.delete(tx, body, finding.chosen(tx, body, BLOB, place="DeleteBlob"))
