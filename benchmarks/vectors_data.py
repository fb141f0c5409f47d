"""Vectors for measurements: frames of drawn videos as points, questions near them and far away.

Neighbouring frames are near each other, shots of one video nearer than videos, all lie in a narrow
cone as CLIP's do, and a question in words lies outside it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
DIMENSIONS = 512
_N_TOPICS = 50


def unit(rows: NDArray[np.floating]) -> Rows:
    """Bring rows to length 1, as float32."""
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def frames(n: int, seed: int = 0) -> Iterator[Rows]:
    """Draw n unit vectors, one video at a time: a common direction, a topic, a film, its shots."""
    rng = np.random.default_rng(seed)
    common = 0.8 * rng.standard_normal(DIMENSIONS)
    topics = 0.7 * rng.standard_normal((_N_TOPICS, DIMENSIONS))
    while n > 0:
        film = common + topics[rng.integers(_N_TOPICS)] + 0.5 * rng.standard_normal(DIMENSIONS)
        n_frames = min(n, int(rng.integers(200, 900)))
        cuts = rng.random(n_frames) < 0.1
        shots = 0.6 * rng.standard_normal((int(cuts.sum()) + 1, DIMENSIONS))
        steps = 0.12 * rng.standard_normal((n_frames, DIMENSIONS)).cumsum(axis=0)
        starts = np.maximum.accumulate(np.where(cuts, np.arange(n_frames), 0))
        yield unit(film + shots[cuts.cumsum()] + steps - steps[starts])
        n -= n_frames


def uniform(n: int, seed: int = 0) -> Iterator[Rows]:
    """Draw n unit vectors in all directions alike: the worst case, as nothing is near anything."""
    rng = np.random.default_rng(seed)
    for start in range(0, n, 500):
        yield unit(rng.standard_normal((min(500, n - start), DIMENSIONS)))


def pictures_like(rows: Rows, rng: np.random.Generator) -> Rows:
    """Draw questions next to rows: another frame of the same shot."""
    return unit(rows + 0.01 * rng.standard_normal(rows.shape))


def words_like(rows: Rows, rng: np.random.Generator) -> Rows:
    """Draw questions at a cosine of about a quarter from rows, as a text's from its picture."""
    return unit(0.25 * rows + 0.97 * unit(rng.standard_normal(rows.shape)))
