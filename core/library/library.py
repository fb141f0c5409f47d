"""The library of videos, in whatever database it is handed.

Speaks our schema and nothing else: no file is opened here, no frame is looked at, and which
database answers is not known. Everything that happened is in the database, so several processes
may hold a Library on one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DatabaseError
from core.library import answers, save_queries, schema
from core.library import video_queries as q
from core.library.background import Background
from core.library.clips import Clips
from core.library.database import Database, Entity, ask, entities
from core.library.foreign import Listed
from core.library.indexes import Indexes
from core.library.lanes import Lanes
from core.library.notes import Notes
from core.library.records import Added, NewClip
from core.library.version import Numbered, version
from core.model import EncoderInfo, Hit, Sheet, Span, Video

__all__ = ["Added", "Database", "Library", "Listed", "NewClip"]


class Library(Lanes, Clips, Notes):
    """Videos, one index of them, and the lanes of work on them.

    The index is the one that serves, asked for at every call, or always the same: that of `at`.
    Whoever needs more than one call on the same index uses `serving`. Every method may raise
    DatabaseError, with the database's status, when a query is refused, and DatabaseAwayError when
    nobody answers. A worker's name must be one that no other worker has.
    """

    def prepare(self) -> None:
        """Make the database ready for use; quick when that has been done before."""
        ask(self._database, q.prepare())
        self._count_foreign()

    def _count_foreign(self) -> None:
        """Note how many clips the videos have that the official workflow has indexed meanwhile."""
        index = self._index
        uncounted = {index.account.done: ["==", True], index.account.n_clips: ["==", None]}
        for video in entities(ask(self._database, q.find_videos(uncounted))[0][0]):
            video_id = answers.id_of(video)
            self._change(video_id, {index.account.n_clips: index.count_clips(video_id)})

    def at(self, index: str) -> Library:
        """Give the library with this index, whichever serves."""
        return Library(
            self._database, index=index, clock=self._clock, most_sent_bytes=self._most_sent_bytes
        )

    def serving(self) -> Library:
        """Give the library with the index that serves now, and with it even when another does."""
        return self.at(self._index.name)

    @property
    def index_name(self) -> str:
        """The name of the index: of the one that serves now, unless it is always the same."""
        return self._index.name

    @property
    def indexes(self) -> Indexes:
        """The indexes beside each other: which there are, which serves, and how that changes."""
        return Indexes(self._database)

    # -- the model of the index ---------------------------------------------------------------

    def ensure_index(self, info: EncoderInfo, source: str = "") -> None:
        """Add the index, or see that this very model made it.

        Args:
            info: the model.
            source: what REELSEEK_MODEL names it by, to be found again when another is named.

        Raises:
            LibraryError: another model, framing or dimension made it.
        """
        self._index.ensure(info, source)

    def check_index(self, info: EncoderInfo) -> None:
        """See that this very model made the index, if there is one.

        Raises:
            LibraryError: another model, framing or dimension made it.
        """
        index = self._index
        index.check(index.info(), info)

    def index_info(self) -> EncoderInfo | None:
        """Say which model made the vectors; None while nothing was indexed yet."""
        return self._index.info()

    def made_by(self) -> tuple[EncoderInfo, str] | None:
        """Say which model made the vectors, and what named it in REELSEEK_MODEL ("": unknown)."""
        return self._index.made_by()

    # -- clips and pictures ---------------------------------------------------------------------

    def clear_index(self, video_id: str, *, worker: str | None = None) -> None:
        """Remove what indexing made of a video: clips, vectors, pictures and storyboard.

        With `worker`, only while its claim stands.
        """
        index = self._index
        lane = index.account.lane
        mine = q.by_id(video_id) if worker is None else q.held(lane, video_id, worker)
        index.clear(mine)
        ask(self._database, save_queries.clear_sheets(index.name, mine))

    def save_sheets(self, video: Video, sheets: Sequence[Sheet], *, worker: str) -> None:
        """Keep these sheets of a video's storyboard, while the worker's claim stands."""
        index = self._index
        mine = q.held(index.account.lane, video.video_id, worker)
        try:
            query = save_queries.save_sheets(index.name, video.video_id, mine, sheets)
            ask(self._database, query)
        except DatabaseError:
            if self._videos(mine):
                raise

    def save_poster(self, video_id: str, jpeg: bytes, *, worker: str | None = None) -> None:
        """Keep this as the video's poster, in the place of an earlier one.

        With `worker`, only while its claim stands.
        """
        lane = self._index.account.lane
        mine = q.by_id(video_id) if worker is None else q.held(lane, video_id, worker)
        try:
            ask(self._database, save_queries.save_poster(video_id, mine, jpeg))
        except DatabaseError:
            if self._videos(mine):
                raise

    # -- searching ------------------------------------------------------------------------------

    def nearest(
        self, vector: NDArray[np.float32], k: int, *, video_ids: Sequence[str] | None = None,
        span: Span | None = None,
    ) -> list[Hit]:  # fmt: skip
        """List the k clips whose vectors are nearest to this one, best first.

        Args:
            vector: float32 of shape (dimensions,).
            k: how many at most; a clip with several vectors counts once, by its best.
            video_ids: only clips of these videos; an empty list finds nothing.
            span: only clips that share an instant with this stretch.

        Raises:
            LibraryError: the vector has not the dimensions of the index.
        """
        return self._index.nearest(vector, k, video_ids, span)

    def nearest_rows(
        self, vector: NDArray[np.float32], k: int, *, video_ids: Sequence[str] | None = None,
        span: Span | None = None, listed: Listed | None = None,
    ) -> tuple[list[Hit], NDArray[np.float32]]:  # fmt: skip
        """As `nearest`, and the vectors: float32 (n_hits, dimensions); `listed`: foreign.Listed.

        Raises:
            LibraryError: the vector has not the dimensions of the index.
        """
        return self._index.nearest_rows(vector, k, video_ids, span, listed)

    def count_within(
        self, video_ids: Sequence[str] | None, span: Span | None, listed: Listed | None = None
    ) -> int:
        """Count the clips that these videos, or all, have within a stretch."""
        return self._index.count_within(video_ids, span, listed)

    def searchable(
        self, *, added: tuple[datetime | None, datetime | None] = (None, None),
        duration_s: tuple[float | None, float | None] = (None, None),
        min_height_px: int | None = None, indexed_after: datetime | None = None,
        tags: Sequence[str] = (),
    ) -> list[str]:  # fmt: skip
        """List the ids of the searchable videos that meet all of this; pairs are [from, to).

        What is only indexed again after an instant, or with another model, was there before.
        """
        account = self._index.account
        wanted = q.chosen(added=added, duration_s=duration_s, min_height_px=min_height_px)
        wanted[account.done] = ["==", True]
        if indexed_after is not None:
            found = self._first_found(wanted, account, indexed_after)
        else:
            found = entities(ask(self._database, q.list_videos(wanted, [schema.VIDEO_ID]))[0][0])
        ids = sorted(answers.id_of(one) for one in found)
        if not tags:
            return ids
        tagged = set(self.tags.videos_with(tags))
        return [one for one in ids if one in tagged]

    def _first_found(
        self, wanted: dict[str, Any], account: schema.Account, after: datetime
    ) -> list[Entity]:
        after_us = round(after.timestamp() * schema.US_PER_S)
        wanted = {**wanted, account.indexed_us: [">", after_us]}
        found = entities(ask(self._database, q.find_videos(wanted))[0][0])
        return [
            one
            for one in found
            if int(one.get(schema.FOUND_US) or one[account.indexed_us]) > after_us
        ]

    def background(self) -> Background:
        """Give what a search learns from about this index."""
        return Background(self._database, self._index.name)

    def version(self) -> str | None:
        """Name the state that searches see; None while that is changing: core.library.version."""
        return version(self._database, self._index.name)

    def state(self) -> int | None:
        """Number what the database holds now; None: a server, which numbers nothing."""
        return self._database.state() if isinstance(self._database, Numbered) else None

    def counts(self, video_ids: Sequence[str] | None = None) -> tuple[int, int]:
        """Count the searchable videos, all or of these, and their clips."""
        account = self._index.account
        query = q.count_clips(account, video_ids)
        uncounted, *scopes = ask(self._database, query)[0]
        if uncounted.get("count"):
            self._count_foreign()
            _, *scopes = ask(self._database, query)[0]
        # A server that knows no such property yet may answer without figures; and `_sum` is what
        # its other aggregates let expect, nobody has recorded it.
        if any(one.get("count") and not one.get("_sum") for one in scopes):
            return self._listed_counts(video_ids)
        n_clips = [(one.get("_sum") or {}).get(account.n_clips) for one in scopes]
        return sum(int(one.get("count") or 0) for one in scopes), sum(int(n or 0) for n in n_clips)

    def _listed_counts(self, video_ids: Sequence[str] | None) -> tuple[int, int]:
        account = self._index.account
        query = q.list_videos({account.done: ["==", True]}, [schema.VIDEO_ID, account.n_clips])
        found = entities(ask(self._database, query)[0][0])
        if video_ids is not None:
            wanted = set(video_ids)
            found = [one for one in found if answers.id_of(one) in wanted]
        return len(found), sum(int(one.get(account.n_clips) or 0) for one in found)
