"""The SQLite file and the folder of videos beside it: connections and files.

SQLite is the truth. A file of video bytes is written and synced elsewhere (see `staging`), then
renamed into its place by a transaction that holds the write lock, before the commit that names it.
So whoever holds that lock may take any file that no row names for a leftover.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.engine import messages as say
from core.engine import staging
from core.engine.messages import fail
from core.engine.migrations import migrate
from core.engine.staging import Staging
from core.engine.watching import Watch
from core.errors import DatabaseAwayError

_BUSY_MS = 60_000
_MOST_IDLE = 8  # connections kept open for the next query


class Store:
    """One folder. Several threads and several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        """Open or create the folder.

        Raises:
            DatabaseAwayError: it cannot be created, opened or read.
        """
        self.folder = folder
        self.videos = folder / "videos"
        self.staging = Staging(folder / "staging")
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._is_closed = False
        self.watch = Watch(self._open)
        try:
            self.videos.mkdir(parents=True, exist_ok=True)
            with self.connection() as db:
                migrate(db)
                self._sweep(db)
            staging.sweep(folder / "staging")
        except DatabaseAwayError:
            self.close()
            raise
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise DatabaseAwayError(
                f"The library's database in {folder} cannot be opened: {error}. Check that the "
                "folder can be written, that it is a Reelseek library, and that the disk has room."
            ) from error

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that nobody else uses, with no transaction open.

        Not one a thread: Streamlit runs every page in a new thread, which would leave its behind.

        Raises:
            DatabaseAwayError: the store is closed.
        """
        with self._lock:
            if self._is_closed:
                raise DatabaseAwayError("The database is closed; open the library again.")
            idle = self._idle.pop() if self._idle else None
        db = self._open() if idle is None else idle
        try:
            yield db
        finally:
            self._take_back(db)

    def _take_back(self, db: sqlite3.Connection) -> None:
        with self._lock:
            if self._is_closed or db.in_transaction or len(self._idle) >= _MOST_IDLE:
                db.close()
            else:
                self._idle.append(db)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self.folder / "aperture.sqlite3",
            timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False,
        )  # fmt: skip
        try:
            # FULL: what was answered is on the disk, also when the power goes.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                db.execute(f"PRAGMA {pragma}")
        except BaseException:
            db.close()
            raise
        return db

    def adopt(self, staged: Path) -> str:
        """Take a file that was written and synced into the folder of videos; give its name there.

        Only within a transaction that writes: see the top of this file.

        Raises:
            QueryFailedError: it could not be moved.
        """
        name = os.urandom(16).hex()
        try:
            staged.rename(self.videos / name)
            self._sync_names()
        except OSError as error:
            self.remove_file(name)
            raise fail(say.NOT_STORED, reason=error.strerror or error) from error
        return name

    def _sync_names(self) -> None:
        if os.name == "nt":  # a folder cannot be opened there, and needs no sync
            return
        names = os.open(self.videos, os.O_RDONLY)
        try:
            os.fsync(names)
        finally:
            os.close(names)

    def remove_file(self, name: str) -> None:
        """Remove a file that no row names any more; where that fails, the next opening does it."""
        with suppress(OSError):
            (self.videos / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections; those that are lent close as they come back."""
        self.staging.close()
        self.watch.close()
        with self._lock:
            self._is_closed = True
            while self._idle:
                self._idle.pop().close()

    def _sweep(self, db: sqlite3.Connection) -> None:
        """Remove what a killed process left: files that no row names."""
        if not self._unnamed(db):
            return
        try:
            db.execute("PRAGMA busy_timeout=0")
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return  # somebody writes, maybe one of these files: a later opening sweeps
        finally:
            db.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        for name in self._unnamed(db):
            self.remove_file(name)
        db.execute("ROLLBACK")

    def _unnamed(self, db: sqlite3.Connection) -> set[str]:
        there = {path.name for path in self.videos.iterdir()}
        if not there:
            return there
        return there - {
            name for (name,) in db.execute("SELECT file FROM objects WHERE file IS NOT NULL")
        }
