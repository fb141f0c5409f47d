"""Pictures of videos that nobody stored, made by the database when a browser asks for one.

Videos that another program indexed have no posters, and their clips no pictures. A page shows
dozens of these at once, and each costs a decoder: so every one is made once, two at a time, and
whoever waits for one holds no thread. What was made is kept on the disk, bounded. Where none can be
made there is none, as before; that is no error.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final

from starlette.concurrency import run_in_threadpool

from core.errors import ReelseekError
from core.library.still_queries import frame_at
from core.media.stills import is_dull, read_picture
from core.model import IndexState, Video
from core.web.kept import Kept
from core.web.needs import Videos

log = logging.getLogger("reelseek.web")

_AT_ONCE: Final = 2
_MOST_ASKED: Final = 256  # pictures that are made or waited for; there are none beyond
_WAIT_S: Final = 20.0  # for one picture; what nobody waits for any more is not begun
_VAIN_S: Final = 60.0  # until one that could not be made is tried again
_MOST_VAIN: Final = 1000
_MAX_PX: Final = 400  # the long side, as of the pictures of an index
# A poster is the first of these that is not black or one colour, as of the videos indexed here.
_POSTER_LOOKS, _POSTER_EVERY_S = 5, 2.0

_Key = tuple[str, str]  # the id of a video, and which picture of which content


@dataclass
class _Job:
    """A picture that is being made, and how many wait for it."""

    key: _Key
    at_s: float | None
    made: Future[bytes | None] = field(default_factory=Future)
    n_waiting: int = 0
    is_gone: bool = False  # its video was deleted meanwhile


class Stills:
    """Makes pictures and keeps them; safe to use from several threads and event loops."""

    def __init__(self, library: Videos, kept: Kept, *, wait_s: float = _WAIT_S) -> None:
        """Make nothing yet.

        Args:
            library: knows the videos, and has the database make pictures of them.
            kept: holds what was made.
            wait_s: for how long a picture is waited for.
        """
        self._library, self._kept, self._wait_s = library, kept, wait_s
        self._jobs: dict[_Key, _Job] = {}
        self._vain_until_s: dict[_Key, float] = {}
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._makers: list[threading.Thread] = []
        self._is_closed = False

    async def poster(self, video_id: str) -> bytes | None:
        """Give a JPEG from a searchable video's beginning; None where there is none (yet).

        Raises:
            NoSuchVideoError: there is no such video. DatabaseError: that is not known.
        """
        return await self._give(video_id, None)

    async def picture(self, video_id: str, at_s: float) -> bytes | None:
        """Give the JPEG of an instant of a searchable video; None where there is none (yet).

        Raises:
            NoSuchVideoError: there is no such video. DatabaseError: that is not known.
        """
        return await self._give(video_id, at_s)

    def forget(self, video_id: str) -> None:
        """Remove what was made of a video that was deleted, and is being made."""
        with self._lock:
            for job in self._jobs.values():
                job.is_gone |= job.key[0] == video_id
        self._kept.drop(video_id)

    def close(self) -> None:
        """Begin nothing more, and wait for nothing. May be called again."""
        with self._lock:
            self._is_closed = True
            for job in list(self._jobs.values()):
                self._give_up(job)
            for _ in self._makers:
                self._queue.put(None)
            self._makers.clear()

    async def _give(self, video_id: str, at_s: float | None) -> bytes | None:
        video = await run_in_threadpool(self._library.video, video_id)
        if video.state is not IndexState.READY:  # one of ours gets its pictures as it is indexed
            return None
        key = video_id, _version(video, at_s)
        return await run_in_threadpool(self._known, key) or await self._wait_for(key, at_s)

    def _known(self, key: _Key) -> bytes | None:
        path = self._kept.find(*key)
        with suppress(OSError):  # it had to go just now
            return None if path is None else path.read_bytes()
        return None

    async def _wait_for(self, key: _Key, at_s: float | None) -> bytes | None:
        job = self._job(key, at_s)
        if job is None:
            return None
        try:
            made = asyncio.shield(asyncio.wrap_future(job.made))
            return await asyncio.wait_for(made, self._wait_s)
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            if job.made.cancelled():  # the app is being closed
                return None
            raise
        finally:
            self._leave(job)

    def _job(self, key: _Key, at_s: float | None) -> _Job | None:
        """Join whoever waits for this picture, or be the first; None: it is not to be had now."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                is_vain = self._vain_until_s.get(key, 0.0) > time.monotonic()
                if is_vain or self._is_closed or len(self._jobs) >= _MOST_ASKED:
                    return None
                self._start_makers()
                job = self._jobs[key] = _Job(key, at_s)
                self._queue.put(job)
            job.n_waiting += 1
            return job

    def _start_makers(self) -> None:
        while len(self._makers) < _AT_ONCE:
            # A daemon: this process ends, and its decoders with it, without waiting for a picture.
            maker = threading.Thread(target=self._work, name="stills", daemon=True)
            maker.start()  # the system may have no more threads at this moment
            self._makers.append(maker)

    def _leave(self, job: _Job) -> None:
        with self._lock:
            job.n_waiting -= 1
            if not job.n_waiting:
                self._give_up(job)

    def _give_up(self, job: _Job) -> None:
        if self._jobs.get(job.key) is job and job.made.cancel():  # it was not begun
            del self._jobs[job.key]

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            if job.made.set_running_or_notify_cancel():
                job.made.set_result(self._make(job))

    def _make(self, job: _Job) -> bytes | None:
        key, jpeg = job.key, None
        try:
            jpeg = self._extracted(key[0], job.at_s)
            if jpeg is not None:
                self._kept.keep(*key, jpeg)
        except ReelseekError as error:
            log.warning("A picture of the video %s: %s", key[0], error)
        except Exception:  # whoever waits would meet an error page
            log.exception("A fault in Reelseek itself, at a picture of the video %s", key[0])
        with self._lock:
            del self._jobs[key]
            if jpeg is None:
                self._note_vain(key)
        if job.is_gone:  # nobody sets it any more
            self._kept.drop(key[0])
        return jpeg

    def _extracted(self, video_id: str, at_s: float | None) -> bytes | None:
        extract = self._library.extract_pictures
        if at_s is not None:
            return next(iter(extract(video_id, at_s, max_px=_MAX_PX)), None)
        found = extract(video_id, 0.0, n=_POSTER_LOOKS, every_s=_POSTER_EVERY_S, max_px=_MAX_PX)
        shown = (jpeg for jpeg in found if not is_dull(read_picture(jpeg)))
        return next(shown, next(iter(found), None))

    def _note_vain(self, key: _Key) -> None:
        if len(self._vain_until_s) >= _MOST_VAIN:
            self._vain_until_s.clear()
        self._vain_until_s[key] = time.monotonic() + _VAIN_S


def _version(video: Video, at_s: float | None) -> str:
    """Name a picture of this content; of what other programs put there no hash is known.

    It is that of a frame, whichever instant of it is asked for.
    """
    facts = video.facts
    size = facts.duration_s, facts.fps, facts.width_px, facts.height_px
    frame = None if at_s is None else frame_at(at_s, facts.fps, facts.n_frames)
    return json.dumps([video.content_sha256, *size, frame])
