"""Chooses the figures of the search, on the tuning part with the first tiny model alone.

`python -m benchmarks.tuning` draws and indexes the tuning library, embeds what the search would
look at once, and then only calculates: of all values of a grid that are nearly as good as the best
on these questions, those in the middle are taken, so that little hangs on any one question. Prints
what it chose beside what is in force; exit status 1 where they differ. It never sees the reported
part nor the second model.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import MODELS, indexed, questions
from benchmarks.tuning_frames import Looking
from core.bootstrap import App
from core.model import Hit
from core.search import level, metrics, references
from core.search.aims import Words
from core.search.calibration import WEIGHTS, Calibration, Rows, Weights, calibrated
from core.search.labels import Answer, Question
from core.search.moments import GROWTH, Found, Growth, merge
from core.search.prompts import without_each_word
from core.search.steps import STEP, Step
from core.search.wrapping import Wrapped
from tests.data.labelled.plan import labels, videos

WEIGHT_GRIDS: Final[dict[str, tuple[float, ...]]] = {
    "worse": (0.5, 1.0, 2.0),
    "better": (0.5, 1.0, 1.5),
    "most_worse": (1.0, 2.0, 3.0),
    "most_better": (2.0, 3.0, 4.0),
}
GROWTH_GRIDS: Final[dict[str, tuple[Any, ...]]] = {
    "lacks": ((0.1, 0.2), (0.2, 0.3), (0.2, 0.4), (0.3, 0.4), (0.3, 0.5), (0.4, 0.5), (0.4, 0.6)),
    "better": (0.0, 0.05, 0.1),
    "alike": (0.5, 0.6, 0.7),
}
STEP_GRIDS: Final[dict[str, tuple[float, ...]]] = {
    "explained": (0.5, 0.6, 0.7),
    "drop": (0.04, 0.08, 0.12, 0.16),
}
FLOORS, SLOPES = np.arange(0.0, 12.0, 0.05), np.arange(0.2, 4.05, 0.05)
# So much less than the best is nearly as good: of the room, which hangs on a few questions, and of
# overlaps, whose mean of all has a standard error of this size.
_OF_ROOM: Final = 0.05
_OF_OVERLAP: Final = 0.01

Chosen = TypeVar("Chosen", Weights, Growth, Step)


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


def room(bench: Bench, weights: Weights) -> float:
    """Say how far what is there lies above what is not, in parts of the distance between medians.

    Between the weakest 2 % of the one and the strongest 5 % of the other, as the bars are.
    """
    present, absent = bench.best(weights)
    gap = np.quantile(present, 0.02) - np.quantile(absent, 0.95)
    return float(gap / (np.median(present) - np.median(absent)))


def overlap_indexed(bench: Bench, growth: Growth) -> float:
    """Give the mean overlap of the first moment of each present question."""
    made = bench.calibration(WEIGHTS)
    overlaps = []
    for one in bench.asked:
        if one.question.answers:
            hits, rows = bench.of_one_video(one)
            measured = Words(made, one.query, one.parts, one.question.query).measure(rows)
            first = merge(Found(hits, measured, rows, made, growth))[0]
            place = metrics.Place(hits[first.best].video_id, first.span)
            overlaps.append(_overlap(place, bench.answers_of(one)))
    return float(np.mean(overlaps))


def _overlap(place: metrics.Place, right: Iterable[metrics.Place]) -> float:
    return max(
        (metrics.overlap(place.span, a.span) for a in right if a.video_id == place.video_id),
        default=0.0,
    )


def curve(bench: Bench, weights: Weights) -> tuple[float, float]:
    """Choose where a strength is a half, and how steep it is.

    A half: of all floors with the fewest mistakes, weighed by how many there are of each side, the
    middle one: as far from what is there as from what is not. The slope is the likeliest one, by
    Platt's scaling, whose targets stay short of 0 and 1 by one question (Platt 1999).
    """
    present, absent = bench.best(weights)
    mistakes = np.array([(present < one).mean() + (absent >= one).mean() for one in FLOORS])
    fewest = np.flatnonzero(mistakes == mistakes.min())
    half = float(FLOORS[fewest[len(fewest) // 2]])
    high, low = (len(present) + 1) / (len(present) + 2), 1 / (len(absent) + 2)
    losses = [
        _loss(slope * (present - half), high) + _loss(slope * (absent - half), low)
        for slope in SLOPES
    ]
    return round(half, 2), round(float(SLOPES[int(np.argmin(losses))]), 2)


def _loss(logits: NDArray[np.float64], target: float) -> float:
    """Give the mean cross-entropy."""
    return float((np.logaddexp(0, logits) - target * logits).mean())


def central(
    begun: Chosen, grids: dict[str, tuple[Any, ...]], measure: Callable[[Chosen], float],
    tolerance: float,
) -> Chosen:  # fmt: skip
    """Try all of the grids, and take what lies in the middle of all that are nearly as good."""
    places = np.array(list(product(*(range(len(values)) for values in grids.values()))))
    tried = [
        replace(begun, **{name: grids[name][at] for name, at in zip(grids, place, strict=True)})
        for place in places
    ]
    found = np.array([measure(one) for one in tried])
    good = np.flatnonzero(found >= found.max() - tolerance)
    apart = np.abs(places[good][:, None] - places[good][None]).sum(axis=(1, 2))
    return tried[good[int(np.argmin(apart))]]


def _told(name: str, chosen: Any, in_force: Any, measured: str) -> bool:
    is_same = chosen == in_force
    print(f"{name}: {chosen} ({measured}); in force {'the same' if is_same else in_force}")
    return is_same


def choose(app: App, asked: list[Question]) -> bool:
    """Choose all, print it, and say whether it is what is in force."""
    bench = prepared(app, asked)
    weights = central(WEIGHTS, WEIGHT_GRIDS, lambda one: room(bench, one), _OF_ROOM)
    same = [_told("weights", asdict(weights), asdict(WEIGHTS), f"room {room(bench, weights):.3f}")]
    half, slope = curve(bench, weights)
    present, absent = bench.best(weights)
    kept, empty = (present >= half).mean(), (absent < half).mean()
    said = f"keeps {kept:.3f}, leaves {empty:.3f} empty"
    same.append(_told("curve", (half, slope), (level.HALF_SURE_AT, level.SLOPE), said))
    growth = central(GROWTH, GROWTH_GRIDS, lambda one: overlap_indexed(bench, one), _OF_OVERLAP)
    said = f"overlap {overlap_indexed(bench, growth):.3f}"
    same.append(_told("growth", asdict(growth), asdict(GROWTH), said))
    looking = Looking(app, [one for one in asked if len(one.answers) == 1])
    step = central(STEP, STEP_GRIDS, looking.overlap, _OF_OVERLAP)
    said = f"overlap {looking.overlap(step):.3f}"
    same.append(_told("step", asdict(step), asdict(STEP), said))
    return all(same)


def main() -> int:
    """Choose and print; give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep what is drawn and indexed here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)) / "tuning"
        folder.mkdir(parents=True, exist_ok=True)
        app = indexed(folder, MODELS["first"], videos("tuning"))
        is_same = choose(app, questions(folder, labels("tuning")))
        app.close()
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
