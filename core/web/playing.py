"""Which file of this machine a browser is given for a video, and how it comes to be there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from core.media import proxy
from core.media.probe import probe
from core.model import PlayState, Video
from core.web.cache import VideoCache


class Playing:
    """The files of videos: their own, copies for browsers, copies fetched from the database."""

    def __init__(
        self, proxy_of: Callable[[str], Path], cache: VideoCache, *, has_all: bool
    ) -> None:
        """Look for files.

        Args:
            proxy_of: where a video's playable copy lies, or would lie.
            cache: of videos that only the database has.
            has_all: the database has the bytes of every video; else only of those that other
                programs put there, which have no path.
        """
        self._proxy_of = proxy_of
        self._cache = cache
        self._has_all = has_all
        self._copying = threading.Lock()

    def original(self, video: Video) -> Path | None:
        """Give the video's own file; fetched, where only the database has it.

        Raises:
            DatabaseError: the database does not give it.
            DiskFullError, LibraryError: it cannot be kept here.
        """
        if video.path is not None and Path(video.path).is_file():
            return Path(video.path)
        if video.path is not None and not self._has_all:
            return None
        return self._cache.get(video.video_id)

    def playable(self, video: Video) -> Path | None:
        """Give the file to serve to browsers; None while there is none that they can play.

        Raises:
            DatabaseError, MediaError, DiskFullError, LibraryError: only the database has it, and
                it cannot be had from there, or not made playable.
        """
        copy = self._proxy_of(video.video_id)
        if video.play_state is PlayState.READY and copy.is_file():
            return copy
        if video.play_state not in (PlayState.DIRECT, PlayState.READY):
            return None
        original = self.original(video)
        if original is None or original == Path(video.path or ""):
            return original if video.play_state is PlayState.DIRECT else None
        return self._made_playable(original, copy)

    def _made_playable(self, original: Path, copy: Path) -> Path:
        """Look at a file that came from the database: whoever put it there need not have."""
        facts = probe(original)
        if proxy.needed(facts) == "direct":
            return original
        with self._copying:
            if not copy.is_file():
                proxy.make(
                    original, facts, copy, on_progress=lambda _: None, cancelled=lambda: False
                )
        return copy

    def forget(self, video_id: str) -> None:
        """Remove what was fetched of a video that was deleted."""
        self._cache.drop(video_id)
