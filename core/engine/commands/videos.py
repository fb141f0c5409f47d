"""AddVideo, FindVideo, UpdateVideo, DeleteVideo."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from core.engine import answering, finding
from core.engine.commands import objects
from core.engine.finding import Row
from core.engine.language import ADD, CHOOSE, FIND, FLAG, TEXT, UPDATE, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.transaction import Probe, Transaction
from core.errors import MediaError
from core.model import VideoFacts

VIDEO = "_Video"


@command("AddVideo", {**ADD, "url": TEXT}, writes=True)
def add_video(tx: Transaction, body: Body) -> Body:
    """Store a video's bytes as a file, or with `url` only where they lie."""
    blob = None if "url" in body else tx.blob("AddVideo")
    found = objects.existing(tx, body, VIDEO)
    if found:
        tx.name(body, found)
        return dict(OBJECT_EXISTS)
    file = None
    if blob is not None:
        file = tx.store.write_file(blob)
        tx.new_files.append(file)
    facts = tx.facts[body["url"]] if file is None else facts_of(tx.probe, tx.store.videos / file)
    properties = tx.user_properties(VIDEO, body.get("properties")) | facts
    row_id = tx.add(VIDEO, properties, file=file, url=body.get("url"))
    objects.connect(tx, body, row_id, "_GenericConnection")
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def probed(probe: Probe, body: Body) -> dict[str, dict[str, Any]]:
    """Look at a video that comes by url before the transaction, as other writers wait for that.

    Returns:
        The system properties by url; nothing for a video that comes as a blob.
    """
    url = body.get("url")
    return {} if url is None else {url: facts_of(probe, _path(url))}


def _path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise fail(
            f"AddVideo.url is {url!r}; the embedded engine reads file:///… only. Send the bytes "
            "as a blob."
        )
    return Path(unquote(parts.path))


def facts_of(probe: Probe, path: Path) -> dict[str, Any]:
    """Give what the file says of itself as system properties.

    Raises:
        QueryFailedError: it is no video, in the probe's own sentence.
    """
    try:
        facts: VideoFacts = probe(path)
    except MediaError as error:
        raise fail(str(error)) from error
    fps = round(facts.fps, 6)
    return {
        "_fps": int(fps) if fps == int(fps) else fps,  # recorded: 30, not 30.0
        "_frame_count": facts.n_frames,
        "_frame_width": facts.width_px,
        "_frame_height": facts.height_px,
        "_duration_us": round(facts.duration_s * 1_000_000),
    }


@command("FindVideo", {**FIND, "blobs": FLAG, "urls": FLAG}, writes=False)
def find_video(tx: Transaction, body: Body) -> Body:
    """Find videos; `urls` adds `_url` to each (our choice: the server's key is not documented)."""
    extra = (lambda row: {"_url": row.url}) if body.get("urls") else None
    return answering.find(tx, body, VIDEO, extra=extra, blob_of=lambda row: _bytes(tx, row))


def _bytes(tx: Transaction, row: Row) -> bytes:
    path = tx.store.videos / row.file if row.file else _path(str(row.url))
    try:
        return path.read_bytes()
    except OSError as error:
        raise fail(f"The video's bytes in {path.name} cannot be read: {error.strerror}.") from error


@command("UpdateVideo", UPDATE, writes=True)
def update_video(tx: Transaction, body: Body) -> Body:
    """Change properties of videos."""
    return objects.update(tx, body, finding.chosen(tx, body, VIDEO))


@command("DeleteVideo", CHOOSE, writes=True)
def delete_video(tx: Transaction, body: Body) -> Body:
    """Delete videos and their connections; a file that was added by url stays where it is."""
    return objects.delete(tx, body, finding.chosen(tx, body, VIDEO))
