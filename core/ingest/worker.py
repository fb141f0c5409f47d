"""Takes work from the library's lanes until there is none, or until it is told to stop.

Any number of workers may run, in any processes: the library's claims keep them apart. A worker that
is killed leaves a claim that runs out; on the same machine the next worker sees that it is dead.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import (
    DatabaseError,
    DiskFullError,
    EncoderError,
    EncoderMemoryError,
    LibraryError,
    ReelseekError,
)
from core.ingest import claimed, owner, retry
from core.ingest.attempt import LEASE_S, attempt, copying, indexing
from core.ingest.targets import Models, Target, opened
from core.library.library import Library
from core.media.frames import Mode, Sampling
from core.model import Video

IDLE_S = 0.5
RETRY_S = 10.0  # before the model is tried again
PATIENCE_S = 300.0  # how long a drain waits for what passes: a database away, a disk full
BEHIND_EVERY_S = 2.0  # between two looks for what an index in the making lacks
DEAD_EVERY_S = 5.0  # between two looks for claims of workers that are gone

log = logging.getLogger("reelseek.ingest")


class Worker:
    """Indexes what waits, makes playable copies when nothing does, and behind that other indexes.

    `proxy_of` says where the copy of a video belongs. The model is loaded by the first video that
    waits. Without its weights, videos go on waiting: they are not to blame. `fetch` brings a video
    whose file lies on another machine from the database, or gives None. `learn` is called when all
    that waited is indexed: searches are spared what they would first have to ask the model for.
    `tell` is handed the sentence that says why nothing can be indexed, and None when it can again.
    """

    def __init__(
        self, library: Library, models: Models, *, every_s: float, mode: Mode = "auto",
        proxy_of: Callable[[Video], Path], fetch: claimed.Fetch | None = None,
        learn: Callable[[], None] | None = None, tell: Callable[[str | None], None] | None = None,
    ) -> None:  # fmt: skip
        self.name = owner.new_name()
        self._library, self._models = library, models
        self._sampling, self._proxy_of = Sampling(every_s, mode), proxy_of
        self._fetch, self._learn, self._tell = fetch, learn, tell
        self._told: str | None = ""  # nothing yet, neither that it can be nor why not
        self._has_indexed = False
        self._backoff, self._seldom = retry.Backoff(), retry.Seldom()
        self._blocked_until = self._behind_from = float("-inf")
        self._dead_seen_at: dict[str, float] = {}  # by index

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then give back what is not finished and return."""
        self._say(None)  # who worked before may have left a reason that holds no more
        while not stop.is_set():
            is_busy = False
            try:
                if time.monotonic() >= self._blocked_until:
                    is_busy = self._index_next(stop, None)
            except (EncoderError, LibraryError) as error:
                self._blocked_until = time.monotonic() + RETRY_S
                self._warn("Nothing can be indexed now", error)
                self._say(str(error))
            except DatabaseError as error:
                self._pause(stop, error)
                continue
            try:
                if not is_busy:
                    self._learn_from_it()
                    is_busy = self._copy_next(stop) or self._work_behind(stop)
                self._backoff.reset()
            except (DatabaseError, DiskFullError) as error:
                self._pause(stop, error)
            if not is_busy:
                stop.wait(IDLE_S)

    def drain(
        self, video_ids: Sequence[str], *, stop: threading.Event | None = None,
        patience_s: float = PATIENCE_S, more: Callable[[], bool] | None = None,
    ) -> None:  # fmt: skip
        """Index these videos and return when none of them waits or is under way, with anyone.

        What passes by itself is waited for: database away, disk full, no memory. After `patience_s`
        seconds in which nothing got better, those videos are left waiting, with the reason. While
        `more` says so, `video_ids` may still grow.

        Raises:
            WeightsMissingError, EncoderError: the model cannot be used; the videos go on waiting.
            LibraryError: the library was indexed with another model.
            DatabaseError: the database was in the way for longer than that.
        """
        stop = stop or threading.Event()
        seen, waited_s = "", 0.0
        while not stop.is_set():
            try:
                is_more = more is not None and more()
                if self._index_next(stop, video_ids):
                    self._backoff.reset()
                    continue  # what is left is looked at when nothing can be done: it may be much
                left = self._library.unfinished(video_ids)
                seen, waited_s = (now := _standing(left)), waited_s if now == seen else 0.0
                is_stuck = waited_s > patience_s and all(video.error for video in left)
                if not is_more and (not left or is_stuck):
                    return
                waited_s += _wait(stop, IDLE_S)
                self._backoff.reset()
            except (DatabaseError, DiskFullError, EncoderMemoryError) as error:
                if waited_s > patience_s:
                    raise
                waited_s += self._pause(stop, error)

    def _pause(self, stop: threading.Event, error: ReelseekError) -> float:
        self._warn("Work has to wait", error)
        return _wait(stop, self._backoff.next_s())

    def _warn(self, what: str, error: ReelseekError) -> None:
        if self._seldom.is_due(f"{what}: {error}"):
            log.warning("%s: %s", what, error)

    def _say(self, why_not: str | None) -> None:
        if self._tell is not None and why_not != self._told:
            self._tell(why_not)
            self._told = why_not

    # -- the two kinds of work ------------------------------------------------------------------

    def _index_next(self, stop: threading.Event, video_ids: Sequence[str] | None) -> bool:
        """Index one video for the index that serves; False when there was none."""
        self._free_the_dead(self._library)
        if not self._library.has_waiting(video_ids):
            return False
        target = self._models.now()
        library = opened(target, self._library)
        self._say(None)
        return self._index_one(stop, target, library, video_ids)

    def index_next(self, stop: threading.Event, *, gives_way: bool = True) -> bool:
        """Index one video for the index that is to serve later; False when there was none.

        It is given back when there is other work, if it gives way.

        Raises:
            WeightsMissingError, EncoderError, LibraryError, DatabaseError: as `drain`.
        """
        target = self._models.next()
        if target is None:
            return False
        library = target.library or opened(target, self._library)
        self._free_the_dead(library)
        library.indexes.queue(library.index_name)
        if not library.has_waiting():
            return False
        return self._index_one(stop, target, opened(target, library), gives_way=gives_way)

    def _index_one(
        self, stop: threading.Event, target: Target, library: Library,
        video_ids: Sequence[str] | None = None, *, gives_way: bool = False,
    ) -> bool:  # fmt: skip
        """Index one video for this index; False when there was none."""
        video = library.claim(self.name, lease_s=LEASE_S, video_ids=video_ids)
        if video is None:
            return False
        job = claimed.Indexing(
            library, target.encoder, self.name, self._sampling,
            is_called_away=self._is_called_away if gives_way else lambda: False,
        )  # fmt: skip
        attempt(
            video, self.name, indexing(library),
            lambda: claimed.index(job, video, self._fetch, stop), stop,
        )  # fmt: skip
        self._has_indexed = True
        return True

    def _learn_from_it(self) -> None:
        """Learn from what was indexed; a search does it where that fails."""
        if self._has_indexed and self._learn is not None:
            self._has_indexed = False
            try:
                self._learn()
            except (EncoderError, LibraryError) as error:
                self._warn("Nothing can be learned from the library now", error)

    def _work_behind(self, stop: threading.Event) -> bool:
        """Do what nobody waits for: remove an index that goes, or a video more for the next one."""
        if time.monotonic() < self._behind_from:
            return False
        try:
            self._library.indexes.queue(self._library.index_name)
            if self._library.indexes.remove_some() or self.index_next(stop):
                return True
        except (EncoderError, LibraryError) as error:
            self._warn("The other index cannot be made now", error)
            self._behind_from = time.monotonic() + RETRY_S
            return False
        self._behind_from = time.monotonic() + BEHIND_EVERY_S
        return False

    def _copy_next(self, stop: threading.Event) -> bool:
        """Make one playable copy; False when none was wanted."""
        video = self._library.claim_play(self.name, lease_s=LEASE_S)
        if video is None:
            return False
        target = self._proxy_of(video)
        attempt(
            video, self.name, copying(self._library),
            lambda: claimed.copy(self._library, video, self.name, target, self._fetch, stop),
            stop,
        )  # fmt: skip
        return True

    def _free_the_dead(self, library: Library) -> None:
        where, index, now_s = owner.place(), library.index_name, time.monotonic()
        if where is not None and now_s - self._dead_seen_at.get(index, -math.inf) > DEAD_EVERY_S:
            self._dead_seen_at[index] = now_s
            library.release_dead(where, owner.is_dead)

    def _is_called_away(self) -> bool:
        """Say whether somebody waits for what this worker could do in place of an index behind."""
        if self._library.wants_copies():
            return True
        return time.monotonic() >= self._blocked_until and self._library.has_waiting()


def _standing(left: Sequence[Video]) -> str:
    """Say where videos stand; while that changes, work goes on somewhere."""
    return " ".join(sorted(f"{v.video_id}{v.progress:.4f}" for v in left))


def _wait(stop: threading.Event, time_s: float) -> float:
    began = time.monotonic()
    stop.wait(time_s)
    return time.monotonic() - began
