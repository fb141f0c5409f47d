"""AddVideo, FindVideo, UpdateVideo, DeleteVideo."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from core.engine import answering, finding
from core.engine import messages as say
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.finding import Row
from core.engine.kinds import FLAG, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, Probe, command
from core.engine.messages import SUCCESS, QueryFailedError, fail
from core.engine.sql import Condition
from core.engine.transaction import Transaction
from core.engine.values import comparable
from core.errors import MediaError, ToolError

VIDEO = "_Video"
Facts = dict[str, Any]


def _check_url(body: Body) -> None:
    if "url" in body:
        _path(comparable(body["url"]))


def _look(probe: Probe, body: Body) -> Facts | QueryFailedError | None:
    """Probe a video that is added by url; its failure counts only if it is to be added."""
    if "url" not in body:
        return None
    try:
        return _facts(probe, _path(body["url"]))
    except QueryFailedError as failure:
        return failure


@command(
    "AddVideo",
    {**ADD, "url": TEXT},
    writes=True,
    takes_blob=lambda body: "url" not in body,
    check=_check_url,
    prepare=_look,
)
def add_video(tx: Transaction, body: Body) -> Body:
    """Store a video's bytes as a file, or with `url` only where they lie."""
    blob = None if "url" in body else tx.take_blob()
    if answer := objects.existing(tx, body, VIDEO):
        return answer
    properties = tx.user_properties(VIDEO, body.get("properties"))
    file, facts = None, tx.prepared
    if blob is not None:
        file = tx.store.write_file(blob)
        tx.new_files.append(file)
        facts = _facts(tx.probe, tx.store.videos / file)
    if isinstance(facts, QueryFailedError):
        raise facts
    row_id = tx.add(VIDEO, properties | facts, file=file, url=body.get("url"))
    objects.connect(tx, body, row_id)
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def _path(url: str) -> Path:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise fail(say.BAD_URL, url=url) from None
    path = unquote(parts.path)
    local = parts.scheme == "file" and parts.netloc in ("", "localhost")
    if not local or not path.startswith("/") or "\0" in path:
        raise fail(say.BAD_URL, url=url)
    return Path(path)


def _facts(probe: Probe, path: Path) -> Facts:
    """Give what the file says of itself as system properties."""
    try:
        facts = probe(path)
    except (MediaError, ToolError) as error:
        raise fail("{error}", error=error) from error
    fps = round(facts.fps, 6)
    return {
        "_fps": int(fps) if fps == int(fps) else fps,  # recorded: 30, not 30.0
        "_frame_count": facts.n_frames,
        "_frame_width": facts.width_px,
        "_frame_height": facts.height_px,
        "_duration_us": round(facts.duration_s * 1_000_000),
    }


@command("FindVideo", {**FIND, "blobs": FLAG, "urls": FLAG, "with_url": TEXT}, writes=False)
def find_video(tx: Transaction, body: Body) -> Body:
    """Find videos; `urls` adds `_url` to each, null where the bytes came as a blob.

    The key is our choice: what the server answers is not documented.
    """
    also: list[Condition] = [("o.url=?", [body["with_url"]])] if "with_url" in body else []
    more = (lambda row: {"_url": row.url}) if body.get("urls") else None
    shape = Shape(more=more, blob_of=lambda row: _bytes(tx, row))
    return answering.find(tx, body, Choice(VIDEO, also), shape)


def _bytes(tx: Transaction, row: Row) -> bytes:
    path = tx.store.videos / row.file if row.file else _path(str(row.url))
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

    Clips stay, too: that the server takes them along is not documented.
    """
    return objects.delete(tx, body, finding.chosen(tx, body, VIDEO, place="DeleteVideo"))
