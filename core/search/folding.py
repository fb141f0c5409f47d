"""Folds moments that look the same under the best, and keeps one video from filling the page. Pure.

What is folded or held back is kept and counted: a person may ask for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

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
    if not moments:
        return []
    rows = np.stack([one.row for one in moments])
    is_same = calibration.alike_of((rows @ rows.T).astype(np.float64)) >= NEARLY_THE_SAME
    groups: dict[int, list[int]] = {}
    is_taken = np.zeros(len(moments), bool)
    for at in range(len(moments)):
        if not is_taken[at]:
            others = np.flatnonzero(is_same[at] & ~is_taken)
            groups[at] = [int(other) for other in others if other > at]
            is_taken[[at, *groups[at]]] = True
    return [
        replace(moments[at].moment, similar=tuple(moments[other].moment for other in others))
        if others
        else moments[at].moment
        for at, others in groups.items()
    ]


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
    """Let each moment, and those folded under it, be played with so much more on both sides."""
    return [
        replace(
            one,
            padding_s=by_s,
            video_end_s=duration_s(one.video_id),
            similar=tuple(padded(one.similar, by_s, duration_s)),
        )
        for one in moments
    ]
