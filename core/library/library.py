"""The library of videos, in whatever database it is handed.

Speaks our schema and nothing else: no file is opened here, no frame is looked at, and which
database answers is not known. Everything that happened is in the database, so several processes
may hold a Library on one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import DatabaseError
from core.library import answers, save_queries, schema
from core.library import index_queries as iq
from core.library import video_queries as q
from core.library.background import Background
from core.library.database import Command, Database, ask, entities
from core.library.queue import Queue
from core.library.records import Added, NewClip
from core.library.shelf import Shelf
from core.model import Clip, EncoderInfo, Hit, IndexState, PlayState, Sheet, Span, Video, Work

__all__ = ["Added", "Database", "Library", "NewClip"]


class Library(Shelf):
    """Videos, their index `index`, and the two lanes of work on them.

    Every method may raise DatabaseError, with the database's status, when a query is refused, and
    DatabaseAwayError when nobody answers. A worker's name must be one that no other worker has.
    """

    def __init__(
        self,
        database: Database,
        *,
        index: str = schema.INDEX,
        clock: Callable[[], float] = time.time,
        most_sent_bytes: int | None = None,
    ) -> None:
        super().__init__(database, index=index, clock=clock, most_sent_bytes=most_sent_bytes)
        self._indexing = Queue(database, schema.INDEX_LANE, clock)
        self._playing = Queue(database, schema.PLAY_LANE, clock)
        self._done = schema.done_flag(index)

    def prepare(self) -> None:
        """Make the database ready for use; quick when that has been done before."""
        ask(self._database, q.prepare())
        self._count_foreign()

    def _count_foreign(self) -> None:
        """Note how many clips the videos have that the official workflow has indexed meanwhile."""
        uncounted = {self._done: ["==", True], schema.N_CLIPS: ["==", None]}
        for video in entities(ask(self._database, q.find_videos(uncounted))[0][0]):
            video_id = answers.id_of(video)
            self._change(video_id, {schema.N_CLIPS: self._index.count_clips(video_id)})

    # -- the model of the index ---------------------------------------------------------------

    def ensure_index(self, info: EncoderInfo) -> None:
        """Add the index, or see that this very model made it.

        Raises:
            LibraryError: another model, framing or dimension made it.
        """
        self._index.ensure(info)

    def check_index(self, info: EncoderInfo) -> None:
        """See that this very model made the index, if there is one.

        Raises:
            LibraryError: another model, framing or dimension made it.
        """
        self._index.check(self._index.info(), info)

    def index_info(self) -> EncoderInfo | None:
        """Say which model made the vectors; None while nothing was indexed yet."""
        return self._index.info()

    # -- the work lane of indexing --------------------------------------------------------------

    def has_waiting(self, video_ids: Sequence[str] | None = None) -> bool:
        """Say whether a video, or one of these, can be claimed for indexing."""
        return self._indexing.is_waiting(video_ids)

    def claim(
        self, worker: str, *, lease_s: float, video_ids: Sequence[str] | None = None
    ) -> Video | None:
        """Claim the oldest video that waits, or whose worker's lease ran out; None: no work."""
        entity = self._indexing.claim(worker, lease_s, video_ids)
        return None if entity is None else answers.video(entity, self._index.name)

    def heartbeat(
        self, video_id: str, worker: str, *, progress: float, lease_s: float,
        work: Work | None = None,
    ) -> bool:  # fmt: skip
        """Prolong a claim; False: it was cancelled, deleted or taken over, so stop working."""
        return self._indexing.heartbeat(
            video_id, worker, progress=progress, lease_s=lease_s, more=save_queries.work(work)
        )

    def postpone(
        self, video_id: str, worker: str, sentence: str, delay_s: Callable[[int], float | None]
    ) -> float | None:
        """Give a claim back because of something that passes; see Queue.postpone."""
        return self._indexing.postpone(video_id, worker, sentence, delay_s)

    def postpone_play(
        self, video_id: str, worker: str, sentence: str, delay_s: Callable[[int], float | None]
    ) -> float | None:
        """As `postpone`, for the playable copy."""
        return self._playing.postpone(video_id, worker, sentence, delay_s)

    def release_dead(self, of: str, is_dead: Callable[[str], bool]) -> int:
        """Give back the claims of workers that are gone, so that nobody waits for their leases.

        Looked at are workers whose names begin with `of`; returns how many claims there were.
        """
        n = 0
        for queue in (self._indexing, self._playing):
            dead = [claim for claim in queue.claims(of) if is_dead(claim[1])]
            n += sum(queue.release(video_id, worker) for video_id, worker in dead)
        return n

    def release(self, video_id: str, worker: str) -> bool:
        """Give a claim back, for another worker to take at once."""
        return self._indexing.release(video_id, worker)

    def finish(self, video_id: str, worker: str) -> bool:
        """Mark a video as searchable; False: the claim stands no more."""
        n_clips = self._index.count_clips(video_id)
        return self._indexing.finish(video_id, worker, {schema.N_CLIPS: n_clips, self._done: True})

    def fail(self, video_id: str, worker: str, sentence: str) -> bool:
        """Record why a video cannot be indexed, and keep nothing half-done of it."""
        mine = q.held(schema.INDEX_LANE, video_id, worker)
        return self._indexing.fail(video_id, worker, sentence, iq.clear(self._index.name, mine))

    def cancel(self, video_id: str) -> None:
        """Stop the indexing of a video that waits or is under way; its worker notices itself."""
        lane = schema.INDEX_LANE
        unfinished = {**q.by_id(video_id), lane.state: ["in", [lane.waiting, lane.working]]}
        properties = {**q.waiting(lane), lane.state: IndexState.CANCELLED}
        update: Command = {"UpdateVideo": {"ref": 1, "properties": properties}}
        ask(self._database, ([*iq.clear(self._index.name, unfinished), update], []))

    def requeue(self, video_id: str) -> None:
        """Try again what failed or was cancelled; other videos stay as they are."""
        for lane, ended in (
            (schema.INDEX_LANE, [IndexState.FAILED, IndexState.CANCELLED]),
            (schema.PLAY_LANE, [PlayState.FAILED]),
        ):
            constraints = {**q.by_id(video_id), lane.state: ["in", ended]}
            ask(self._database, q.update_video(constraints, q.waiting(lane), remove=[lane.error]))

    def unfinished(self, video_ids: Sequence[str] | None = None) -> list[Video]:
        """List the videos that wait for indexing or are under way, all or of these."""
        lane = schema.INDEX_LANE
        found = self._videos({lane.state: ["in", [lane.waiting, lane.working]]})
        wanted = None if video_ids is None else set(video_ids)
        return [one for one in found if wanted is None or one.video_id in wanted]

    def reindex(self, video_ids: Sequence[str]) -> int:
        """Have videos indexed again, whatever became of them; those under way go on.

        What is indexed of them is found until a worker begins. Returns how many there were.
        """
        lane = schema.INDEX_LANE
        ended = [IndexState.READY, IndexState.FAILED, IndexState.CANCELLED]
        n = 0
        for video_id in video_ids:
            constraints = {**q.by_id(video_id), lane.state: ["in", ended]}
            query = q.update_video(constraints, q.waiting(lane), remove=[lane.error])
            n += int(ask(self._database, query)[0][0].get("count", 0))
        return n

    # -- the work lane of playable copies -------------------------------------------------------

    def claim_play(self, worker: str, *, lease_s: float) -> Video | None:
        """Claim the oldest video that wants a playable copy; None when there is none."""
        entity = self._playing.claim(worker, lease_s)
        return None if entity is None else answers.video(entity, self._index.name)

    def play_heartbeat(
        self, video_id: str, worker: str, *, progress: float, lease_s: float
    ) -> bool:
        """Prolong a claim on making the copy; False: stop."""
        return self._playing.heartbeat(video_id, worker, progress=progress, lease_s=lease_s)

    def release_play(self, video_id: str, worker: str) -> bool:
        """Give a claim on making the copy back."""
        return self._playing.release(video_id, worker)

    def finish_play(self, video_id: str, worker: str) -> bool:
        """Record that the copy is there."""
        return self._playing.finish(video_id, worker, {})

    def fail_play(self, video_id: str, worker: str, sentence: str) -> bool:
        """Record why there will be no copy."""
        return self._playing.fail(video_id, worker, sentence)

    # -- clips and pictures ---------------------------------------------------------------------

    def clear_index(self, video_id: str, *, worker: str | None = None) -> None:
        """Remove what indexing made of a video: clips, vectors, pictures and storyboard.

        With `worker`, only while its claim stands.
        """
        lane = schema.INDEX_LANE
        mine = q.by_id(video_id) if worker is None else q.held(lane, video_id, worker)
        self._index.clear(mine)
        ask(self._database, save_queries.clear_sheets(mine))

    def save_sheets(self, video: Video, sheets: Sequence[Sheet], *, worker: str) -> None:
        """Keep these sheets of a video's storyboard, while the worker's claim stands."""
        mine = q.held(schema.INDEX_LANE, video.video_id, worker)
        try:
            ask(self._database, save_queries.save_sheets(video.video_id, mine, sheets))
        except DatabaseError:
            if self._videos(mine):
                raise

    def save_clips(self, video: Video, clips: Sequence[NewClip], *, worker: str) -> bool:
        """Save clips, all or none; False: the worker's claim stands no more, nothing was saved."""
        mine = q.held(schema.INDEX_LANE, video.video_id, worker)
        try:
            self._index.save_clips(mine, video.video_id, video.facts, clips)
        except DatabaseError:
            if self._videos(mine):
                raise
            return False
        return True

    def clips(self, video_id: str) -> list[Clip]:
        """List a video's clips in the order of their times."""
        return self._index.clips(video_id)

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
        span: Span | None = None,
    ) -> tuple[list[Hit], NDArray[np.float32]]:  # fmt: skip
        """As `nearest`, and beside the hits their vectors: float32 (n_hits, dimensions).

        Raises:
            LibraryError: the vector has not the dimensions of the index.
        """
        return self._index.nearest_rows(vector, k, video_ids, span)

    def count_within(self, video_ids: Sequence[str] | None, span: Span | None) -> int:
        """Count the clips that these videos, or all, have within a stretch."""
        return self._index.count_within(video_ids, span)

    def background(self) -> Background:
        """Give what a search learns from about this index."""
        return Background(self._database, self._index.name)

    def counts(self, video_ids: Sequence[str] | None = None) -> tuple[int, int]:
        """Count the searchable videos, all or of these, and their clips."""
        # The clips themselves are not counted: that would read every one of them at each search.
        query = q.list_videos({self._done: ["==", True]}, [schema.VIDEO_ID, schema.N_CLIPS])
        found = entities(ask(self._database, query)[0][0])
        if any(one.get(schema.N_CLIPS) is None for one in found):
            self._count_foreign()
            found = entities(ask(self._database, query)[0][0])
        if video_ids is not None:
            wanted = set(video_ids)
            found = [one for one in found if answers.id_of(one) in wanted]
        return len(found), sum(int(one.get(schema.N_CLIPS) or 0) for one in found)
