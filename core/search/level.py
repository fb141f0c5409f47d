"""Strength in words: strong, possible or weak, and where "nothing here" begins; pure.

The figures count in standard deviations of what impossible queries reach in the same library with
the same model, so that they may hold for others. `benchmarks.tuning` chose the curve: on the tuning
part of the labelled set (tests/data/labelled), with the first tiny model alone.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.model import Level
from core.query import FLOOR

Figures: TypeAlias = NDArray[np.float64]

HALF_SURE_AT: Final = 3.65
SLOPE: Final = 2.95  # per deviation
# Two pictures this alike (1 the same, 0 two by lot) are half surely of one thing.
_HALF_SURE_ALIKE: Final = 0.7
ALIKE_PER_DEVIATION: Final = _HALF_SURE_ALIKE / HALF_SURE_AT
STRONG: Final = 0.85


def strength_of(deviations: Figures) -> Figures:
    """Turn evidence, in deviations from the impossible, into a strength of 0..1."""
    return np.asarray(1 / (1 + np.exp(-SLOPE * (deviations - HALF_SURE_AT))))


def level_of(strength: float) -> Level:
    """Say a strength in a word."""
    if strength >= STRONG:
        return "strong"
    return "possible" if strength >= FLOOR else "weak"
