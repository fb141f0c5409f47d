"""One lane of the work queue that the database is: claim, heartbeat, finish, fail, release.

Every change is one update constrained on the claim, so any number of workers on any number of
machines can share one database. Knows a lane's properties, not what the work is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.library import schema as s
from core.library import video_queries as q
from core.library.answers import id_of
from core.library.database import Command, Database, Entity, ask, entities

# A worker that takes others along when it dies (memory, a crash in a decoder) would be restarted
# and claim the same video again for ever.
MAX_ATTEMPTS = 3
_CANDIDATES = 4  # more than one, so that workers who look at the same instant all get something
_POISON = (
    "Work on this video was broken off {n} times: the process was killed, or memory or disk ran "
    "out. Make room and try again, or convert the file first."
)


class Queue:
    """The videos that wait in one lane. `clock` gives seconds since 1970.

    `clear` builds the commands that remove what is half done of the videos that meet some
    constraints, which are ref 1 afterwards. Workers on several machines compare leases with their
    own clocks, so these must agree to within the length of a lease.
    """

    def __init__(
        self, database: Database, lane: s.Lane, clock: Callable[[], float],
        clear: Callable[[Mapping[str, Any]], list[Command]] | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._lane = lane
        self._clock = clock
        self._clear = clear

    def is_waiting(self, video_ids: Sequence[str] | None = None) -> bool:
        """Say whether there is anything to claim, without claiming it."""
        return bool(self._candidates(1, video_ids))

    def claim(
        self, worker: str, lease_s: float, video_ids: Sequence[str] | None = None
    ) -> Entity | None:
        """Claim the oldest video that waits or whose lease ran out; None when there is none."""
        for candidate in self._candidates(_CANDIDATES, video_ids):
            video_id = id_of(candidate)
            attempts = int(candidate.get(self._lane.attempts) or 0)
            if attempts >= MAX_ATTEMPTS:
                self._give_up(video_id)
                continue
            claimed = q.claim(
                self._lane, video_id, worker,
                now_us=self._now_us(), until_us=self._now_us(lease_s), attempts=attempts + 1,
            )  # fmt: skip
            if self._count(claimed[0]) == 1 and (mine := self._mine(video_id, worker)):
                return mine
        return None

    def heartbeat(
        self, video_id: str, worker: str, *, progress: float, lease_s: float,
        more: Mapping[str, Any] | None = None,
    ) -> bool:  # fmt: skip
        """Record the progress, 0..1, and prolong the lease; False: this claim stands no more."""
        return self._change(
            q.held(self._lane, video_id, worker),
            {
                self._lane.progress: min(1.0, max(0.0, float(progress))),
                self._lane.lease_until: self._now_us(lease_s),
                **(more or {}),
            },
        )

    def finish(self, video_id: str, worker: str, properties: Mapping[str, Any]) -> bool:
        """Mark the work as done, with further properties; False: the claim stands no more."""
        done = {self._lane.state: self._lane.done, self._lane.progress: 1.0}
        return self._change(
            q.held(self._lane, video_id, worker), {**self._unclaimed(), **done, **properties}
        )

    def fail(self, video_id: str, worker: str, sentence: str) -> bool:
        """Mark the work as failed, for the reason in the sentence; False as in `finish`."""
        return self._end(q.held(self._lane, video_id, worker), sentence)

    def release(self, video_id: str, worker: str) -> bool:
        """Give a claim back, so that another worker takes the video at once."""
        return self._change(q.held(self._lane, video_id, worker), q.waiting(self._lane))

    def take_back(self, video_id: str, worker: str) -> bool:
        """Take the claim of a worker that died; unlike `release`, that attempt counts."""
        again = q.waiting(self._lane)
        del again[self._lane.attempts], again[self._lane.retries]
        return self._change(q.held(self._lane, video_id, worker), again)

    def postpone(
        self, video_id: str, worker: str, sentence: str, delay_s: Callable[[int], float | None]
    ) -> float | None:
        """Give a claim back, to be taken again only after a while; None: that was not done.

        `delay_s` is told how often this happened to the video before, and says for how long, in
        seconds; None where it should not be tried again. The sentence says what was in the way.
        """
        mine = self._mine(video_id, worker)
        n_before = int(mine.get(self._lane.retries) or 0) if mine else 0
        wait_s = delay_s(n_before) if mine else None
        if wait_s is None:
            return None
        later = {
            **q.waiting(self._lane),
            self._lane.lease_until: self._now_us(wait_s),
            self._lane.error: sentence,
            self._lane.retries: n_before + 1,
        }
        return wait_s if self._change(q.held(self._lane, video_id, worker), later) else None

    def claims(self, of: str = "", *, are_leased: bool = False) -> list[tuple[str, str]]:
        """List (video_id, worker) of the claims held by workers whose names begin with `of`.

        With `are_leased` only those whose lease has not run out.
        """
        held: dict[str, Any] = {self._lane.state: ["==", self._lane.working]}
        if are_leased:
            held[self._lane.lease_until] = [">", self._now_us()]
        query = q.list_videos(held, [s.VIDEO_ID, self._lane.worker])
        found = [
            (id_of(one), str(one.get(self._lane.worker) or ""))
            for one in entities(ask(self._database, query)[0][0])
        ]
        return [claim for claim in found if claim[1].startswith(of)]

    def _unclaimed(self) -> dict[str, Any]:
        return {self._lane.lease_until: 0, self._lane.worker: ""}

    def _give_up(self, video_id: str) -> None:
        may_be_claimed = {**q.by_id(video_id), **q.claimable(self._lane, self._now_us())}
        self._end(may_be_claimed, _POISON.format(n=MAX_ATTEMPTS))

    def _end(self, constraints: Mapping[str, Any], sentence: str) -> bool:
        failed = {self._lane.state: self._lane.failed, self._lane.error: sentence}
        properties = {**self._unclaimed(), **failed}
        if self._clear is None:
            return self._change(constraints, properties)
        update: Command = {"UpdateVideo": {"ref": 1, "properties": properties}}
        return self._count([*self._clear(constraints), update]) == 1

    def _candidates(self, limit: int, video_ids: Sequence[str] | None) -> list[Entity]:
        query = q.claim_candidates(self._lane, self._now_us(), limit=limit, video_ids=video_ids)
        return entities(ask(self._database, query)[0][0])

    def _mine(self, video_id: str, worker: str) -> Entity | None:
        """Read a video back: how far a server keeps concurrent updates apart is not documented."""
        query = q.find_videos(q.held(self._lane, video_id, worker))
        return next(iter(entities(ask(self._database, query)[0][0])), None)

    def _change(self, constraints: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
        return self._count(q.update_video(constraints, properties)[0]) == 1

    def _count(self, commands: list[Command]) -> int:
        return int(ask(self._database, (commands, []))[0][-1].get("count", 0))

    def _now_us(self, later_s: float = 0.0) -> int:
        return round((self._clock() + later_s) * s.US_PER_S)
