"""How one piece of work on a claimed video ends: finished, failed, put off, or given back.

Whatever goes wrong, the claim ends with it where the database lets us. Knows neither what the work
is nor who looks for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from core.errors import CancelledError, DatabaseAwayError, ReelseekError
from core.ingest import retry
from core.library.library import Library
from core.model import Video

LEASE_S = 20.0  # a killed worker's video is taken up again after this long, at the latest

log = logging.getLogger("reelseek.ingest")


class Lane(NamedTuple):
    """How a claim in one lane is given back, put off, and ended in failure."""

    release: Callable[[str, str], bool]
    postpone: Callable[[str, str, str, Callable[[int], float | None]], float | None]
    fail: Callable[[str, str, str], bool]


def indexing(library: Library) -> Lane:
    """The lane of indexing for the library's index."""
    return Lane(library.release, library.postpone, library.fail)


def copying(library: Library) -> Lane:
    """The lane of making playable copies."""
    return Lane(library.release_play, library.postpone_play, library.fail_play)


def attempt(
    video: Video, worker: str, lane: Lane, work: Callable[[], None], stop: threading.Event
) -> None:
    """Do one piece of work on a video that `worker` has claimed, and end the claim."""
    try:
        work()
    except CancelledError:
        _give_back(video, worker, lane, stop)
    except DatabaseAwayError as error:
        log.warning("%s: %s", video.name, error)
        _give_back(video, worker, lane, stop)
    except ReelseekError as error:
        log.warning("%s: %s", video.name, error)
        _settle(video, worker, lane, error, stop)
    except Exception as error:  # the one catch-all: a fault at one video ends no worker
        log.exception("A fault in Reelseek itself, at %s", video.name)
        lane.fail(video.video_id, worker, _fault(video, error))
    except BaseException:
        _give_back(video, worker, lane, stop)
        raise


def _settle(
    video: Video, worker: str, lane: Lane, error: ReelseekError, stop: threading.Event
) -> None:
    """Put off what may pass; record why what will not pass failed."""

    def settle() -> None:
        delay = lane.postpone(video.video_id, worker, str(error), lambda n: retry.delay_s(error, n))
        if delay is None:
            lane.fail(video.video_id, worker, str(error))

    _insist(settle, stop)


def _give_back(video: Video, worker: str, lane: Lane, stop: threading.Event) -> None:
    _insist(lambda: lane.release(video.video_id, worker), stop)


def _insist(act: Callable[[], object], stop: threading.Event) -> None:
    """Do it when the database lets us; without that, the lease has to run out."""
    backoff = retry.Backoff()
    until = time.monotonic() + LEASE_S
    while True:
        try:
            act()
        except ReelseekError as error:
            if stop.is_set() or time.monotonic() > until:
                log.warning("A claim could not be given back: %s", error)
                return
            stop.wait(backoff.next_s())
        else:
            return


def _fault(video: Video, error: Exception) -> str:
    return (
        f"{video.name} met a fault in Reelseek itself ({type(error).__name__}: {error}). The log "
        "says where; try again, and report it if it comes back."
    )
