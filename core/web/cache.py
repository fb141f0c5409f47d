"""Copies on this machine of videos that only a database server has; bounded, and never needed.

A copy is written under a temporary name, synced and renamed, so one that is there is whole. The
least lately used go when there are too many. Knows neither the database nor how videos are played.
"""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import DiskFullError, LibraryError

_IN_USE_S = 60.0  # a copy that was asked for so lately may be about to be opened
_LEFT_OVER_S = 3600.0  # a temporary file of a process that died


class VideoCache:
    """A folder of copies; safe to use from several threads and processes."""

    def __init__(self, folder: Path, most_bytes: int, fetch: Callable[[str], bytes]) -> None:
        """Use a folder; it is made when there is a first copy.

        Args:
            folder: its own.
            most_bytes: of all copies together; the newest stays even if it alone is larger.
            fetch: gives a video's bytes, and raises where there are none.
        """
        self._folder = folder
        self._most_bytes = most_bytes
        self._fetch = fetch
        self._fetching: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, video_id: str, content_sha256: str) -> Path:
        """Give a copy of the video, fetched if need be; only one thread fetches, the others wait.

        Args:
            video_id: which video.
            content_sha256: of the content that is wanted, in hexadecimal; "" where nobody knows
                it. A copy of other content goes.

        Raises:
            DatabaseError: the database does not give it.
            DiskFullError: there is no room for it.
            LibraryError: the folder cannot be written, or the database has other content.
        """
        path = self._folder / f"{_name(video_id)}-{_name(content_sha256)}"
        with self._fetching[video_id]:
            if not self._touch(path):
                content = self._fetch(video_id)
                _check(video_id, content, content_sha256)
                self.drop(video_id)
                self._keep(path, content)
                self._evict(path)
        return path

    def drop(self, video_id: str) -> None:
        """Remove what there is of the video: it was deleted, or has other content."""
        for path in self._folder.glob(f"{_name(video_id)}-*"):
            with suppress(OSError):
                path.unlink()

    def _touch(self, path: Path) -> bool:
        """Note that it is used now; False where it is not there."""
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
        except OSError:  # a read-only disk: it only looks less used than it is
            return path.is_file()
        return True

    def _keep(self, path: Path, content: bytes) -> None:
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
                    "The disk is full, so the video cannot be kept for playing. Free some space, "
                    "then try again."
                ) from error
            raise LibraryError(
                f"The video cannot be kept in {self._folder} ({error.strerror}). Make that folder "
                "writable, or set REELSEEK_DATA to another one."
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


def _check(video_id: str, content: bytes, content_sha256: str) -> None:
    if content_sha256 and hashlib.sha256(content).hexdigest() != content_sha256:
        raise LibraryError(
            f"The database has other bytes of the video {video_id} than the library names: its "
            "file was changed after it was added. Delete the video and add its file again."
        )
