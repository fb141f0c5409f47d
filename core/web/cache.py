"""Copies on this machine of videos that only a database server has; see core.web.kept.

Knows neither the database nor how videos are played.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from core.errors import LibraryError
from core.web.kept import Kept


class VideoCache:
    """A folder of copies; safe to use from several threads and processes."""

    def __init__(self, folder: Path, most_bytes: int, fetch: Callable[[str], bytes]) -> None:
        """Use a folder; it is made when there is a first copy.

        Args:
            folder: its own.
            most_bytes: of all copies together; the newest stays even if it alone is larger.
            fetch: gives a video's bytes, and raises where there are none.
        """
        self._kept = Kept(folder, most_bytes, what="video")
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
        with self._fetching[video_id]:
            path = self._kept.find(video_id, content_sha256)
            if path is None:
                content = self._fetch(video_id)
                _check(video_id, content, content_sha256)
                self.drop(video_id)
                path = self._kept.keep(video_id, content_sha256, content)
        return path

    def drop(self, video_id: str) -> None:
        """Remove what there is of the video: it was deleted, or has other content."""
        self._kept.drop(video_id)


def _check(video_id: str, content: bytes, content_sha256: str) -> None:
    if content_sha256 and hashlib.sha256(content).hexdigest() != content_sha256:
        raise LibraryError(
            f"The database has other bytes of the video {video_id} than the library names: its "
            "file was changed after it was added. Delete the video and add its file again."
        )
