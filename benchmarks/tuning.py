"""Chooses the figures of the search, on the tuning part with the first tiny model alone.

`python -m benchmarks.tuning` draws and indexes the tuning library, embeds what the search would
look at once, and then only calculates: of all values of a grid that are nearly as good as the best
on these questions, those in the middle are taken, so that little hangs on any one question. Tells
what it chose, with what is in force as the goal (`--json`: a list of {name, value, goal, ok}); exit
status 1 where they differ. It never sees the reported part nor the second model.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import MODELS, indexed, questions, some_of
from benchmarks.report import Report
from benchmarks.tuning_bench import Bench, prepared
from benchmarks.tuning_frames import Looking
from core.bootstrap import App
from core.search import level, metrics
from core.search.aims import Words
from core.search.calibration import WEIGHTS, Weights
from core.search.labels import Question
from core.search.moments import GROWTH, Found, Growth, merge
from core.search.steps import STEP, Step
from tests.data.labelled.plan import labels

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


def _tell(out: Report, name: str, chosen: dict[str, Any], in_force: dict[str, Any]) -> None:
    """Tell each figure that was chosen, beside the one in force."""
    for field, value in chosen.items():
        pairs = zip(np.atleast_1d(value), np.atleast_1d(in_force[field]), strict=True)
        for at, (one, other) in enumerate(pairs):
            which = f", its {('first', 'second')[at]}" if np.ndim(value) else ""
            out.add_same(f"{name}: {field}{which}", float(one), float(other))


def choose(out: Report, app: App, asked: list[Question]) -> None:
    """Choose all, and tell it beside what is in force."""
    bench = prepared(app, asked)
    weights = central(WEIGHTS, WEIGHT_GRIDS, lambda one: room(bench, one), _OF_ROOM)
    _tell(out, "weights", asdict(weights), asdict(WEIGHTS))
    out.add("weights: room", room(bench, weights))
    half, slope = curve(bench, weights)
    in_force = {"half sure at": level.HALF_SURE_AT, "slope": level.SLOPE}
    _tell(out, "curve", {"half sure at": half, "slope": slope}, in_force)
    present, absent = bench.best(weights)
    out.add("curve: keeps", float((present >= half).mean()))
    out.add("curve: leaves empty", float((absent < half).mean()))
    growth = central(GROWTH, GROWTH_GRIDS, lambda one: overlap_indexed(bench, one), _OF_OVERLAP)
    _tell(out, "growth", asdict(growth), asdict(GROWTH))
    out.add("growth: overlap", overlap_indexed(bench, growth))
    looking = Looking(app, [one for one in asked if len(one.answers) == 1])
    step = central(STEP, STEP_GRIDS, looking.overlap, _OF_OVERLAP)
    _tell(out, "step", asdict(step), asdict(STEP))
    out.add("step: overlap", looking.overlap(step))


def main() -> int:
    """Choose and print; give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--videos", type=int, help="the shortest alone, for a quick look")
    parser.add_argument("--folder", type=Path, help="keep what is drawn and indexed here")
    given = parser.parse_args()
    out = Report(as_json=given.json)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)) / "tuning"
        folder.mkdir(parents=True, exist_ok=True)
        shown = some_of("tuning", given.videos)
        app = indexed(folder, MODELS["first"], shown)
        choose(out, app, questions(folder, labels("tuning", [one.name for one in shown])))
        app.close()
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
