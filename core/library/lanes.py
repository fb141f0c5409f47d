"""The two lanes of work on the videos: indexing, and making playable copies.

The middle of the library: shelf.py is below it, library.py above. Knows no vectors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.library import answers, save_queries, schema
from core.library import index_queries as iq
from core.library import video_queries as q
from core.library.database import Command, Database, ask, entities
from core.library.index import Index
from core.library.indexes import accounts
from core.library.overview import Overview
from core.library.queue import Queue
from core.library.shelf import Shelf
from core.model import IndexState, PlayState, Video, Work

_AT_ONCE = 500  # videos in one query


class Lanes(Shelf):
    """What waits, who works on it, and how it ends; see Library for what every method may raise."""

    def __init__(
        self,
        database: Database,
        *,
        index: str | None = None,
        clock: Callable[[], float] = time.time,
        most_sent_bytes: int | None = None,
    ) -> None:
        super().__init__(database, index=index, clock=clock, most_sent_bytes=most_sent_bytes)
        self._playing = Queue(database, schema.PLAY_LANE, clock)

    @property
    def _indexing(self) -> Queue:
        return self._waiting_for(self._index)

    def _waiting_for(self, index: Index) -> Queue:
        return Queue(
            self._database, index.account.lane, self._clock,
            clear=lambda videos: iq.clear(index.name, videos),
        )  # fmt: skip

    @property
    def overview(self) -> Overview:
        """How the whole library stands, for whoever looks often."""
        return Overview(self._database, self._index.name)

    # -- the work lane of indexing --------------------------------------------------------------

    def has_waiting(self, video_ids: Sequence[str] | None = None) -> bool:
        """Say whether a video, or one of these, can be claimed for indexing."""
        return self._indexing.is_waiting(video_ids)

    def claim(
        self, worker: str, *, lease_s: float, video_ids: Sequence[str] | None = None
    ) -> Video | None:
        """Claim the oldest video that waits, or whose worker's lease ran out; None: no work."""
        index = self._index
        entity = self._waiting_for(index).claim(worker, lease_s, video_ids)
        return None if entity is None else answers.video(entity, index.name)

    def heartbeat(
        self, video_id: str, worker: str, *, progress: float, lease_s: float,
        work: Work | None = None,
    ) -> bool:  # fmt: skip
        """Prolong a claim; False: it was cancelled, deleted or taken over, so stop working."""
        index = self._index
        said = save_queries.work(index.account, work)
        return self._waiting_for(index).heartbeat(
            video_id, worker, progress=progress, lease_s=lease_s, more=said
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
            n += sum(queue.take_back(video_id, worker) for video_id, worker in dead)
        return n

    def release(self, video_id: str, worker: str) -> bool:
        """Give a claim back, for another worker to take at once."""
        return self._indexing.release(video_id, worker)

    def finish(self, video_id: str, worker: str, *, every_s: float | None = None) -> bool:
        """Mark a video as searchable, with samples so far apart; False: the claim is gone."""
        index = self._index
        account = index.account
        now_us = round(self._clock() * schema.US_PER_S)
        found: dict[str, Any] = {} if every_s is None else {account.sampled_every_s: every_s}
        found |= {
            account.n_clips: index.count_clips(video_id),
            account.indexed_us: now_us,
            schema.FOUND_US: self._found_us(video_id, now_us),
            account.done: True,
        }
        return self._waiting_for(index).finish(video_id, worker, found)

    def _found_us(self, video_id: str, now_us: int) -> int:
        """Say when a video could be found for the first time, in any index; else now."""
        for one in entities(ask(self._database, q.find_videos(q.by_id(video_id)))[0][0]):
            known_us = [one.get(account.indexed_us) for account in accounts(self._database)]
            return int(one.get(schema.FOUND_US) or min(filter(None, known_us), default=now_us))
        return now_us

    def fail(self, video_id: str, worker: str, sentence: str) -> bool:
        """Record why a video cannot be indexed, and keep nothing half-done of it."""
        return self._indexing.fail(video_id, worker, sentence)

    def cancel(self, video_id: str) -> None:
        """Stop the indexing of a video that waits or is under way; its worker notices itself."""
        self._cancel(q.by_id(video_id))

    def cancel_all(self) -> None:
        """Stop the indexing of every video that waits or is under way."""
        self._cancel({})

    def _cancel(self, which: Mapping[str, Any]) -> None:
        index = self._index
        lane = index.account.lane
        unfinished = {**which, lane.state: ["in", [lane.waiting, lane.working]]}
        properties = {**q.waiting(lane), lane.state: IndexState.CANCELLED}
        update: Command = {"UpdateVideo": {"ref": 1, "properties": properties}}
        ask(self._database, ([*iq.clear(index.name, unfinished), update], []))

    def requeue(self, video_id: str) -> None:
        """Try again what failed, was cancelled or is put off; other videos stay as they are."""
        index = self._index.account.lane
        for lane, ended in (
            (index, [IndexState.FAILED, IndexState.CANCELLED, IndexState.WAITING]),
            (schema.PLAY_LANE, [PlayState.FAILED]),
        ):
            constraints = {**q.by_id(video_id), lane.state: ["in", ended]}
            ask(self._database, q.update_video(constraints, q.waiting(lane), remove=[lane.error]))

    def unfinished(self, video_ids: Sequence[str] | None = None) -> list[Video]:
        """List the videos that wait for indexing or are under way, all or of these."""
        lane = self._index.account.lane
        found = self._videos({lane.state: ["in", [lane.waiting, lane.working]]})
        wanted = None if video_ids is None else set(video_ids)
        return [one for one in found if wanted is None or one.video_id in wanted]

    def reindex(self, video_ids: Sequence[str]) -> int:
        """Have videos indexed again, whatever became of them; those under way go on.

        What is indexed of them is found until a worker begins. Returns how many there were.
        """
        lane = self._index.account.lane
        own = [one for one in video_ids if not q.is_foreign(one)]
        chosen = [
            {schema.VIDEO_ID: ["in", own[n : n + _AT_ONCE]]} for n in range(0, len(own), _AT_ONCE)
        ]
        chosen += [q.by_id(one) for one in video_ids if q.is_foreign(one)]
        return sum(self._queue_again(lane, constraints) for constraints in chosen)

    def _queue_again(self, lane: schema.Lane, which: q.Constraints) -> int:
        ended = [IndexState.READY, IndexState.FAILED, IndexState.CANCELLED]
        constraints = {**which, lane.state: ["in", ended]}
        query = q.update_video(constraints, q.waiting(lane), remove=[lane.error])
        return int(ask(self._database, query)[0][0].get("count", 0))

    # -- the work lane of playable copies -------------------------------------------------------

    def wants_copies(self) -> bool:
        """Say whether a playable copy can be claimed."""
        return self._playing.is_waiting()

    def copied_now(self, is_dead: Callable[[str], bool]) -> set[str]:
        """Name the videos of which somebody makes a playable copy now, and is not gone."""
        claims = self._playing.claims(are_leased=True)
        return {video_id for video_id, worker in claims if not is_dead(worker)}

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
