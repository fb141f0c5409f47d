"""Notes on what is being done to Reelseek's own files, so that a kill in the middle can be mended.

A note is written before the first step and removed after the last. Whoever starts later finishes,
or takes back, what a note of somebody who is gone tells of. Knows files only, not the library.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from core.errors import DatabaseAwayError
from core.ingest import files, owner
from core.ingest.names import file_name_of

_OLD_S = 900.0  # where nobody can say whether a note's owner lives: no step takes as long
_LEFT_OVER_S = 3600.0  # a small file that somebody is still writing is not so old


@dataclass(frozen=True, slots=True)
class Note:
    """One thing under way.

    `file_name` is being taken in as a video, or removed with it, or left for another file of it.
    """

    act: Literal["adopt", "delete", "leave"]
    video_id: str
    file_name: str  # within the folder; "" for none
    name: str = ""  # to show
    content_sha256: str = ""
    owner: str = ""


class Journal:
    """The notes of one folder: hidden files beside what they tell of."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def noting(self, note: Note) -> Iterator[None]:
        """Keep the note while the block lasts; however it ends, it has mended what it did.

        Only where the database went away nobody knows what was done, and the note stays.

        Raises:
            DiskFullError, IngestError: the note cannot be written; nothing was begun.
        """
        path = self._path(note)
        text = json.dumps({**asdict(note), "owner": owner.new_name()})
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_safely(path, text)
        except OSError as error:
            files.remove(path)
            raise files.unwritable(self._folder, error) from error
        is_known = True
        try:
            yield
        except DatabaseAwayError:
            is_known = False
            raise
        finally:
            if is_known:
                files.remove(path)

    def broken_off(self) -> Iterator[Note]:
        """Give the notes whose owners are gone; they stay until they are forgotten."""
        sweep(self._folder)
        for path in sorted(self._folder.glob(".*.note")):
            note = _read(path)
            if note is not None and _is_left_over(path, note):
                yield note

    def forget(self, note: Note) -> None:
        """Remove a note, as what it tells of is finished."""
        files.remove(self._path(note))

    def _path(self, note: Note) -> Path:
        return self._folder / f".{file_name_of(note.video_id)}.note"


def write_safely(path: Path, text: str) -> None:
    """Write a small file so that a kill or a power cut leaves the old one or the new one.

    Of several who do so at once, the last one's stays.
    """
    part = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    files.sync(path.parent)


def sweep(folder: Path) -> None:
    """Remove what writers of small files there left behind when they were killed."""
    before_s = time.time() - _LEFT_OVER_S
    for part in folder.glob(f"*.{'[0-9a-f]' * 8}.part"):  # hidden ones, too
        with suppress(OSError):  # another process was faster
            if part.stat().st_mtime < before_s:
                part.unlink()


def _read(path: Path) -> Note | None:
    """Read a note; None where it has just gone, or is none of ours."""
    try:
        return Note(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _is_left_over(path: Path, note: Note) -> bool:
    try:
        age_s = time.time() - path.stat().st_mtime
    except OSError:
        return False
    return owner.is_dead(note.owner) or age_s > _OLD_S
