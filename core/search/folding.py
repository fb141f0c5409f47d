"""Folds moments that look the same under the best, and keeps one video from filling the page. Pure.

What is folded or held back is kept and counted: a person may ask for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.model import Moment
from core.search.calibration import Calibration, Rows

NEARLY_THE_SAME: Final = 0.9  # likeness: 1 the same, 0 as two pictures of the library by lot


@dataclass(frozen=True, slots=True, eq=False)
class Pictured:
    """A moment and the vector of its best picture."""

    moment: Moment
    row: Rows


def fold(moments: Sequence[Pictured], calibration: Calibration) -> list[Moment]:
    """Put each moment under the best earlier one of which it is a near-duplicate, best first.

    Compared with the best of a group alone, so that likeness does not creep from one to the next.
    """
    heads: list[Pictured] = []
    members: list[list[Moment]] = []
    for one in moments:
        at = _same_as(one, heads, calibration)
        if at is None:
            heads.append(one)
            members.append([])
        else:
            members[at].append(one.moment)
    return [
        replace(head.moment, similar=tuple(similar)) if similar else head.moment
        for head, similar in zip(heads, members, strict=True)
    ]


def _same_as(one: Pictured, heads: Sequence[Pictured], calibration: Calibration) -> int | None:
    same = [
        at
        for at, head in enumerate(heads)
        if calibration.alike(head.row, one.row[None])[0] >= NEARLY_THE_SAME
    ]
    return same[0] if same else None


def at_most(per_video: int, moments: Iterable[Moment]) -> tuple[list[Moment], int]:
    """Keep the first so many of each video; gives them and how many were held back."""
    seen: Counter[str] = Counter()
    kept: list[Moment] = []
    n_held_back = 0
    for moment in moments:
        seen[moment.video_id] += 1
        if seen[moment.video_id] <= per_video:
            kept.append(moment)
        else:
            n_held_back += 1
    return kept, n_held_back


def padded(
    moments: Iterable[Moment], by_s: float, duration_s: Callable[[str], float]
) -> list[Moment]:
    """Widen each moment by this much on both sides, within its video."""
    return [
        replace(
            one,
            span=replace(
                one.span,
                start_s=max(0.0, one.span.start_s - by_s),
                end_s=max(one.span.end_s, min(one.span.end_s + by_s, duration_s(one.video_id))),
            ),
        )
        for one in moments
    ]
