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

HALF_SURE_AT: Final = 3.8
SLOPE: Final = 2.85  # per deviation
STRONG: Final = 0.85
# Two pictures this alike (1 the same, 0 two by lot) are half surely, and surely, of one thing.
HALF_SURE_ALIKE: Final = 0.7
_SURELY_ALIKE: Final = 0.92
_SURE_DEVIATIONS: Final = float(np.log(STRONG / (1 - STRONG))) / SLOPE  # above half sure
ALIKE_PER_DEVIATION: Final = (_SURELY_ALIKE - HALF_SURE_ALIKE) / _SURE_DEVIATIONS


def deviations_of(alike: Figures) -> Figures:
    """Say which deviations of words a likeness of pictures is as sure as."""
    return np.asarray(HALF_SURE_AT + (alike - HALF_SURE_ALIKE) / ALIKE_PER_DEVIATION)


def strength_of(deviations: Figures) -> Figures:
    """Turn evidence, in deviations from the impossible, into a strength of 0..1."""
    logits = np.clip(SLOPE * (deviations - HALF_SURE_AT), -60.0, 60.0)  # no exp overflows
    return np.asarray(1 / (1 + np.exp(-logits)))


def level_of(strength: float) -> Level:
    """Say a strength in a word."""
    if strength >= STRONG:
        return "strong"
    return "possible" if strength >= FLOOR else "weak"
