"""Draws pictures that show nothing in particular, the same ones everywhere: a first background.

A library of a few clips cannot say what is usual for a model; these can, until it has grown. Plain
colours, gradients, stripes, blurred patches and noise: what is left of films when nothing is
recognised in them. Knows no model.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

N_PICTURES: Final = 64
_SIDE_PX: Final = 96
_SEED: Final = 20210226  # any; another one makes other pictures, so the kept ones are of this one

Picture = NDArray[np.uint8]
_Plane = NDArray[np.float64]


def pictures() -> list[Picture]:
    """Draw all, uint8 RGB (side, side, 3); kinds alternate, so that any first few are of all."""
    lot = np.random.default_rng(_SEED)
    kinds = (_plain, _gradient, _noise, _patches, _stripes)
    return [_coloured(lot, kind(lot)) for kind in islice(cycle(kinds), N_PICTURES)]


def _coloured(lot: np.random.Generator, plane: _Plane) -> Picture:
    """Give a plane of 0..1 two colours, of real films' mostly dull ones, and a little grain."""
    ends = lot.uniform(0, 1, (2, 1, 1, 3))
    grey = ends.mean(axis=-1, keepdims=True)
    one, other = grey + (ends - grey) * lot.uniform(0, 1)
    image = one + (other - one) * plane[..., None] + lot.normal(0, 0.01, (*plane.shape, 3))
    return np.asarray(image.clip(0, 1) * 255, np.uint8)


def _plain(_: np.random.Generator) -> _Plane:
    return np.zeros((_SIDE_PX, _SIDE_PX))


def _gradient(lot: np.random.Generator) -> _Plane:
    return _along(lot)


def _stripes(lot: np.random.Generator) -> _Plane:
    waves = np.sin(2 * np.pi * lot.uniform(1, 8) * _along(lot))
    return np.asarray(waves / 2 + 0.5)


def _noise(lot: np.random.Generator) -> _Plane:
    return lot.uniform(0, 1, (_SIDE_PX, _SIDE_PX))


def _patches(lot: np.random.Generator) -> _Plane:
    """Draw a few random values, smoothly joined."""
    n = int(lot.integers(3, 7))
    values = lot.uniform(0, 1, (n, n))
    at = np.linspace(0, n - 1, _SIDE_PX)
    rows = np.stack([np.interp(at, range(n), row) for row in values])
    return np.stack([np.interp(at, range(n), column) for column in rows.T], axis=1)


def _along(lot: np.random.Generator) -> _Plane:
    """Give how far each place lies in some direction, 0..1."""
    angle = lot.uniform(0, 2 * np.pi)
    down, across = np.mgrid[0:_SIDE_PX, 0:_SIDE_PX] / (_SIDE_PX - 1)
    far = np.cos(angle) * across + np.sin(angle) * down
    return np.asarray((far - far.min()) / (far.max() - far.min()))
