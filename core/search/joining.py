"""Joins the moments of several aims: any of them will do, or one has to follow the other. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.model import Moment, Span
from core.search.judging import Judged


def any_of(several: Sequence[Sequence[Judged]]) -> list[Judged]:
    """Give the moments of all aims, best first; of those that overlap, only the best.

    The moments of a single aim stay as they are, in their own order.
    """
    if len(several) == 1:
        return list(several[0])
    kept: dict[str, list[Judged]] = defaultdict(list)
    for one in _best_first(judged for each in several for judged in each):
        of_video = kept[one.moment.video_id]
        if not any(one.moment.span.overlaps(other.moment.span) for other in of_video):
            of_video.append(one)
    return _best_first(judged for each in kept.values() for judged in each)


def followed(firsts: Sequence[Judged], seconds: Sequence[Judged], within_s: float) -> list[Judged]:
    """Give the pairs in which a second begins at most `within_s` after a first ends, best first.

    A second begins and is best seen after the first. Each first has its soonest second, each second
    its nearest first; a pair is as strong as the weaker of the two.
    """
    of_video: dict[str, list[Judged]] = defaultdict(list)
    for one in seconds:
        of_video[one.moment.video_id].append(one)
    pairs: dict[tuple[str, float], Judged] = {}
    for first in sorted(firsts, key=lambda one: one.moment.span.start_s):
        after = [
            one
            for one in of_video[first.moment.video_id]
            if _follows(first.moment, one.moment, within_s)
        ]
        if after:
            second = min(after, key=lambda one: one.moment.span.start_s)
            # A later first is nearer to the same second, so it takes the place of an earlier one.
            key = (second.moment.video_id, second.moment.span.start_s)
            pairs[key] = _pair(first, second)
    return _best_first(pairs.values())


def _follows(first: Moment, second: Moment, within_s: float) -> bool:
    is_later = second.span.start_s > first.span.start_s and second.best_s > first.best_s
    return is_later and second.span.start_s - first.span.end_s <= within_s


def _pair(first: Judged, second: Judged) -> Judged:
    one, other = first.moment, second.moment
    weaker = min((first, second), key=lambda judged: judged.rank)
    span = Span(one.span.start_s, max(one.span.end_s, other.span.end_s))
    moment = replace(
        one, span=span, strength=weaker.moment.strength, level=weaker.moment.level,
        parts=(one, other),
    )  # fmt: skip
    return replace(first, moment=moment, rank=weaker.rank)


def _best_first(found: Iterable[Judged]) -> list[Judged]:
    return sorted(found, key=lambda one: (-one.rank, one.moment.video_id, one.moment.span.start_s))
