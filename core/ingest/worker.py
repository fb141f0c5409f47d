"""Takes work from the library's two lanes until there is none, or until it is told to stop.

Any number of workers may run, in any processes: the library's claims keep them apart. A worker that
is killed leaves a claim that runs out.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from core.errors import (
    CancelledError,
    DatabaseAwayError,
    DatabaseError,
    EncoderError,
    LibraryError,
    NoSuchVideoError,
    ReelseekError,
)
from core.ingest.heart import Heart
from core.ingest.pipeline import ImageEncoder, file_of, index_video
from core.library.library import Library
from core.media import proxy
from core.model import IndexState, Video

LEASE_S = 20.0  # a killed worker's video is taken up again after this long
HEARTBEAT_S = 1.0  # a cancel is noticed within this
IDLE_S = 0.5
RETRY_S = 10.0  # before the model, or a database that was away, is tried again

log = logging.getLogger("reelseek.ingest")


class _Lane(NamedTuple):
    """How a claim in one lane is kept, given back, and ended in failure."""

    heartbeat: Callable[..., bool]
    release: Callable[[str, str], bool]
    fail: Callable[[str, str, str], bool]


class Worker:
    """Indexes what waits, and makes playable copies when nothing does.

    `proxy_of` says where the copy of a video belongs. The model is loaded by the first video that
    waits. Without its weights, videos go on waiting: they are not to blame.
    """

    def __init__(
        self, library: Library, encoder: ImageEncoder, *, every_s: float,
        proxy_of: Callable[[str], Path],
    ) -> None:  # fmt: skip
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._library, self._encoder = library, encoder
        self._every_s, self._proxy_of = every_s, proxy_of
        self._indexing = _Lane(library.heartbeat, library.release, library.fail)
        self._copying = _Lane(library.play_heartbeat, library.release_play, library.fail_play)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then give back what is not finished and return."""
        blocked_until = 0.0
        while not stop.is_set():
            is_busy = False
            try:
                if time.monotonic() >= blocked_until:
                    is_busy = self._index_next(stop, None)
            except (EncoderError, LibraryError) as error:
                blocked_until = time.monotonic() + RETRY_S
                log.warning("Nothing can be indexed now: %s", error)
            except DatabaseError as error:
                self._pause(stop, error)
            try:
                is_busy = is_busy or self._copy_next(stop)
            except DatabaseError as error:
                self._pause(stop, error)
            if not is_busy:
                stop.wait(IDLE_S)

    def drain(self, video_ids: Sequence[str], *, stop: threading.Event | None = None) -> None:
        """Index these videos and return when none of them waits or is under way, with anyone.

        Raises:
            WeightsMissingError, EncoderError: the model cannot be used; the videos go on waiting.
            LibraryError: the library was indexed with another model.
        """
        stop = stop or threading.Event()
        while not stop.is_set() and self._unfinished(video_ids):
            if not self._index_next(stop, video_ids):
                stop.wait(IDLE_S)  # another worker has claimed the rest
            while not stop.is_set() and self._index_next(stop, video_ids):
                pass

    def _unfinished(self, video_ids: Sequence[str]) -> bool:
        wanted = set(video_ids)
        return any(
            video.video_id in wanted and video.state in (IndexState.WAITING, IndexState.INDEXING)
            for video in self._library.videos()
        )

    @staticmethod
    def _pause(stop: threading.Event, error: DatabaseError) -> None:
        log.warning("The database is in the way of work: %s", error)
        stop.wait(RETRY_S)

    # -- the two kinds of work ------------------------------------------------------------------

    def _index_next(self, stop: threading.Event, video_ids: Sequence[str] | None) -> bool:
        """Index one video; False when there was none."""
        if not self._library.has_waiting(video_ids):
            return False
        self._encoder.load()  # before a claim is made: a download may take minutes
        self._library.ensure_index(self._encoder.info())
        video = self._library.claim(self.name, lease_s=LEASE_S, video_ids=video_ids)
        if video is None:
            return False
        self._attempt(video, stop, self._indexing, self._index)
        return True

    def _copy_next(self, stop: threading.Event) -> bool:
        """Make one playable copy; False when none was wanted."""
        video = self._library.claim_play(self.name, lease_s=LEASE_S)
        if video is None:
            return False
        self._attempt(video, stop, self._copying, self._copy)
        return True

    def _index(self, video: Video, heart: Heart, stop: threading.Event) -> None:
        steps = index_video(
            video, self._library, self._encoder, worker=self.name, every_s=self._every_s
        )
        with closing(steps):
            for fraction in steps:
                heart.progress = fraction
                if heart.is_lost or stop.is_set():
                    raise CancelledError(f"The indexing of {video.name} was stopped.")
        self._library.finish(video.video_id, self.name)

    def _copy(self, video: Video, heart: Heart, stop: threading.Event) -> None:
        def on_progress(fraction: float) -> None:
            heart.progress = fraction

        target = self._proxy_of(video.video_id)
        proxy.make(
            file_of(video), video.facts, target,
            on_progress=on_progress, cancelled=lambda: heart.is_lost or stop.is_set(),
        )  # fmt: skip
        if not self._library.finish_play(video.video_id, self.name):
            try:
                self._library.video(video.video_id)
            except NoSuchVideoError:
                target.unlink(missing_ok=True)

    def _attempt(
        self, video: Video, stop: threading.Event, lane: _Lane,
        work: Callable[[Video, Heart, threading.Event], None],
    ) -> None:  # fmt: skip
        """Do one piece of work: it ends finished, failed with a sentence, or given back."""
        is_settled = False
        try:
            with Heart(lambda done: self._beat(lane, video, done), every_s=HEARTBEAT_S) as heart:
                work(video, heart, stop)
            is_settled = True
        except CancelledError:
            pass
        except DatabaseAwayError:
            raise
        except ReelseekError as error:
            is_settled = lane.fail(video.video_id, self.name, str(error))
            log.warning("%s: %s", video.name, error)
        except Exception as error:  # the one catch-all: a fault at one video ends no worker
            log.exception("A fault in Reelseek itself, at %s", video.name)
            is_settled = lane.fail(video.video_id, self.name, _fault(video, error))
        finally:
            if not is_settled:
                with suppress(ReelseekError):  # then the lease runs out instead
                    lane.release(video.video_id, self.name)

    def _beat(self, lane: _Lane, video: Video, done: float) -> bool:
        return lane.heartbeat(video.video_id, self.name, progress=done, lease_s=LEASE_S)


def _fault(video: Video, error: Exception) -> str:
    return (
        f"{video.name} met a fault in Reelseek itself ({type(error).__name__}: {error}). The log "
        "says where; try again, and report it if it comes back."
    )
