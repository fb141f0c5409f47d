"""Which stretch of the video each sampled frame stands for, and which of them say the same.

Stretches lie side by side, and none crosses the beginning of a shot. Pure: reads no file, asks no
model.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.media.frames import Sample
from core.model import Span, VideoFacts

# Frames of one shot whose vectors are nearer than this say the same: measured in docs/indexing.md.
SAME_COSINE = 0.97
# Mean difference, of 255, in the part of two pictures that differs most, below which they are the
# same to the model: measured there, too. A part is about one patch of ViT-B/32, so that nothing
# small is lost in the mean. Compared are averages of squares, in which a camera's grain is lost.
SAME_PIXELS = 1.5
_GRAIN = 4.0  # mean difference of single pixels, of 255, above which there is more than grain
_SPOT = 20.0  # a square that differs by so much is something small, wherever the parts' edges are
_SQUARE_PX = 4  # on each side
_PART = 8  # of these squares, on each side


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One frame, and the stretch that it stands for.

    The stretch ends at a cut or with the video, or else at the next sample: what is seen may then
    be gone at any instant since the one before, and halfway is nearest to all of them. That is
    `seen_until_s`. Shots are counted from 0.
    """

    time_s: float
    frame: NDArray[np.uint8]
    span: Span
    seen_until_s: float
    shot: int


def looks(
    samples: Iterable[Sample], cuts_s: Callable[[], Sequence[float]],
    *, every_s: float, facts: VideoFacts,
) -> Generator[Look, None, None]:  # fmt: skip
    """Give each sample its stretch: from the cut or instant that it begins at, to the next.

    `cuts_s` gives the beginnings of shots known by now, ascending: when a sample comes, all up to
    its time. A shot too short for a sample of its own belongs to no stretch.
    """
    before: Sample | None = None
    start_s, shot = 0.0, 0
    for sample in samples:
        if before is None:
            start_s = sample.time_s
        else:
            inner = _within(cuts_s(), before.time_s, sample.time_s)
            halfway_s = (before.time_s + sample.time_s) / 2
            end_s, until_s = (inner[0], inner[0]) if inner else (sample.time_s, halfway_s)
            yield Look(before.time_s, before.frame, Span(start_s, end_s), until_s, shot)
            start_s = inner[-1] if inner else sample.time_s
            shot += len(inner)
        before = sample
    if before is not None:
        end_s = _end_s(before.time_s, every_s, facts)
        end_s = next(iter(_within(cuts_s(), before.time_s, end_s)), end_s)
        yield Look(before.time_s, before.frame, Span(start_s, end_s), end_s, shot)


def _within(cuts_s: Sequence[float], after_s: float, until_s: float) -> Sequence[float]:
    return cuts_s[bisect_right(cuts_s, after_s) : bisect_right(cuts_s, until_s)]


def _end_s(time_s: float, every_s: float, facts: VideoFacts) -> float:
    """Say where the last sample's stretch ends: with the video, after at least one frame."""
    last_frame_s = time_s + (1 / facts.fps if facts.fps > 0 else every_s)
    return min(time_s + every_s, max(facts.duration_s, last_frame_s))


def without_repeats(found: Iterable[Look]) -> Iterator[Look]:
    """Join the looks of a shot that show the very same picture into the first of them."""
    first: Look | None = None
    for look in found:
        if first is not None and first.shot == look.shot and _is_same(first.frame, look.frame):
            first = _joined(first, look)
            continue
        if first is not None:
            yield first
        first = look
    if first is not None:
        yield first


def _joined(first: Look, other: Look) -> Look:
    span = Span(first.span.start_s, other.span.end_s)
    return replace(first, span=span, seen_until_s=other.seen_until_s)


def _is_same(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    changed = change(one, other)
    return changed is not None and changed < SAME_PIXELS


def change(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float | None:
    """Give the mean change, of 255, in the part of two pictures that changed most, without grain.

    None where something small is another, or at a glance very much.
    """
    a, b = (frame[::_SQUARE_PX, ::_SQUARE_PX] for frame in (one, other))  # most are told by these
    if _most_changed(np.maximum(a, b) - np.minimum(a, b)) >= _GRAIN:
        return None
    changes = np.abs(_squares(one) - _squares(other))
    return _most_changed(changes) if float(changes.max()) < _SPOT else None


def _squares(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Give the averages of a frame's squares; the pixels at the edges fill up the last ones."""
    missing = [(0, -length % _SQUARE_PX) for length in frame.shape[:2]]
    whole = np.pad(frame, [*missing, (0, 0)], mode="edge")
    offsets = range(_SQUARE_PX)
    rows = reduce(np.add, (whole[n::_SQUARE_PX].astype(np.uint16) for n in offsets))
    sums = reduce(np.add, (rows[:, n::_SQUARE_PX] for n in offsets))
    return sums.astype(np.float32) / np.float32(_SQUARE_PX**2)


def _most_changed(change: NDArray[Any]) -> float:
    """Give the mean change, of 255, of the part that changed most.

    Parts are about as large: the mean of a sliver at the edge would be its grain.
    """
    tops, lefts = (_starts(length) for length in change.shape[:2])
    rows = np.add.reduceat(change.sum(axis=2, dtype=np.float32), tops, axis=0)
    sums = np.add.reduceat(rows, lefts, axis=1)
    heights, widths = (
        np.diff(np.append(starts, length))
        for starts, length in zip((tops, lefts), change.shape[:2], strict=True)
    )
    means = sums / np.outer(heights, widths) / change.shape[2]
    return float(np.max(means))


def _starts(length: int) -> NDArray[np.int64]:
    n_parts = max(1, round(length / _PART))
    return np.arange(n_parts) * length // n_parts


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A look and its vectors: float32 (n_views, dimensions), rows of unit length."""

    look: Look
    vectors: NDArray[np.float32]


def folded(seen: Iterable[Seen]) -> Iterator[Seen]:
    """Join the looks of a shot that the model sees as the same into the first of them.

    Each is compared with the first, not with its neighbour, so that a slow change is not followed
    away from what the vector says. Every view must be as near as `SAME_COSINE`.
    """
    first: Seen | None = None
    for one in seen:
        if first is not None and _are_same(first, one):
            first = Seen(_joined(first.look, one.look), first.vectors)
            continue
        if first is not None:
            yield first
        first = one
    if first is not None:
        yield first


def _are_same(one: Seen, other: Seen) -> bool:
    if one.look.shot != other.look.shot:
        return False
    return float(np.min(np.sum(one.vectors * other.vectors, axis=-1))) >= SAME_COSINE
