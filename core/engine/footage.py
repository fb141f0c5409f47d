"""The pictures that rows stand for: the file of a clip's or frame's video, and which of it.

A position by time or fraction means the picture that is shown then, the last that began by then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.engine import links
from core.engine import messages as say
from core.engine.finding import Row
from core.engine.messages import fail
from core.engine.positions import POSITION
from core.engine.sql import literal
from core.engine.urls import local_path

if TYPE_CHECKING:
    from core.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Footage:
    """A video's file, and how long it is."""

    path: Path
    n_frames: int
    duration_us: int


def of_video(tx: Transaction, file: str | None, url: str | None, properties: Any) -> Footage:
    """Give a video's file, which is there.

    Raises:
        QueryFailedError: it was moved or deleted.
    """
    path = tx.store.videos / file if file else local_path(str(url))
    if not path.is_file():
        raise fail(say.NOT_READ, name=path.name, reason="there is no such file")
    return Footage(path, properties["_frame_count"], properties["_duration_us"])


def of_rows(tx: Transaction, found: Sequence[Row], link: str) -> dict[int, Footage]:
    """Give for each clip or frame the file of its video.

    Raises:
        QueryFailedError: the video is gone.
    """
    here, ids = links.among([row.id for row in found])
    videos = tx.db.execute(
        "SELECT c.dst, o.file, o.url, o.properties FROM connections c JOIN objects o ON o.id=c.src"
        f" WHERE c.class={literal(link)} AND c.dst {here}",
        (ids,),
    ).fetchall()
    known = {
        row_id: of_video(tx, file, url, json.loads(text)) for row_id, file, url, text in videos
    }
    for row in found:
        if row.id not in known:
            raise fail(say.NO_VIDEO, name=row.uniqueid)
    return known


def frame_numbers(tx: Transaction, of: Footage, found: Sequence[Row]) -> list[int]:
    """Give for each frame the number of its picture."""
    times_s = {
        row.id: _time_s(of, row.properties)
        for row in found
        if "_frame_number" not in row.properties
    }
    at = dict(zip(times_s, _numbers_at(tx, of, list(times_s.values())), strict=True))
    return [at.get(row.id, row.properties.get("_frame_number", 0)) for row in found]


def _time_s(of: Footage, properties: Mapping[str, Any]) -> float:
    place = float(properties[POSITION])
    return place * of.duration_us / 1e6 if "_time_fraction" in properties else place / 1e6


def _numbers_at(tx: Transaction, of: Footage, times_s: Sequence[float]) -> list[int]:
    return tx.workshop.numbers_at(of.path, times_s) if times_s else []


def clip_span(tx: Transaction, of: Footage, properties: Mapping[str, Any]) -> tuple[int, int]:
    """Give a clip's first picture and how many it has, at least one.

    A range of frame numbers holds its stop. One of times or fractions ends with the last picture
    that begins before its stop, so that clips which touch share none.
    """
    start, stop = properties["_range_start"], properties["_range_stop"]
    if properties["_range_type"] == 1:
        return start, stop - start + 1
    unit = 1e-6 if properties["_range_type"] == 3 else of.duration_us / 1e6
    first, last = _numbers_at(tx, of, [start * unit, max(start * unit, stop * unit - 2e-6)])
    return first, last - first + 1
