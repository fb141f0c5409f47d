"""Merges neighbouring hits into moments: what a person would call one thing to watch. Pure.

Grows each moment from its best hit outward while the neighbours are nearly as similar as that best
one. A neighbour is never compared with its own neighbour: that would let a slow drift join a whole
video.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from core.model import Hit, Moment, Span
from core.search.score import score

# A neighbour belongs to the moment while it is worse than the best hit by no more than this part of
# the query's spread, from its best to its worst hit, or by what two frames of one scene may differ.
SPREAD_PART = 0.3
LEAST_MARGIN = 0.005


def merge(hits: Sequence[Hit]) -> list[Moment]:
    """Merge hits into moments, best first.

    Every hit goes into exactly one moment, of its own video, and the outcome does not depend on the
    order of `hits`. Neighbours may lie apart by the length of one of them at most: one sampling
    step.
    """
    if not hits:
        return []
    margin = _margin(hits)
    moments = []
    for of_video in _by_video(hits):
        taken: set[int] = set()
        for best in _best_first(of_video):
            if best not in taken:
                first, last = _grow(of_video, best, margin, taken)
                taken.update(range(first, last + 1))
                moments.append(_moment(of_video[best], of_video[first : last + 1]))
    return sorted(moments, key=lambda m: (-m.distance, m.video_id, m.span.start_s))


def _margin(hits: Iterable[Hit]) -> float:
    similarities = [hit.similarity for hit in hits]
    return max(LEAST_MARGIN, SPREAD_PART * (max(similarities) - min(similarities)))


def _by_video(hits: Iterable[Hit]) -> list[list[Hit]]:
    """Sort the hits of each video by time."""
    videos: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        videos[hit.video_id].append(hit)
    by_time = attrgetter("span.start_s", "span.end_s", "best_s", "similarity")
    return [sorted(of_video, key=by_time) for of_video in videos.values()]


def _best_first(of_video: Sequence[Hit]) -> list[int]:
    """List the places of the hits, the most similar first; of equal ones the earlier."""
    return sorted(range(len(of_video)), key=lambda at: (-of_video[at].similarity, at))


def _grow(of_video: Sequence[Hit], best: int, margin: float, taken: set[int]) -> tuple[int, int]:
    """Give the first and last place of the run around `best` that is nearly as similar."""
    least = of_video[best].similarity - margin

    def belongs(at: int, beside: int) -> bool:
        return (
            0 <= at < len(of_video)
            and at not in taken
            and of_video[at].similarity >= least
            and _are_neighbours(of_video[min(at, beside)], of_video[max(at, beside)])
        )

    first = last = best
    while belongs(first - 1, first):
        first -= 1
    while belongs(last + 1, last):
        last += 1
    return first, last


def _are_neighbours(earlier: Hit, later: Hit) -> bool:
    step_s = max(hit.span.end_s - hit.span.start_s for hit in (earlier, later))
    return later.span.start_s - earlier.span.end_s <= step_s


def _moment(best: Hit, run: Sequence[Hit]) -> Moment:
    span = Span(min(hit.span.start_s for hit in run), max(hit.span.end_s for hit in run))
    return Moment(
        video_id=best.video_id,
        name=best.name,
        span=span,
        best_s=best.best_s,
        score=score(best.similarity),
        distance=best.similarity,
    )
