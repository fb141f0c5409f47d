"""What is usual in an index: some of its vectors, the nearest to many at once, and kept blobs.

Knows neither what is searched for nor what the blobs say.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from core.library import background_queries as q
from core.library import schema
from core.library.answers import unit_rows
from core.library.database import Database, ask, entities
from core.library.video_queries import list_videos

_TOGETHER = 8  # neighbouring vectors are alike: many small handfuls say more than a few large


class Background:
    """The index `index` of a database, seen from afar."""

    def __init__(self, database: Database, index: str) -> None:
        self._database = database
        self._index = index

    def some_rows(self, n: int, *, seed: int = 0) -> NDArray[np.float32]:
        """Read about n vectors from all over the index, the same for the same index and seed.

        Returns:
            float32 (n_rows, dimensions) at unit length; fewer rows where the index holds fewer.
        """
        parts = self._parts(n, random.Random(seed))  # noqa: S311 - a sample, no secret
        if not parts:
            return np.empty((0, 0), np.float32)
        _, blobs = ask(self._database, q.find_some(self._index, parts))
        return unit_rows(blobs, len(blobs[0]) // 4) if blobs else _nothing()

    def _parts(self, n: int, lot: random.Random) -> list[tuple[str, int, int]]:
        account = schema.Account(self._index)
        query = list_videos({account.done: ["==", True]}, [schema.VIDEO_ID, account.n_clips])
        found = entities(ask(self._database, query)[0][0])
        places = [
            (str(video.get(schema.VIDEO_ID) or video["_uniqueid"]), at)
            for video in found
            for at in range(0, int(video.get(account.n_clips) or 0), _TOGETHER)
        ]
        places.sort()
        chosen = lot.sample(places, min(len(places), -(-n // _TOGETHER)))
        return [(video_id, at, _TOGETHER) for video_id, at in chosen]

    def nearest_to_each(
        self, vectors: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Find the one vector of the index that is nearest to each row.

        Returns:
            Their similarities, float32 (n,), and the vectors themselves, float32 (n, dimensions).
        """
        bodies, blobs = ask(self._database, q.nearest_to_each(self._index, vectors))
        found = [entities(body)[0]["_distance"] for body in bodies]
        return np.array(found, np.float32), unit_rows(blobs, vectors.shape[1])

    def kept(self, what: str = "background") -> bytes | None:
        """Give what was kept last under this name, by any process; None: nothing yet."""
        return next(iter(ask(self._database, q.find_kept(self._index, _kind(what)))[1]), None)

    def keep(self, content: bytes, what: str = "background") -> None:
        """Keep this with the index, under this name."""
        ask(self._database, q.keep(self._index, _kind(what), content))


def _kind(what: str) -> str:
    return f"search {what}"


def _nothing() -> NDArray[np.float32]:
    return np.empty((0, 0), np.float32)
