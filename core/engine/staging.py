"""Where files grow before the transaction that names them begins.

Writing and probing a video takes seconds, which nobody else should wait for at the write lock. So
each engine has a folder of its own, locked while it lives; a folder whose lock can be had belongs
to a killed process and is removed by whoever opens the database next.
"""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout


class Staging:
    """The folder of one engine; made by the first file, gone when it is closed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._making = threading.Lock()
        self._lock: FileLock | None = None
        self._folder: Path | None = None

    def new_path(self) -> Path:
        """Give a name that nobody has, in a folder that is there.

        Raises:
            OSError: the folder cannot be made.
        """
        with self._making:
            if self._folder is None:
                self._make()
            assert self._folder is not None  # noqa: S101 - it was just made
            return self._folder / os.urandom(16).hex()

    def _make(self) -> None:
        self._root.mkdir(exist_ok=True)
        while self._folder is None:
            name = os.urandom(8).hex()
            # Before the folder: so a folder without a held lock is always a leftover.
            lock = FileLock(self._root / f"{name}.lock", thread_local=False)
            with suppress(Timeout):  # somebody sweeps, and took this very one
                lock.acquire(timeout=0)
                (self._root / name).mkdir()
                self._lock, self._folder = lock, self._root / name

    def close(self) -> None:
        """Remove the folder and what is left in it."""
        with self._making:
            if self._folder is not None and self._lock is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                _drop(self._lock)
            self._folder = self._lock = None


def sweep(root: Path) -> None:
    """Remove the folders of engines that are no more."""
    locks = {path.stem: path for path in root.glob("*.lock")}
    for name, path in locks.items():
        lock = FileLock(path, thread_local=False)
        with suppress(Timeout, OSError):  # it lives, or it is not ours to touch
            lock.acquire(timeout=0)
            shutil.rmtree(root / name, ignore_errors=True)
            _drop(lock)


def _drop(lock: FileLock) -> None:
    with suppress(OSError):  # while it is held: nobody can take it in between
        Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()
