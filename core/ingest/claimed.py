"""What is done with one claimed video: index it, or make its playable copy, under a heartbeat.

Raises what goes wrong. Knows neither which video is next nor what becomes of a failure.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import CancelledError, IngestError, NoSuchVideoError
from core.ingest.attempt import LEASE_S
from core.ingest.files import file_of
from core.ingest.heart import Heart
from core.ingest.pipeline import Claim, ImageEncoder, Step, index_video
from core.ingest.progress import Speedometer
from core.library.library import Library
from core.media import proxy
from core.media.frames import Sampling
from core.model import Video

HEARTBEAT_S = 1.0  # a cancel is noticed within this

Fetch = Callable[[Video], Path | None]


@dataclass(frozen=True, slots=True)
class Indexing:
    """For which index a video is indexed, by whom, and with which model.

    `is_called_away` is asked with every heartbeat: where it says so, the video is left as it is.
    """

    library: Library
    encoder: ImageEncoder
    worker: str
    sampling: Sampling
    is_called_away: Callable[[], bool]


def index(job: Indexing, video: Video, fetch: Fetch | None, stop: threading.Event) -> None:
    """Index a video, and say with every beat of the heart how far it is.

    Raises:
        CancelledError: it was stopped, called away, or the claim is lost.
        ReelseekError: what is wrong with the file, the model or the database.
    """
    meter = Speedometer(job.worker, video.facts.duration_s, job.encoder.status().device)

    def beat() -> bool:
        return not job.is_called_away() and job.library.heartbeat(
            video.video_id, job.worker, progress=meter.progress, lease_s=LEASE_S, work=meter.work()
        )

    with Heart(beat, every_s=HEARTBEAT_S) as heart:

        def on_step(step: Step) -> None:
            meter.add(time.monotonic(), step.progress, step.bottleneck)
            if heart.is_lost or stop.is_set():
                raise CancelledError(f"The indexing of {video.name} was stopped.")

        claim = Claim(job.library, video, job.worker)
        index_video(claim, _path_of(video, fetch), job.encoder, job.sampling, on_step=on_step)
        job.library.finish(video.video_id, job.worker, every_s=job.sampling.every_s)


def copy(
    library: Library, video: Video, worker: str, target: Path,
    fetch: Fetch | None, stop: threading.Event,
) -> None:  # fmt: skip
    """Make a copy that browsers play, as the file `target`.

    Raises:
        CancelledError: it was stopped, or the claim is lost.
        ReelseekError: what is wrong with the file or the disk.
    """
    done = [0.0]

    def beat() -> bool:
        return library.play_heartbeat(video.video_id, worker, progress=done[0], lease_s=LEASE_S)

    with Heart(beat, every_s=HEARTBEAT_S) as heart:
        proxy.make(
            _path_of(video, fetch), video.facts, target,
            on_progress=lambda fraction: done.__setitem__(0, fraction),
            cancelled=lambda: heart.is_lost or stop.is_set(),
        )  # fmt: skip
    if not library.finish_play(video.video_id, worker):
        try:
            library.video(video.video_id)
        except NoSuchVideoError:
            target.unlink(missing_ok=True)


def _path_of(video: Video, fetch: Fetch | None) -> Path:
    try:
        return file_of(video)
    except IngestError:
        path = fetch(video) if fetch is not None else None
        if path is None:
            raise
        return path
