"""AddImage, FindImage, UpdateImage, DeleteImage."""

from __future__ import annotations

from core.engine import answering, finding, operations, pictures
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.finding import Row
from core.engine.kinds import FLAG, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import IMAGE_EXISTS, SUCCESS, QueryFailedError
from core.engine.operations import FORMAT, IMAGE_OPERATIONS
from core.engine.transaction import Transaction
from core.engine.workshop import Workshop

IMAGE = "_Image"


def _check(body: Body) -> None:
    objects.check_url(body, "AddImage", "format", "operations")


def _prepare(
    _workshop: Workshop, body: Body, blob: bytes | None
) -> bytes | QueryFailedError | None:
    """Change an image as asked; a failure counts only if it is to be added."""
    try:
        return None if blob is None else _edited(blob, body, "format")
    except QueryFailedError as failure:
        return failure


def _edited(content: bytes, body: Body, as_format: str) -> bytes:
    if as_format not in body and "operations" not in body:
        return bytes(content)
    return pictures.edited(content, operations.read(body), body.get(as_format))


@command(
    "AddImage",
    {**ADD, "url": TEXT, "format": FORMAT, "operations": IMAGE_OPERATIONS},
    writes=True,
    takes_blob=lambda body: "url" not in body,
    check=_check,
    prepare=_prepare,
)
def add_image(tx: Transaction, body: Body) -> Body:
    """Store an encoded image, as it came unless another form is asked for."""
    if "url" not in body:
        tx.skip_blob()
    if answer := objects.existing(tx, body, IMAGE, IMAGE_EXISTS):
        return answer
    content = tx.prepared
    if isinstance(content, QueryFailedError):
        raise content
    properties = tx.user_properties(IMAGE, body.get("properties"))
    row_id = tx.add(IMAGE, properties, url=body.get("url"))
    if content is not None:
        tx.keep_content(row_id, content)
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command(
    "FindImage",
    {
        **FIND, "blobs": FLAG, "urls": FLAG, "with_url": TEXT,
        "as_format": FORMAT, "operations": IMAGE_OPERATIONS,
    },
    writes=False,
)  # fmt: skip
def find_image(tx: Transaction, body: Body) -> Body:
    """Find images; their bytes as they were stored, unless another form is asked for."""

    def blob_of(row: Row) -> bytes:
        return _edited(objects.content(tx, row), body, "as_format")

    shape = Shape(more=objects.urls(body), blobs_of=lambda rows: map(blob_of, rows))
    return answering.find(tx, body, Choice(IMAGE, objects.having_url(body)), shape)


@command("UpdateImage", UPDATE, writes=True)
def update_image(tx: Transaction, body: Body) -> Body:
    """Change properties of images."""
    return objects.update(tx, body, finding.chosen(tx, body, IMAGE, place="UpdateImage"))


@command("DeleteImage", CHOOSE, writes=True)
def delete_image(tx: Transaction, body: Body) -> Body:
    """Delete images."""
    return objects.delete(tx, body, finding.chosen(tx, body, IMAGE, place="DeleteImage"))
