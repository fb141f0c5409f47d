"""Zooms into the same moments again and again, with each frame embedded once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.bootstrap import App
from core.editing import Resize
from core.media.edits import pictures
from core.search import metrics
from core.search.evaluate import Evaluator
from core.search.labels import Question
from core.search.steps import Step
from core.search.zoom import Encoder, Footage, Zoom


class Embedded(Footage):
    """Frames that are embedded when they are first asked for, and stay."""

    def __init__(self, path: Path, duration_s: float, encoder: Encoder) -> None:
        super().__init__(path, duration_s, encoder)
        self._file, self._model = path, encoder
        self._known: dict[int, NDArray[np.float32]] = {}

    def knows(self, numbers: Sequence[int]) -> bool:
        """Say whether all these frames are embedded."""
        return all(one in self._known for one in numbers)

    def decode(self, first: int, last: int) -> None:
        """Embed these frames, unless they are."""
        missing = [one for one in range(first, last + 1) if one not in self._known]
        if missing:
            size_px = self._model.input_px
            found = pictures(self._file, missing, [Resize(width_px=size_px, height_px=size_px)])
            rows = self._model.encode_images(list(found)).mean(axis=1)
            self._known.update(zip(missing, rows, strict=True))

    def rows(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Give the vectors of frames, (n, dimensions)."""
        for number in numbers:
            self.decode(number, number)
        return np.stack([self._known[number] for number in numbers])


class _EmbeddedZoom(Zoom):
    """Refines by frames that stay."""

    def __init__(self, app: App, footage: dict[str, Embedded], step: Step) -> None:
        super().__init__(app.library, app.encoder, step)
        self._all = footage

    def footage_of(self, video_id: str) -> Footage:
        """Give the frames of a video."""
        return self._all[video_id]


class Looking:
    """The first moment of each question, to be refined by steps of any kind."""

    def __init__(self, app: App, asked: Sequence[Question]) -> None:
        self._app = app
        videos = app.library.videos()
        evaluator = Evaluator(app.searcher, videos)
        self._footage = {
            video.video_id: Embedded(Path(str(video.path)), video.facts.duration_s, app.encoder)
            for video in videos
        }
        self._found = [
            (one.query, moment, one.answers[0].span)
            for one in asked
            for moment in app.searcher.search(one.query).moments[:1]
            if moment.video_id == evaluator.id_of(one.answers[0].video)
        ]

    def overlap(self, step: Step) -> float:
        """Give the mean overlap of those moments with what they should be."""
        zoom = _EmbeddedZoom(self._app, self._footage, step)
        overlaps = [
            metrics.overlap(zoom.refine(text, moment).span, right)
            for text, moment, right in self._found
        ]
        return float(np.mean(overlaps))
