"""Makes copies that browsers can play on this machine, of videos that only the database has.

The library's own queue has workers make them where a video's file lies; that a copy is lacking here
concerns this machine alone. One is made at a time, beside whoever asked. Knows no HTTP.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import CancelledError, MediaError, ReelseekError
from core.media import proxy
from core.media.probe import probe
from core.model import PlayState, Video, VideoFacts

_RETRY_S = 60.0  # after a full disk

log = logging.getLogger("reelseek.web")


@dataclass(frozen=True, slots=True)
class _Stand:
    """How far a video is here: what is served once it is READY or DIRECT, or why there is none."""

    state: PlayState
    progress: float = 0.0
    error: str | None = None
    path: Path | None = None
    until_s: float = math.inf  # as time.monotonic() counts: what may pass is tried again


class Copies:
    """Copies made here; safe to use from several threads."""

    def __init__(self, copy_of: Callable[[Video], Path]) -> None:
        """Make nothing yet; `copy_of` says where a video's copy belongs."""
        self._copy_of = copy_of
        self._stands: dict[tuple[str, str], _Stand] = {}
        self._lock = threading.Lock()
        self._is_closed = threading.Event()
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="copies")

    def ask(self, video: Video, original: Path) -> Path | None:
        """Give what browsers can play of a video; None while that is made, or where it failed.

        `original` is its own file, looked at when the video is asked for the first time.
        """
        stand = self._stands.get(_key(video))
        if stand is None or _is_over(stand):
            stand = self._begin(video, original)
        return stand.path

    def standing(self, video: Video) -> Video:
        """Give the video as it stands here, where that was asked for; else as it is."""
        stand = self._stands.get(_key(video))
        if stand is None:
            return video
        return replace(
            video, play_state=stand.state, play_progress=stand.progress, play_error=stand.error
        )

    def forget(self, video_id: str) -> None:
        """Know nothing any more of a video that was deleted."""
        with self._lock:
            for key in [key for key in self._stands if key[0] == video_id]:
                del self._stands[key]

    def close(self) -> None:
        """Stop what is being made, and wait for that. May be called again."""
        with self._lock:
            self._is_closed.set()
        self._maker.shutdown(cancel_futures=True)

    def _begin(self, video: Video, original: Path) -> _Stand:
        """Look at the file; have it copied where that is needed and nobody has asked for it."""
        copy = self._copy_of(video)
        if copy.is_file():
            return self._set(video, _Stand(PlayState.READY, path=copy))
        try:
            facts = probe(original)
        except MediaError as error:
            return self._set(video, _Stand(PlayState.FAILED, error=str(error)))
        if proxy.needed(facts) == "direct":
            return self._set(video, _Stand(PlayState.DIRECT, path=original))
        with self._lock:
            known = self._stands.get(_key(video))
            if known is not None and not _is_over(known):
                return known
            stand = self._stands[_key(video)] = _Stand(PlayState.WANTED)
            if not self._is_closed.is_set():
                self._maker.submit(self._make, video, original, facts)
        return stand

    def _make(self, video: Video, original: Path, facts: VideoFacts) -> None:
        copy = self._copy_of(video)
        try:
            if not copy.is_file():  # asked for, forgotten and asked for again
                proxy.make(
                    original, facts, copy,
                    on_progress=lambda done: self._tell(video, _Stand(PlayState.MAKING, done)),
                    cancelled=lambda: self._is_unwanted(video),
                )  # fmt: skip
        except CancelledError:
            log.info("The copy of %s is wanted no more.", video.name)
        except ReelseekError as error:
            log.warning("%s: %s", video.name, error)
            until_s = math.inf if isinstance(error, MediaError) else time.monotonic() + _RETRY_S
            self._tell(video, _Stand(PlayState.FAILED, error=str(error), until_s=until_s))
        except Exception:  # a thread's end is seen by nobody, and they would wait for ever
            log.exception("A fault in Reelseek itself, at %s", video.name)
            self._tell(video, _Stand(PlayState.FAILED, error=_FAULT))
        else:
            self._tell(video, _Stand(PlayState.READY, path=copy))

    def _set(self, video: Video, stand: _Stand) -> _Stand:
        with self._lock:
            self._stands[_key(video)] = stand
        return stand

    def _tell(self, video: Video, stand: _Stand) -> None:
        with self._lock:
            if _key(video) in self._stands:  # else it was deleted meanwhile
                self._stands[_key(video)] = stand

    def _is_unwanted(self, video: Video) -> bool:
        return self._is_closed.is_set() or _key(video) not in self._stands


_FAULT = (
    "The copy that browsers can play met a fault in Reelseek itself. The log says where; report it "
    "if it comes back."
)


def _is_over(stand: _Stand) -> bool:
    is_gone = stand.path is not None and not stand.path.is_file()
    return is_gone or time.monotonic() > stand.until_s


def _key(video: Video) -> tuple[str, str]:
    return video.video_id, video.content_sha256
