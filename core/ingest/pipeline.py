"""One video from its file to saved clips: frames, vectors, pictures, in batches.

Each frame is decoded once, and its array serves the model and the pictures. Memory does not grow
with the video's length. Knows no queue: whoever runs this says when to stop, by not going on.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import CancelledError, IngestError, NoPictureError
from core.library.library import Library, NewClip
from core.media.frames import Frame, frames
from core.media.stills import is_dull, jpeg
from core.model import EncoderInfo, Span, Video, VideoFacts

BATCH = 32  # frames; more gains nothing on a CPU, and the arrays of a batch stay in memory
PICTURE_MAX_PX = 400  # the long side of a clip's picture
_ALMOST = 0.99  # the whole comes with the last save


class ImageEncoder(Protocol):
    """What indexing needs of an encoder; see core.encoders.base."""

    @property
    def input_px(self) -> int:
        """Side of the square the model sees."""

    def load(self) -> None:
        """Bring the model into memory."""

    def info(self) -> EncoderInfo:
        """Say which model it is."""

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode frames as rows of shape (n_images, n_views, dimensions)."""


def index_video(
    video: Video, library: Library, encoder: ImageEncoder, *, worker: str, every_s: float
) -> Generator[float, None, None]:
    """Index a video that `worker` has claimed, from a clean start.

    Yields:
        How far it is, 0..1, after each frame. Close the iterator to stop.

    Raises:
        CancelledError: the claim stands no more.
        MediaError, IngestError: the file cannot be indexed, or is gone.
        EncoderError, DatabaseError, DiskFullError: see the rooms.
    """
    path = file_of(video)
    library.clear_index(video.video_id)
    batch = _Batch(video, library, encoder, worker=worker, every_s=every_s)
    found = frames(path, video.facts, every_s=every_s, short_side_px=encoder.input_px)
    with closing(found) as stream:
        for frame in stream:
            batch.add(frame)
            yield min(_ALMOST, frame.time_s / max(video.facts.duration_s, every_s))
    batch.finish()


def file_of(video: Video) -> Path:
    """Give the file of a video.

    Raises:
        IngestError: it is not where it was.
    """
    if video.path is None or not Path(video.path).is_file():
        raise IngestError(
            f"The file of {video.name} is no longer at {video.path or 'a place on this machine'}. "
            "Put it back and try again, or add it from where it is now."
        )
    return Path(video.path)


class _Batch:
    """Collects frames, and saves them whenever there are enough."""

    def __init__(
        self, video: Video, library: Library, encoder: ImageEncoder, *, worker: str, every_s: float
    ) -> None:
        self._video, self._library, self._encoder = video, library, encoder
        self._worker, self._every_s = worker, every_s
        self._frames: list[Frame] = []
        self._first: Frame | None = None
        self._has_poster = False

    def add(self, frame: Frame) -> None:
        """Take one frame more, in the order of time."""
        self._first = self._first or frame
        if not self._has_poster and not is_dull(frame.rgb):
            self._save_poster(frame)
        self._frames.append(frame)
        if len(self._frames) == BATCH:
            self._save()

    def finish(self) -> None:
        """Save what is left. Raises NoPictureError where there was no frame at all."""
        if self._first is None:
            raise NoPictureError(
                f"Not one picture of {self._video.name} could be read. Convert the file, or add "
                "another copy of it."
            )
        self._save()
        if not self._has_poster:
            self._save_poster(self._first)

    def _save_poster(self, frame: Frame) -> None:
        self._library.save_poster(self._video.video_id, jpeg(frame.rgb))
        self._has_poster = True

    def _save(self) -> None:
        if not self._frames:
            return
        vectors = self._encoder.encode_images([frame.rgb for frame in self._frames])
        clips = [
            NewClip(
                span=clip_span(frame.time_s, self._every_s, self._video.facts),
                best_s=frame.time_s,
                vectors=rows,
                jpeg=jpeg(frame.rgb, max_px=PICTURE_MAX_PX),
            )
            for frame, rows in zip(self._frames, vectors, strict=True)
        ]
        self._frames = []
        if not self._library.save_clips(self._video, clips, worker=self._worker):
            raise CancelledError(f"{self._video.name} is not this worker's any more.")


def clip_span(time_s: float, every_s: float, facts: VideoFacts) -> Span:
    """Give the stretch that a frame stands for: until the next sample, or the video's end."""
    last_frame_s = time_s + (1 / facts.fps if facts.fps > 0 else every_s)
    return Span(time_s, min(time_s + every_s, max(facts.duration_s, last_frame_s)))
