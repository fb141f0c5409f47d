"""What a list of moments is worth against the right answers; pure.

The measures of moment retrieval: recall at a rank, also at an overlap; mean overlap of the first;
mean average precision as QVHighlights' own evaluation counts it (Lei et al. 2021; compute_mr_ap of
jayleicn/moment_detr, standalone_eval). And how honest the empty state is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.model import Span

PRESENT: Final = (
    "recall_at_1", "recall_at_5", "recall_at_10", "map", "recall_at_1_iou_50",
    "recall_at_1_iou_70", "miou", "present_kept_rate",
)  # fmt: skip
ABSENT: Final = ("absent_empty_rate",)
# QVHighlights' mean average precision is the mean over these overlaps, of so many first moments.
_OVERLAPS: Final = tuple(round(0.5 + 0.05 * n, 2) for n in range(10))
_DEPTH: Final = 10
_N_RESAMPLED: Final = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a video; of one that was found, `best_s` is the instant of its picture."""

    video_id: str
    span: Span
    best_s: float | None = None


def overlap(one: Span, other: Span) -> float:
    """Give the intersection over the union of two stretches, 0..1."""
    shared_s = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    joined_s = max(one.end_s, other.end_s) - min(one.start_s, other.start_s)
    return max(0.0, shared_s) / joined_s if joined_s > 0 else 0.0


def shows(found: Place, right: Place) -> bool:
    """Say whether what was found is what was asked for.

    Its picture lies inside the answer; or, where it was taken as the thing came into the picture,
    the two share at least half of their time.
    """
    if found.video_id != right.video_id:
        return False
    is_inside = found.best_s is not None and right.span.start_s <= found.best_s < right.span.end_s
    return is_inside or overlap(found.span, right.span) >= 0.5


def of_question(found: Sequence[Place], right: Sequence[Place]) -> dict[str, float]:
    """Measure the answers to one question that has right ones, best first."""
    ranks = [at for at, one in enumerate(found) if any(shows(one, answer) for answer in right)]
    first = max((_overlap(found[0], answer) for answer in right), default=0.0) if found else 0.0
    return {
        **{f"recall_at_{k}": float(bool(ranks) and ranks[0] < k) for k in (1, 5, 10)},
        "map": float(np.mean([average_precision(found, right, least) for least in _OVERLAPS])),
        "recall_at_1_iou_50": float(first >= 0.5),
        "recall_at_1_iou_70": float(first >= 0.7),
        "miou": first,
    }


def _overlap(found: Place, right: Place) -> float:
    return overlap(found.span, right.span) if found.video_id == right.video_id else 0.0


def average_precision(found: Sequence[Place], right: Sequence[Place], least: float) -> float:
    """Give the mean of the interpolated precision at each right answer; unfound ones count 0.

    Of the first ten, each answers for the one right answer still unanswered that it overlaps most,
    by `least` or more. Interpolated: where precision rises again further down, that counts.
    """
    left = list(right)
    precisions: list[float] = []
    for rank, one in enumerate(found[:_DEPTH], start=1):
        # Of two that are overlapped alike, theirs takes the later.
        best = max(reversed(left), key=lambda answer: _overlap(one, answer), default=None)
        if best is not None and _overlap(one, best) >= least:
            left.remove(best)
            precisions.append((len(precisions) + 1) / rank)
    return sum(max(precisions[at:]) for at in range(len(precisions))) / len(right)


def means(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> dict[str, float]:
    """Average each measure over the questions that have it."""
    return {name: float(np.mean([row[name] for row in rows])) for name in names if rows}


def intervals(
    rows: Sequence[Mapping[str, float]], names: Sequence[str], *, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Give for each measure the stretch that holds its mean with 95 %, by the bootstrap.

    Questions are drawn anew with replacement, a thousand times (Efron 1979, percentile form).
    """
    if not rows:
        return {}
    table = np.array([[row[name] for name in names] for row in rows])
    drawn = np.random.default_rng(seed).integers(len(rows), size=(_N_RESAMPLED, len(rows)))
    resampled: NDArray[np.float64] = table[drawn].mean(axis=1)
    low, high = np.quantile(resampled, (0.025, 0.975), axis=0)
    return {name: (float(low[at]), float(high[at])) for at, name in enumerate(names)}
