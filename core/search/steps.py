"""Where a few curves step down together: the change between inside and outside. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Step:
    """What counts as one; `benchmarks.tuning` chose the figures.

    Attributes:
        explained: the share of the variance that it must explain.
        drop: the share of the best value that it must take away.
    """

    explained: float = 0.6
    drop: float = 0.08


STEP: Final = Step()


def change(curves: NDArray[np.float64], best: NDArray[np.float64], step: Step = STEP) -> int | None:
    """Find the first row that is outside, where rows go from inside to outside.

    The best split in two levels by least squares, over all curves that drop at all; each counts
    from its lowest value to its best, so that curves of different scale weigh the same.

    Args:
        curves: (n_rows, n_curves), innermost row first.
        best: (n_curves,), each curve where it is surely inside.
        step: what counts as one.

    Returns:
        A number from 1 to n_rows - 1; None where nothing drops, or gradually.
    """
    lowest = curves.min(axis=0)
    drops = (best - lowest) > step.drop * np.abs(best)
    if len(curves) < 2 or not drops.any():
        return None
    scaled = ((curves - lowest) / np.where(best > lowest, best - lowest, 1.0))[:, drops]
    level = np.clip(scaled, 0.0, 1.2).mean(axis=1)
    splits = range(1, len(level))
    left = [_spread(level[:at]) + _spread(level[at:]) for at in splits]
    at = int(np.argmin(left)) + 1
    total = _spread(level)
    falls = level[:at].mean() > level[at:].mean()
    if not falls or total <= 0 or 1 - left[at - 1] / total < step.explained:
        return None
    return at


def _spread(values: NDArray[np.float64]) -> float:
    return float(np.square(values - values.mean()).sum())
