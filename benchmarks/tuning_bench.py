"""All that tuning calculates with: the clips of a library and the questions, each embedded once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bootstrap import App
from core.model import Hit
from core.search import metrics, references
from core.search.aims import Words
from core.search.calibration import Calibration, Rows, Weights, calibrated
from core.search.labels import Answer, Question
from core.search.prompts import without_each_word
from core.search.wrapping import Wrapped


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question, its vectors, and which clips show what it asks for."""

    question: Question
    query: Rows
    parts: Rows
    is_right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """All there is to calculate with: every clip of the library, every question."""

    hits: list[Hit]
    rows: Rows
    asked: list[Asked]
    refer: references.References
    nearest: Rows
    ids: dict[str, str]

    def calibration(self, weights: Weights) -> Calibration:
        """Calibrate as the search does; the sample is the whole library."""
        return calibrated(self.refer, self.rows, self.nearest, len(self.rows), weights)

    def best(self, weights: Weights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the deviations of the right clip of each present one, the best of each absent one.

        What no clip shows, as it fell between two samples, nobody can find; it does not count.
        """
        made = self.calibration(weights)
        present, absent = [], []
        for one in self.asked:
            found = (
                Words(made, one.query, one.parts, one.question.query).measure(self.rows).deviations
            )
            if found is None:
                continue
            if not one.question.answers:
                absent.append(found.max())
            elif one.is_right.any():
                present.append(found[one.is_right].max())
        return np.array(present), np.array(absent)

    def of_one_video(self, one: Asked) -> tuple[list[Hit], Rows]:
        """Give the clips of the video with the nearest one: there the first moment grows."""
        nearest = self.hits[int(np.argmax(self.rows @ one.query))].video_id
        places = [at for at, hit in enumerate(self.hits) if hit.video_id == nearest]
        return [self.hits[at] for at in places], self.rows[places]

    def answers_of(self, one: Asked) -> list[metrics.Place]:
        """Give the right stretches of a question."""
        return [metrics.Place(self.ids[a.video], a.span) for a in one.question.answers]


def prepared(app: App, asked: Iterable[Question], *, wraps: bool = False) -> Bench:
    """Read every clip of the library, and have the model read every question once."""
    encoder = Wrapped(app.encoder) if wraps else app.encoder
    library = app.library.serving()
    anything = np.zeros(app.encoder.info().dimensions, np.float32)
    anything[0] = 1.0
    hits, rows = library.nearest_rows(anything, 4096)
    ids = {video.name.rpartition(".")[0]: video.video_id for video in app.library.videos()}
    refer = references.made_by(encoder)
    _, nearest = library.background().nearest_to_each(refer.impossible)
    return Bench(
        list(hits), rows,
        [_read(encoder, one, hits, ids) for one in asked], refer, nearest, ids,
    )  # fmt: skip


def _read(encoder: Any, one: Question, hits: Iterable[Hit], ids: dict[str, str]) -> Asked:
    texts = [one.query, *without_each_word(one.query)]
    rows = encoder.encode_texts(texts)
    right = [any(_is_in(hit, answer, ids) for answer in one.answers) for hit in hits]
    return Asked(one, rows[0], rows[1:], np.array(right, bool))


def _is_in(hit: Hit, answer: Answer, ids: dict[str, str]) -> bool:
    span = answer.span
    return hit.video_id == ids[answer.video] and span.start_s <= hit.best_s < span.end_s
