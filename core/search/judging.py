"""Asks the library for what is near an aim, and judges it: the moments, and how sure each is.

Knows no words and no model; how many moments are shown is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.library.library import Library, Listed
from core.model import Hit, Moment, Span
from core.search.aims import Aim, Without
from core.search.calibration import Calibration, Rows
from core.search.folding import Pictured
from core.search.level import level_of, strength_of
from core.search.moments import Found, Run, merge
from core.search.score import score

# How many hits are fetched: to begin with, where all of these are as sure as was asked for by each
# moment that is wanted (a scene of a minute may have sixty), and at most.
_FIRST_HITS: Final = 128
_HITS_PER_MOMENT: Final = 16
MAX_HITS: Final = 4096


@dataclass(frozen=True, slots=True)
class Scope:
    """Where one search looks: in these videos, at what shares an instant with a stretch of them."""

    video_ids: Sequence[str] | None = None
    span: Span | None = None
    listed: Listed = field(default_factory=Listed, compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Judged(Pictured):
    """A moment, the vector of its best picture, and what it is ranked by among other aims' ones."""

    rank: float


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Judges by one library and its calibration; None while it is too small for one."""

    library: Library
    calibration: Calibration | None

    def moments(
        self, aim: Aim, scope: Scope, *, limit: int, floor: float, words: str = ""
    ) -> tuple[list[Judged], bool]:
        """Give every moment among the nearest, best first; some are weaker than `floor`.

        Each remembers the `words` of its aim. Says also whether a larger limit gives no more.

        More hits are asked for until one is weaker than that: then all that are not came back.
        With a minus that says nothing, as the nearest may be what is taken away.
        """
        k = MAX_HITS if isinstance(aim, Without) else _FIRST_HITS
        least_hits = min(MAX_HITS, limit * _HITS_PER_MOMENT)
        while True:
            found, n_hits = self.found(aim, scope, k)
            judged = [self._judged(found, run, words) for run in merge(found)]
            n_enough = sum(is_as_strong(one.moment, floor) for one in judged)
            is_all = n_hits < k or k >= MAX_HITS or n_enough < len(judged)
            if is_all or (n_enough >= limit and k >= least_hits):
                return judged, is_all
            k = min(MAX_HITS, 4 * k)

    def found(self, aim: Aim, scope: Scope, k: int) -> tuple[Found, int]:
        """Measure the k nearest to each vector of the aim; and how many hits one gave at most."""
        hits: dict[tuple[str, float, float], tuple[Hit, Rows]] = {}
        n_hits = 0
        for vector in aim.vectors:
            some, rows = self.library.nearest_rows(
                vector, k, video_ids=scope.video_ids, span=scope.span, listed=scope.listed
            )
            n_hits = max(n_hits, len(some))
            for hit, row in zip(some, rows, strict=True):
                hits.setdefault((hit.video_id, hit.span.start_s, hit.best_s), (hit, row))
        dimensions = aim.vectors.shape[1]
        rows = np.array([row for _, row in hits.values()], np.float32).reshape(-1, dimensions)
        return (
            Found([hit for hit, _ in hits.values()], aim.measure(rows), rows, self.calibration),
            n_hits,
        )

    def _judged(self, found: Found, run: Run, words: str) -> Judged:
        best, measured = found.hits[run.best], found.measured
        rank = float(measured.similarity[run.best])
        strength = None
        if measured.deviations is not None:
            rank = float(measured.deviations[run.best])
            strength = float(strength_of(np.array(rank)))
        moment = Moment(
            video_id=best.video_id,
            name=best.name,
            span=run.span,
            best_s=best.best_s,
            score=score(best.similarity),
            distance=best.similarity,
            strength=strength,
            level=None if strength is None else level_of(strength),
            contrast=run.contrast,
            words=words,
        )
        assert found.rows is not None  # noqa: S101 - `found` above always gives them
        return Judged(moment, found.rows[run.best], rank)


def is_as_strong(moment: Moment, floor: float) -> bool:
    """Say whether a moment is to be shown at this floor; always, where nothing is known."""
    return moment.strength is None or moment.strength >= floor
