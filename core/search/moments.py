"""Merges neighbouring hits into moments: what a person would call one thing to watch. Pure.

Grows each moment from its best hit outward, over neighbours that score nearly as well and whose
pictures look like the best one's: inside a shot. A neighbour is never compared with its own
neighbour: that would let a slow drift join a whole video.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.model import Hit, Span
from core.search.aims import Measured
from core.search.calibration import Calibration, Rows

_LEAST_LACK: Final = 0.005  # two frames of one scene may differ by this cosine
_AROUND: Final = 4  # clips on each side that are called outside
_EPSILON_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Growth:
    """How a moment grows; `benchmarks.tuning` chose the figures.

    Attributes:
        lacks: how much of the best hit's height above the usual a member may lack. Several are
            tried, strict ones first, and the one whose inside differs most from its outside wins.
        better: of the height; a wider moment is taken where its contrast is so near.
        alike: members look at least this much like the best: 1 the same, 0 any two.
    """

    lacks: tuple[float, ...] = (0.3, 0.4)
    better: float = 0.05
    alike: float = 0.6


GROWTH: Final = Growth()


@dataclass(frozen=True, slots=True)
class Run:
    """A moment as it is grown: which hits it is made of, by their places among all hits."""

    best: int
    members: tuple[int, ...]
    span: Span
    contrast: float


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The hits of one aim, and what is known of their pictures.

    Attributes:
        hits: as the library gave them.
        measured: how near each is to the aim, in the order of the hits.
        rows: their vectors, (n_hits, dimensions); None: the pictures cannot be compared.
        calibration: None while the library has no clips.
        growth: how moments grow.
    """

    hits: Sequence[Hit]
    measured: Measured
    rows: Rows | None = None
    calibration: Calibration | None = None
    growth: Growth = GROWTH

    def step_s(self) -> float:
        """Guess how far apart samples are: no two of a video are nearer, though clips may be long.

        0 where there are no hits.
        """
        instants: dict[str, list[float]] = defaultdict(list)
        for hit in self.hits:
            instants[hit.video_id].append(hit.best_s)
        gaps_s = [
            gap
            for of_video in instants.values()
            for gap in np.diff(np.sort(of_video))
            if gap > _EPSILON_S
        ]
        lengths_s = [hit.span.end_s - hit.span.start_s for hit in self.hits]
        return float(min([*gaps_s, max(lengths_s, default=0.0)]))


def merge(found: Found) -> list[Run]:
    """Merge hits into runs, best first.

    Every hit goes into exactly one run, of its own video, and the outcome does not depend on the
    order of the hits. Neighbours lie in one shot, and apart by one sampling step at most. A moment
    begins where its first clip does: with its shot, or where it is first seen, so that a player
    never starts before it. It ends where its last clip is likely to be seen no more.
    """
    step_s = found.step_s()
    runs: list[Run] = []
    for places in _by_video(found):
        runs.extend(_Timeline(found, places, step_s).runs())
    hits, similarity = found.hits, found.measured.similarity
    return sorted(
        runs,
        key=lambda run: (
            -similarity[run.best],
            hits[run.best].video_id,
            hits[run.best].span.start_s,
        ),
    )


def _by_video(found: Found) -> list[list[int]]:
    """List the places of each video's hits in the order of time."""
    videos: dict[str, list[int]] = defaultdict(list)
    for place, hit in enumerate(found.hits):
        videos[hit.video_id].append(place)
    of_time = attrgetter("span.start_s", "span.end_s", "best_s")
    keys = [(*of_time(hit), found.measured.similarity[at]) for at, hit in enumerate(found.hits)]
    return [sorted(places, key=keys.__getitem__) for places in videos.values()]


class _Timeline:
    """The hits of one video in the order of time, and the runs that grow on it."""

    def __init__(self, found: Found, places: list[int], step_s: float) -> None:
        self._found, self._places, self._step_s = found, places, step_s
        self._hits = [found.hits[place] for place in places]
        self._similar = found.measured.similarity[places]
        self._usual = found.measured.usual[places]
        self._taken = np.zeros(len(places), bool)
        self._rows = None if found.rows is None else found.rows[places]
        # Up to each hit, so that the sum of a stretch is one subtraction: runs try many.
        self._summed: list[float] = [0.0, *np.cumsum(self._similar).tolist()]
        self._summed_usual: list[float] = [0.0, *np.cumsum(self._usual).tolist()]

    def runs(self) -> Iterator[Run]:
        """Grow a run from the best hit that is left, until none is."""
        for best in np.lexsort((np.arange(len(self._places)), -self._similar)):
            if not self._taken[best]:
                first, last = self._grow(int(best))
                self._taken[first : last + 1] = True
                members = tuple(self._places[first : last + 1])
                span = Span(self._hits[first].span.start_s, self._hits[last].seen_until_s)
                contrast = self._contrast(first, last)
                yield Run(self._places[int(best)], members, span, contrast)

    def _grow(self, best: int) -> tuple[int, int]:
        """Give the first and last hit of the run whose inside differs most from its outside."""
        height = max(0.0, float(self._similar[best] - self._usual[best]))
        alike = self._alike(best)
        chosen, chosen_contrast = (best, best), -np.inf
        for lack in self._found.growth.lacks:
            least = self._similar[best] - max(_LEAST_LACK, lack * height)
            belongs = (self._similar >= least) & alike & ~self._taken
            extent = self._extent(best, belongs)
            contrast = self._contrast(*extent)
            if contrast >= chosen_contrast - self._found.growth.better * height:
                chosen, chosen_contrast = extent, contrast
        return chosen

    def _alike(self, best: int) -> NDArray[np.bool_]:
        found = self._found
        if found.calibration is None or self._rows is None:
            return np.ones(len(self._places), bool)
        alike = found.calibration.alike(self._rows[best], self._rows) >= found.growth.alike
        alike[best] = True
        return alike

    def _extent(self, best: int, belongs: NDArray[np.bool_]) -> tuple[int, int]:
        first = last = best
        while first > 0 and belongs[first - 1] and self._are_neighbours(first - 1):
            first -= 1
        while last + 1 < len(self._places) and belongs[last + 1] and self._are_neighbours(last):
            last += 1
        return first, last

    def _are_neighbours(self, earlier: int) -> bool:
        one, other = self._hits[earlier], self._hits[earlier + 1]
        if one.shot != other.shot and None not in (one.shot, other.shot):
            return False
        step_s = max(hit.span.end_s - hit.span.start_s for hit in (one, other))
        return other.span.start_s - one.span.end_s <= min(step_s, self._step_s) + _EPSILON_S

    def _contrast(self, first: int, last: int) -> float:
        """Give the mean cosine inside less that of the clips just outside."""
        summed, end = self._summed, last + 1
        outer_first, outer_end = max(0, first - _AROUND), min(len(self._places), end + _AROUND)
        n_inside, n_outside = end - first, (first - outer_first) + (outer_end - end)
        within = summed[end] - summed[first]
        inside = within / n_inside
        if not n_outside:
            usual = (self._summed_usual[end] - self._summed_usual[first]) / n_inside
            return inside - min(inside, usual)
        return inside - (summed[outer_end] - summed[outer_first] - within) / n_outside
