"""The rows of one set in a file that is mapped, not read: quick to open, shared by all processes.

Four files, `SET` being the set's number and G a random name for one generation of them:
`SET-G.rows` (float32 rows), `SET-G.ids` (id and length of each row), `SET.json`, the head, which
names the generation and counts the rows that are good, and `SET.lock`.

Invariants. Only whoever holds the lock writes. Rows are written and synced behind the last good
one, then a new head replaces the old one by a rename: a process killed at any point leaves the
previous head, and what lies behind its count is written over. Files never shrink, so nobody who
has them mapped can fall off their end; what must be written anew gets a new generation, and
whoever has the old one mapped keeps it. The file is a cache: who opens it compares it with SQLite.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from core.engine.vectors.parts import Part

_FORMAT = 1
_ID = np.dtype([("id", "<i8"), ("length", "<f8")])
# The file of rows is made longer than it must be, which takes no room on the disk, so that it need
# not be mapped anew for each addition: by a quarter, and by this at least.
_SPARE = 4
_SPARE_BYTES = 16 << 20


class InUseError(Exception):
    """Another process writes this set's files."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is good of a generation."""

    generation: str
    dimensions: int
    n_rows: int = 0
    last_id: int = 0
    # The set's count of removals when the generation began, and when it was last added to.
    n_base: int = 0
    n_read: int = 0
    ids_crc: int = 0  # CRC-32 of the file of ids, as far as it counts
    format: int = _FORMAT


class RowsFile:
    """A head and its rows, mapped."""

    def __init__(self, folder: Path, set_id: int, head: Head) -> None:
        """Map the files of a head.

        Raises:
            OSError: they cannot be read.
            ValueError: they are not what the head says.
        """
        self._folder, self._set_id = folder, set_id
        self.head = head
        self._map = np.empty((0, head.dimensions), np.float32)
        self.part = self._mapped()

    def _mapped(self, before: Part | None = None) -> Part:
        """Read the ids behind those of `before`; map the rows anew only if the file got longer."""
        head, n_before = self.head, len(before) if before is not None else 0
        ids_path, rows_path = _paths(self._folder, self._set_id, head.generation)
        n = head.n_rows - n_before
        ids = np.fromfile(ids_path, _ID, count=n, offset=n_before * _ID.itemsize)
        n_room = rows_path.stat().st_size // (4 * head.dimensions)
        if len(ids) != n or n_room < head.n_rows:
            raise ValueError("shorter than its head says")
        if n_room > len(self._map):
            mapped = np.memmap(rows_path, "<f4", "r", shape=(n_room, head.dimensions))
            self._map = np.asarray(mapped)
        all_ids, lengths = ids["id"].copy(), ids["length"].copy()
        if before is None and zlib.crc32(ids.data) != head.ids_crc:
            raise ValueError("the ids are damaged")
        if before is not None:
            all_ids = np.concatenate([before.ids, all_ids])
            lengths = np.concatenate([before.lengths, lengths])
        return Part(all_ids, self._map[: head.n_rows], lengths)

    def follow(self, head: Head) -> bool:
        """Take over what another process appended; False if it wrote the file anew.

        Raises:
            OSError, ValueError: the files are not what the head says.
        """
        if head.generation != self.head.generation or head.n_rows < self.head.n_rows:
            return False
        if head.n_rows > self.head.n_rows:
            self.head = head
            self.part = self._mapped(self.part)
        return True

    def append(self, more: Part, n_read: int) -> None:
        """Add rows with larger ids, read when `n_read` removals had happened; lock held.

        Raises:
            OSError: they could not be written; nothing changed.
        """
        head = self.head
        ids_path, rows_path = _paths(self._folder, self._set_id, head.generation)
        records = np.empty(len(more), _ID)
        records["id"], records["length"] = more.ids, more.lengths
        n_rows, row_bytes = head.n_rows + len(more), 4 * head.dimensions
        if n_rows * row_bytes > rows_path.stat().st_size:
            os.truncate(rows_path, _room(n_rows, row_bytes))
        _write(rows_path, head.n_rows * row_bytes, np.ascontiguousarray(more.rows, "<f4"))
        _write(ids_path, head.n_rows * _ID.itemsize, records)
        new = replace(
            head, n_rows=n_rows, last_id=more.last_id, n_read=n_read,
            ids_crc=zlib.crc32(records.data, head.ids_crc),
        )  # fmt: skip
        _write_head(self._folder, self._set_id, new)
        self.follow(new)


# -- heads -------------------------------------------------------------------------------------


def read_head(folder: Path, set_id: int) -> Head | None:
    """Read the head; None where there is none that this version can read."""
    try:
        said = json.loads((folder / f"{set_id}.json").read_bytes())
        head = Head(**said["head"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    is_good = head.format == _FORMAT and said.get("crc") == _crc(head)
    return head if is_good else None


def begin(folder: Path, set_id: int, dimensions: int, n_base: int) -> RowsFile:
    """Begin a generation without rows; lock held. No head names it before its first rows.

    Raises:
        OSError: it could not be created.
    """
    head = Head(os.urandom(8).hex(), dimensions, n_base=n_base, n_read=n_base)
    for path in _paths(folder, set_id, head.generation):
        path.touch()
    os.truncate(_paths(folder, set_id, head.generation)[1], _room(0, 4 * dimensions))
    return RowsFile(folder, set_id, head)


def sweep(folder: Path, set_id: int, keep: str | None) -> None:
    """Remove every generation but one, or all; lock held. Who has them mapped keeps them."""
    if keep is None:
        (folder / f"{set_id}.json").unlink(missing_ok=True)
    for kind in ("ids", "rows"):
        for path in folder.glob(f"{set_id}-*.{kind}"):
            if keep is None or path.stem != f"{set_id}-{keep}":
                with suppress(OSError):
                    path.unlink()


def remove(folder: Path, is_there: Container[int], newest_id: int) -> None:
    """Remove the files of sets that are no more; one that is newer may be, unseen."""
    with suppress(OSError):
        for path in folder.iterdir():
            name = path.name.split("-")[0].split(".")[0]
            if name.isdecimal() and int(name) <= newest_id and int(name) not in is_there:
                with suppress(OSError):
                    path.unlink()


@contextmanager
def locked(folder: Path, set_id: int, what: str = "lock") -> Iterator[None]:
    """Hold the set's lock.

    Raises:
        InUseError: another process holds it.
        OSError: the folder cannot be written.
    """
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / f"{set_id}.{what}", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InUseError from None
    try:
        yield
    finally:
        lock.release()


def _paths(folder: Path, set_id: int, generation: str) -> tuple[Path, Path]:
    return folder / f"{set_id}-{generation}.ids", folder / f"{set_id}-{generation}.rows"


def _room(n_rows: int, row_bytes: int) -> int:
    return (n_rows + max(n_rows // _SPARE, _SPARE_BYTES // row_bytes, 1)) * row_bytes


def _crc(head: Head) -> int:
    return zlib.crc32(json.dumps(asdict(head), sort_keys=True).encode())


def _write(path: Path, offset: int, content: NDArray[Any]) -> None:
    with path.open("r+b", buffering=0) as file:
        file.seek(offset)
        left = content.data.cast("B")
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())


def _write_head(folder: Path, set_id: int, head: Head) -> None:
    text = json.dumps({"head": asdict(head), "crc": _crc(head)})
    replace_file(folder / f"{set_id}.json", text.encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all.

    Raises:
        OSError: it could not be written; what was there still is.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
