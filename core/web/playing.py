"""Which file of this machine a browser is given for a video, and how it comes to be there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.model import PlayState, Video
from core.web.cache import VideoCache
from core.web.copies import Copies


class Playing:
    """The files of videos: their own, copies for browsers, copies fetched from the database."""

    def __init__(
        self, copy_of: Callable[[Video], Path], cache: VideoCache, *, has_all: bool
    ) -> None:
        """Look for files.

        Args:
            copy_of: where a video's playable copy lies, or would lie.
            cache: of videos that only the database has.
            has_all: the database has the bytes of every video; else only of those that other
                programs put there, which have no path.
        """
        self._copy_of = copy_of
        self._cache = cache
        self._has_all = has_all
        self._copies = Copies(copy_of)

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
        return self._cache.get(video.video_id, video.content_sha256)

    def playable(self, video: Video) -> Path | None:
        """Give the file to serve to browsers; None while there is none that they can play.

        What only the database has is looked at and, where need be, copied beside this call;
        `standing` says how far that is.

        Raises:
            DatabaseError, DiskFullError, LibraryError: it cannot be had from the database.
        """
        copy = self._copy_of(video)
        if video.play_state is PlayState.READY and copy.is_file():
            return copy
        if video.play_state not in (PlayState.DIRECT, PlayState.READY):
            return None
        original = self.original(video)
        if original is None or original == Path(video.path or ""):
            return original if video.play_state is PlayState.DIRECT else None
        if video.play_state is PlayState.DIRECT and video.content_sha256:
            return original  # it was looked at when it was added
        return self._copies.ask(video, original)

    def standing(self, video: Video) -> Video:
        """Give the video with its play state as it is on this machine."""
        return self._copies.standing(video)

    def forget(self, video_id: str) -> None:
        """Remove what was fetched of a video that was deleted."""
        self._cache.drop(video_id)
        self._copies.forget(video_id)

    def close(self) -> None:
        """Stop what is being copied; harmless to repeat."""
        self._copies.close()
