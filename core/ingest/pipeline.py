"""One video from its file to saved clips: frames, vectors, pictures, all at the same time.

ffmpeg decodes, a thread reads and thins its frames, another runs the model, and the caller's makes
pictures and saves: each a bounded number of frames ahead of the next, so memory does not grow with
the video's length. Knows no queue.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import CancelledError, NoPictureError
from core.ingest.ahead import Ahead
from core.ingest.storyboard import Storyboard
from core.ingest.stretches import Look, Seen, folded, looks, without_repeats
from core.library.library import Library, NewClip
from core.media.frames import Sample, Samples, Sampling, read_samples
from core.media.stills import is_dull, jpeg
from core.model import Bottleneck, EncoderInfo, EncoderStatus, Sheet, Video, VideoFacts

SAVED_AT_ONCE = 32  # clips
_FIRST_BATCH = 8  # frames; each batch may have twice as many as the one before
_AHEAD = 64  # frames that a stage may be ahead of the next, or a batch of the model if that is more
PICTURE_MAX_PX = 400  # the long side of a clip's picture
_ALMOST = 0.99  # the whole comes with the last save
_LATELY_S = 5.0  # a batch that is not full is saved after this long


class ImageEncoder(Protocol):
    """What indexing needs of an encoder; see core.encoders.base."""

    @property
    def input_px(self) -> int:
        """Side of the square the model sees."""

    @property
    def batch_size(self) -> int:
        """Frames that it wants at once."""

    def load(self) -> None:
        """Bring the model into memory."""

    def info(self) -> EncoderInfo:
        """Say which model it is."""

    def status(self) -> EncoderStatus:
        """Say where it runs."""

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode frames as rows of shape (n_images, n_views, dimensions)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who indexes which video, in which library."""

    library: Library
    video: Video
    worker: str


@dataclass(frozen=True, slots=True)
class Step:
    """How far a video is: the part that is decoded, 0..1, and what the other stages wait for."""

    progress: float
    bottleneck: Bottleneck | None


def index_video(
    claim: Claim,
    path: Path,
    encoder: ImageEncoder,
    sampling: Sampling,
    *,
    on_step: Callable[[Step], None],
) -> None:
    """Index a video that was claimed, from a clean start.

    Args:
        claim: the video.
        path: its file.
        encoder: the model, loaded.
        sampling: which frames are looked at.
        on_step: told how far it is, several times a second; raises to stop.

    Raises:
        CancelledError: the claim stands no more.
        MediaError, IngestError: the file cannot be indexed, or is gone.
        EncoderError, DatabaseError, DiskFullError: see the rooms.
    """
    video = claim.video
    claim.library.clear_index(video.video_id, worker=claim.worker)
    with read_samples(video.facts, path, sampling, size_px=encoder.input_px) as samples:
        stages = _Stages(samples, encoder, video.facts, sampling.every_s)
        writer = _Writer(claim)
        with stages.looks, stages.seen:
            try:
                for item in stages.seen.until(lambda: on_step(stages.how_far())):
                    writer.add(item)
            finally:
                samples.close()  # ends a thread that waits for ffmpeg
        writer.finish(samples.cuts_s)


class _Stages:
    """The two threads in front of the caller's, and how far they are."""

    def __init__(
        self, samples: Samples, encoder: ImageEncoder, facts: VideoFacts, every_s: float
    ) -> None:
        self._samples, self._encoder, self._facts = samples, encoder, facts
        self._every_s = every_s
        self._read_until_s = 0.0
        self._began = time.perf_counter()
        self._sheets = Storyboard(facts.duration_s, every_s)
        self._full: list[Sheet] = []
        n_ahead = max(_AHEAD, encoder.batch_size)
        self.looks: Ahead[Look | Sheet] = Ahead(self._look(), n_ahead, name="decode")
        self.seen: Ahead[Seen | Sheet] = Ahead(self._see(), _AHEAD, name="encode")

    def how_far(self) -> Step:
        """Say it, from any thread."""
        done = self._read_until_s / max(self._facts.duration_s, self._every_s)
        return Step(min(_ALMOST, done), self._bottleneck())

    def _bottleneck(self) -> Bottleneck:
        """Name the stage whose own work took longest."""
        encoding_s = self.seen.made_s - self.looks.waited_s
        own_s: dict[Bottleneck, float] = {
            "decoding": self.looks.made_s,
            "model": encoding_s,
            "writing": time.perf_counter() - self._began - self.seen.waited_s,
        }
        return max(own_s, key=lambda stage: own_s[stage])

    def _look(self) -> Generator[Look | Sheet, None, None]:
        """Read samples, in the first thread; pictures that repeat cost the model nothing."""
        found = looks(
            self._tiled(), lambda: self._samples.cuts_s, every_s=self._every_s, facts=self._facts
        )
        for look in without_repeats(found):
            yield from self._take_sheets()
            yield look
        self._full += self._sheets.finish()
        yield from self._take_sheets()

    def _tiled(self) -> Iterator[Sample]:
        for sample in self._samples:
            self._full += self._sheets.add(sample.time_s, sample.frame)
            self._read_until_s = sample.time_s
            yield sample

    def _take_sheets(self) -> list[Sheet]:
        sheets, self._full = self._full, []
        return sheets

    def _see(self) -> Generator[Seen | Sheet, None, None]:
        """Encode looks in batches, in the second thread; join those that say the same."""
        sheets: list[Sheet] = []
        for seen in folded(self._encoded(sheets)):
            yield from sheets
            sheets.clear()
            yield seen
        yield from sheets

    def _encoded(self, sheets: list[Sheet]) -> Iterator[Seen]:
        def only_looks() -> Iterator[Look]:
            for item in self.looks:
                if isinstance(item, Sheet):
                    sheets.append(item)
                else:
                    yield item

        # Few at first, or the model would wait for half a minute of video.
        wanted, n_most = only_looks(), min(_FIRST_BATCH, self._encoder.batch_size)
        while batch := list(itertools.islice(wanted, n_most)):
            vectors = self._encoder.encode_images([look.frame for look in batch])
            yield from map(Seen, batch, vectors)
            n_most = min(2 * n_most, self._encoder.batch_size)


class _Writer:
    """Makes pictures of what was seen, and saves it whenever there is enough."""

    def __init__(self, claim: Claim) -> None:
        self._library, self._video, self._worker = claim.library, claim.video, claim.worker
        self._clips: list[NewClip] = []
        self._saved_at = time.monotonic()
        self._first: Look | None = None
        self._has_poster = False

    def add(self, item: Seen | Sheet) -> None:
        """Take one clip or sheet more, in the order of time."""
        if isinstance(item, Sheet):
            self._library.save_sheets(self._video, [item], worker=self._worker)
            return
        look = item.look
        self._first = self._first or look
        if not self._has_poster and not is_dull(look.frame):
            self._save_poster(look)
        if len(self._clips) >= SAVED_AT_ONCE or time.monotonic() > self._saved_at + _LATELY_S:
            self._save()  # before this one comes: `finish` has some to save, and cuts with them
        picture = jpeg(look.frame, max_px=PICTURE_MAX_PX)
        self._clips.append(
            NewClip(look.span, look.time_s, item.vectors, picture, look.seen_until_s, look.shot)
        )

    def finish(self, cuts_s: Sequence[float]) -> None:
        """Save what is left, and the cuts. Raises NoPictureError where there was no frame."""
        if self._first is None:
            raise NoPictureError(
                f"Not one picture of {self._video.name} could be read. Convert the file, or add "
                "another copy of it."
            )
        self._save(cuts_s)
        if not self._has_poster:
            self._save_poster(self._first)

    def _save_poster(self, look: Look) -> None:
        poster = jpeg(look.frame)
        self._library.save_poster(self._video.video_id, poster, worker=self._worker)
        self._has_poster = True

    def _save(self, cuts_s: Sequence[float] = ()) -> None:
        clips, self._clips = self._clips, []
        self._saved_at = time.monotonic()
        if clips and not self._library.save_clips(
            self._video, clips, worker=self._worker, cuts_s=cuts_s
        ):
            raise CancelledError(f"{self._video.name} is not this worker's any more.")
