"""Files on this machine of what only the database has; bounded, and never needed.

A file is written under a temporary name, synced and renamed, so one that is there is whole. The
least lately used go when there are too many. Knows neither the database nor what the files are.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

from core.errors import DiskFullError, LibraryError

_IN_USE_S = 60.0  # a file that was asked for so lately may be about to be opened
_LEFT_OVER_S = 3600.0  # a temporary file of a process that died


class Kept:
    """A folder of files, several of each video; for several threads and processes."""

    def __init__(self, folder: Path, most_bytes: int, *, what: str) -> None:
        """Use a folder; it is made when there is a first file.

        Args:
            folder: its own.
            most_bytes: of all files together; the newest stays even if it alone is larger.
            what: names what is kept, in errors.
        """
        self._folder = folder
        self._most_bytes = most_bytes
        self._what = what

    def find(self, video_id: str, version: str) -> Path | None:
        """Give the file of a video that was kept under this name, and note that it is used now."""
        path = self._path(video_id, version)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        except OSError:  # a read-only disk: it only looks less used than it is
            return path if path.is_file() else None
        return path

    def keep(self, video_id: str, version: str, content: bytes) -> Path:
        """Keep these bytes of a video under this name; others go, where they are too many.

        Raises:
            DiskFullError: there is no room for them.
            LibraryError: the folder cannot be written.
        """
        path = self._path(video_id, version)
        self._write(path, content)
        self._evict(path)
        return path

    def drop(self, video_id: str) -> None:
        """Remove what there is of a video."""
        for path in self._folder.glob(f"{_name(video_id)}-*"):
            with suppress(OSError):
                path.unlink()

    def _path(self, video_id: str, version: str) -> Path:
        return self._folder / f"{_name(video_id)}-{_name(version)}"

    def _write(self, path: Path, content: bytes) -> None:
        part = path.with_name(f"{path.name}.{os.urandom(4).hex()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(
                    f"The disk is full, so the {self._what} cannot be kept. Free some space, then "
                    "try again."
                ) from error
            raise LibraryError(
                f"The {self._what} cannot be kept in {self._folder} ({error.strerror}). Make that "
                "folder writable, or set REELSEEK_DATA to another one."
            ) from error

    def _evict(self, newest: Path) -> None:
        """Remove what was used least lately until the rest fits, and what killed processes left."""
        now_s = time.time()
        there = []
        for path in self._folder.iterdir():
            with suppress(OSError):  # another process was faster
                facts = path.stat()
                if path.suffix != ".part":
                    there.append((facts.st_mtime, facts.st_size, path))
                elif now_s - facts.st_mtime > _LEFT_OVER_S:
                    path.unlink()
        n_bytes = sum(size for _, size, _ in there)
        for used_s, size, path in sorted(there):
            if n_bytes <= self._most_bytes:
                return
            if path != newest and now_s - used_s > _IN_USE_S:
                with suppress(OSError):
                    path.unlink()
                    n_bytes -= size


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
