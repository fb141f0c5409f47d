"""The SQLite file and the folder beside it: connections, transactions, files.

SQLite is the truth. A file of video bytes is written under a temporary name, synced and renamed
before the transaction that names it commits, and is removed again if that does not happen.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.engine.messages import fail
from core.engine.migrations import migrate
from core.errors import DatabaseAwayError

_BUSY_S = 60.0
# FULL: what a client was told is done survives a power cut.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=1073741824")
_LEFTOVER_S = 3600.0  # younger files without a row may belong to another process's transaction


class Store:
    """One folder. Several threads and several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        """Open or create the folder.

        Raises:
            DatabaseAwayError: it cannot be created, opened or read.
        """
        self.folder = folder
        self.videos = folder / "videos"
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        try:
            self.videos.mkdir(parents=True, exist_ok=True)
            with self.connection() as db:
                migrate(db)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseAwayError(
                f"The library's database in {folder} cannot be opened: {error}. Check that the "
                "folder can be written and that the disk has room."
            ) from error
        self._sweep()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection, and keep it for the next who asks: threads come and go.

        Raises:
            DatabaseAwayError: the store is closed.
        """
        with self._lock:
            if self._closed.is_set():
                raise DatabaseAwayError("The database is closed; open the library again.")
            known = self._idle.pop() if self._idle else None
        db = known if known is not None else self._connect()
        try:
            yield db
        finally:
            with self._lock:
                if self._closed.is_set():
                    db.close()
                else:
                    self._idle.append(db)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self.folder / "aperture.sqlite3",
            timeout=_BUSY_S, isolation_level=None, check_same_thread=False,
        )  # fmt: skip
        for pragma in _PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        return db

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[sqlite3.Connection]:
        """Run a block as one transaction: all of it, or nothing."""
        with self.connection() as db:
            db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk may have rolled back already
                    db.execute("ROLLBACK")
                raise

    def write_file(self, content: bytes) -> str:
        """Keep bytes as a file, synced; returns its name within the folder of videos."""
        name = os.urandom(16).hex()
        part = self.videos / f"{name}.part"
        try:
            with part.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            part.rename(self.videos / name)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise fail(
                f"The video could not be stored: {error.strerror}. Free some disk space."
            ) from error
        return name

    def remove_file(self, name: str) -> None:
        """Remove a file that no row names any more."""
        (self.videos / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Close every connection, those that are lent as they come back."""
        with self._lock:
            self._closed.set()
            while self._idle:
                self._idle.pop().close()

    def _sweep(self) -> None:
        """Remove what a killed process left: files that no row names."""
        with self.connection() as db:
            named = {n for (n,) in db.execute("SELECT file FROM objects WHERE file IS NOT NULL")}
        for path in self.videos.iterdir():
            if path.name not in named and time.time() - path.stat().st_mtime > _LEFTOVER_S:
                path.unlink(missing_ok=True)
