"""AddVideo, FindVideo, UpdateVideo, DeleteVideo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.engine import answering, finding, footage, operations
from core.engine import messages as say
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.finding import Row
from core.engine.kinds import FLAG, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import SUCCESS, QueryFailedError, fail
from core.engine.operations import CODEC, CONTAINER, VIDEO_OPERATIONS
from core.engine.transaction import MOST_ANSWER_BYTES, Transaction
from core.engine.urls import local_path
from core.engine.workshop import Facts, Workshop

VIDEO = "_Video"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A video that is ready to be added: its file if it came as bytes, and what that says."""

    file: Path | None
    facts: Facts


def _check(body: Body) -> None:
    objects.check_url(body, "AddVideo", "codec", "container", "operations")
    operations.check_form(body, "AddVideo", codec="codec", container="container")


def _prepare(workshop: Workshop, body: Body, blob: bytes | None) -> _Prepared | QueryFailedError:
    """Stage, change and probe a video; a failure counts only if it is to be added."""
    try:
        if blob is None:
            return _Prepared(None, workshop.facts(local_path(body["url"])))
        file = workshop.stage(blob)
        edit = operations.edit(body, codec="codec", container="container")
        if edit is not None:
            file = workshop.render(file, edit)
        return _Prepared(file, workshop.facts(file))
    except QueryFailedError as failure:
        return failure


@command(
    "AddVideo",
    {
        **ADD, "url": TEXT, "codec": CODEC, "container": CONTAINER, "operations": VIDEO_OPERATIONS,
    },
    writes=True,
    takes_blob=lambda body: "url" not in body,
    check=_check,
    prepare=_prepare,
)  # fmt: skip
def add_video(tx: Transaction, body: Body) -> Body:
    """Store a video's bytes as a file, or with `url` only where they lie."""
    if "url" not in body:
        tx.skip_blob()
    if answer := objects.existing(tx, body, VIDEO):
        return answer
    prepared = tx.prepared
    if isinstance(prepared, QueryFailedError):
        raise prepared
    properties = tx.user_properties(VIDEO, body.get("properties"))
    file = None
    if prepared.file is not None:
        file = tx.store.adopt(prepared.file)
        tx.new_files.append(file)
    row_id = tx.add(VIDEO, properties | prepared.facts, file=file, url=body.get("url"))
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command(
    "FindVideo",
    {
        **FIND, "blobs": FLAG, "urls": FLAG, "with_url": TEXT,
        "as_codec": CODEC, "as_container": CONTAINER, "operations": VIDEO_OPERATIONS,
    },
    writes=False,
    check=lambda body: operations.check_form(
        body, "FindVideo", codec="as_codec", container="as_container"
    ),
)  # fmt: skip
def find_video(tx: Transaction, body: Body) -> Body:
    """Find videos; their bytes as they were stored, unless another form is asked for."""
    edit = operations.edit(body, codec="as_codec", container="as_container")

    def blob_of(row: Row) -> bytes:
        of = footage.of_video(tx, row.file, row.url, row.properties)
        if edit is None:
            return _bytes(tx, of.path)
        return _bytes(tx, tx.workshop.render(of.path, edit, max_bytes=MOST_ANSWER_BYTES + 1))

    shape = Shape(more=objects.urls(body), blobs_of=lambda rows: map(blob_of, rows))
    return answering.find(tx, body, Choice(VIDEO, objects.having_url(body)), shape)


def _bytes(tx: Transaction, path: Path) -> bytes:
    try:
        tx.make_room(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise fail(say.NOT_READ, name=path.name, reason=reason) from error


@command("UpdateVideo", UPDATE, writes=True)
def update_video(tx: Transaction, body: Body) -> Body:
    """Change properties of videos."""
    return objects.update(tx, body, finding.chosen(tx, body, VIDEO, place="UpdateVideo"))


@command("DeleteVideo", CHOOSE, writes=True)
def delete_video(tx: Transaction, body: Body) -> Body:
    """Delete videos and their connections; a file that was added by url stays where it is.

    Clips and frames stay, too: that the server takes them along is not documented.
    """
    return objects.delete(tx, body, finding.chosen(tx, body, VIDEO, place="DeleteVideo"))
