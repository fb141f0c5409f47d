"""Notices that something was committed to a database, by whichever process, and reads nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from core.errors import DatabaseAwayError


class Watch:
    """A connection that only watches; safe to use from several threads.

    SQLite keeps a number for each connection, PRAGMA data_version, that changes with every commit
    of another one.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Connect when it is asked for the first time."""
        self._connect = connect
        self._db: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def state(self) -> int:
        """Give a number that is another one after every commit; only for comparing here.

        Raises:
            DatabaseAwayError: it is closed, or the database cannot be opened.
        """
        with self._lock:
            if self._is_closed:
                raise DatabaseAwayError("The database is closed; open the library again.")
            try:
                self._db = self._db or self._connect()
                (number,) = self._db.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error as error:
                raise DatabaseAwayError(
                    f"The library's database cannot be opened: {error}. Check its folder and disk."
                ) from error
        return int(number)

    def close(self) -> None:
        """Let go of the connection; harmless to repeat."""
        with self._lock:
            self._is_closed = True
            if self._db is not None:
                self._db.close()
                self._db = None
