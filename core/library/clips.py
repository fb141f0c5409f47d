"""The clips of a video in an index, where its shots begin, and pictures that nobody stored.

Knows neither how clips are found nor what is like them.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import DatabaseError
from core.library import cut_queries, still_queries
from core.library import video_queries as q
from core.library.database import ask, entities
from core.library.records import NewClip
from core.library.shelf import Shelf
from core.model import Clip, Video


class Clips(Shelf):
    """The part of a Library that saves and lists them; see there for what may be raised."""

    def save_clips(
        self, video: Video, clips: Sequence[NewClip], *, worker: str, cuts_s: Sequence[float] = ()
    ) -> bool:
        """Save clips, all or none; False: the worker's claim stands no more, nothing was saved.

        With the last clips of a video come its cuts: when shots begin, in seconds.
        """
        index = self._index
        mine = q.held(index.account.lane, video.video_id, worker)
        try:
            index.save_clips(mine, video.video_id, video.facts, clips, cuts_s)
        except DatabaseError:
            if self._videos(mine):
                raise
            return False
        return True

    def clips(self, video_id: str) -> list[Clip]:
        """List a video's clips in the order of their times."""
        return self._index.clips(video_id)

    def cuts(self, video_id: str) -> list[float]:
        """List when shots begin, in seconds, ascending, never 0.

        Empty where there is one shot only, and where none were looked for. A shot may have no clip.
        """
        query = cut_queries.find_cuts(self._index.name, q.by_id(video_id))
        _, blobs = ask(self._database, query)
        return cut_queries.read_cuts(blobs[0]) if blobs else []

    def extract_pictures(
        self, video_id: str, start_s: float, *, n: int = 1, every_s: float = 1.0, max_px: int
    ) -> list[bytes]:
        """Have the database decode a searchable video: JPEGs of `n` frames, none is stored.

        Args:
            video_id: which; of one that is not there, or not searchable, there are none.
            start_s: the instant of the first frame; beyond the end, that of the last.
            n: how many at most; there are fewer near the end.
            every_s: between one and the next.
            max_px: their long side, or less where the video is smaller.

        Raises:
            DatabaseError: it cannot make them.
        """
        done = {self._index.account.done: ["==", True]}
        query = q.find_videos({**q.by_id(video_id), **done})
        for video in entities(ask(self._database, query)[0][0]):
            wanted = still_queries.extract(video, start_s, n=n, every_s=every_s, max_px=max_px)
            return [] if wanted is None else ask(self._database, wanted)[1]
        return []
