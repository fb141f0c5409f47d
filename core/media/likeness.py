"""How much two very small pictures have in common. Numbers only; knows no time and no files."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # (height, width, 3), 0..255

_NOISE = 2.0  # mean difference, of 255, that is none
# How far coarse pictures are shifted down and across, from none to a third of their size.
_SHIFTS = sorted(product(range(-4, 5), range(-7, 8)), key=lambda yx: abs(yx[0]) + abs(yx[1]))


def difference(one: Picture, other: Picture) -> float:
    """Mean difference of two pictures, 0..255."""
    return float(np.abs(one - other).mean())


def parts_changed(one: Picture, other: Picture) -> float:
    """Say in what share of a picture's 6 × 3 parts something changed: a title changes few."""
    height, width = one.shape[0] // 3, one.shape[1] // 6
    changes = np.abs(one - other)[: 3 * height, : 6 * width].mean(axis=2)
    parts = changes.reshape(3, height, 6, width).mean(axis=(1, 3))
    return float((parts > max(_NOISE, 0.3 * parts.mean())).mean())


def are_unlike(a: Picture, b: Picture, limit: float) -> bool:
    """Say whether two coarse pictures have little in common, however the camera turned.

    Their difference, where the one is shifted so that it fits best, is compared with their
    contrast: 0 for the same picture, about 1 and more for two that have nothing in common.
    """
    spread = (np.abs(a - a.mean((0, 1))).mean() + np.abs(b - b.mean((0, 1))).mean()) / 2
    enough = limit * (spread + _NOISE)
    rows, columns = a.shape[:2]
    return all(
        np.abs(
            a[max(0, y) : rows + min(0, y), max(0, x) : columns + min(0, x)]
            - b[max(0, -y) : rows - max(0, y), max(0, -x) : columns - max(0, x)]
        ).mean()
        >= enough
        for y, x in _SHIFTS
    )


def coarse(picture: Picture) -> Picture:
    """Half the size, by averages: (13, 24, 3) of (27, 48, 3)."""
    n_rows = picture.shape[0] // 2 * 2
    rows = picture[:n_rows:2] + picture[1:n_rows:2]
    return (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)
