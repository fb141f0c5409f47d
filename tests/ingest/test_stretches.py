"""What a sample stands for: stretches side by side, never across a cut, and joined when alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.ingest.stretches import Look, Seen, folded, looks, without_repeats
from core.media.frames import Sample
from core.model import Span, VideoFacts

FACTS = VideoFacts(6.0, 64, 36, 10.0, "h264", None, "mp4", "yuv420p", 0, 1)


def frame(grey: int) -> np.ndarray:
    return np.full((36, 64, 3), grey, np.uint8)


def looked(times_s: Sequence[float], cuts_s: Sequence[float]) -> list[Look]:
    samples = [Sample(time_s, frame(0)) for time_s in times_s]
    return list(looks(samples, lambda: list(cuts_s), every_s=1.0, facts=FACTS))


def stretches(times_s: Sequence[float], cuts_s: Sequence[float]) -> list[tuple[Span, int]]:
    return [(look.span, look.shot) for look in looked(times_s, cuts_s)]


def test_stretches_end_where_shots_do() -> None:
    """A cut between two samples ends the one and begins the other; one at a sample does both."""
    assert stretches([0, 1, 2, 3], [0.4, 2.0]) == [
        (Span(0, 0.4), 0), (Span(0.4, 2), 1), (Span(2, 3), 2), (Span(3, 4), 2),
    ]  # fmt: skip


def test_what_is_seen_lasts_to_the_cut_or_else_halfway_to_the_next_sample() -> None:
    """A cut is known exactly, as is the video's end; a change within a shot is not."""
    found = looked([0, 1, 2, 3, 4, 5], [0.4, 2.0])
    assert [look.seen_until_s for look in found] == [0.4, 2, 2.5, 3.5, 4.5, 6]


def test_a_shot_between_two_samples_has_no_stretch() -> None:
    """Nobody looked at it, so nothing claims to know it."""
    assert [span for span, _ in stretches([0, 1], [0.3, 0.6])] == [Span(0, 0.3), Span(0.6, 2)]


def test_a_cut_after_the_last_sample() -> None:
    """The last stretch ends with its shot."""
    assert stretches([5], [5.5]) == [(Span(5, 5.5), 0)]


@given(
    st.integers(1, 12),
    st.lists(st.floats(0.01, 12), max_size=12, unique=True),
)
def test_stretches_never_overlap_nor_hold_a_cut(n: int, cuts: list[float]) -> None:
    """Whatever the cuts: in order, half-open, each sample in its own, no cut inside any."""
    times_s = [float(at) for at in range(n)]
    found = stretches(times_s, sorted(cuts))
    assert len(found) == n
    for (one, _), (other, _) in pairwise(found):
        assert one.end_s <= other.start_s
    for at, (span, _) in zip(times_s, found, strict=True):
        assert span.start_s <= at < span.end_s
        assert not any(span.start_s < cut < span.end_s for cut in cuts)


def look(at: float, grey: int, *, shot: int = 0) -> Look:
    return Look(at, frame(grey), Span(at, at + 1), at + 0.5, shot)


def test_the_same_picture_costs_the_model_once() -> None:
    """A still shot is one look; across a cut the same picture is seen again."""
    seen = list(without_repeats([look(0, 9), look(1, 9), look(2, 9), look(3, 9, shot=1)]))
    assert [one.span for one in seen] == [Span(0, 3), Span(3, 4)]
    assert [one.seen_until_s for one in seen] == [2.5, 3.5]


def test_something_small_that_appears_is_a_new_picture() -> None:
    """One part in two hundred of the picture changes: its mean hardly does, and it is kept."""
    other = frame(100)
    other[8:12, 30:33] = 200
    small = Look(1, other, Span(1, 2), 1.5, 0)
    assert len(list(without_repeats([look(0, 100), small]))) == 2


@given(st.integers(0, 2**32 - 1), st.sampled_from([(224, 398), (224, 225), (35, 50)]))
def test_grain_alone_is_no_other_picture(lot: int, size: tuple[int, int]) -> None:
    """As a camera's in dim light: each pixel is off by some levels, their averages are not.

    Something that appears in it is seen still.
    """
    numbers = np.random.default_rng(lot)
    grainy = [frame_of(100 + numbers.normal(0, 1.6, (*size, 3))) for _ in range(2)]
    changed = grainy[1].astype(float)
    changed[: size[0] // 3, : size[1] // 3] += 60
    pictures = [*grainy, frame_of(changed)]
    seen = without_repeats(Look(at, one, Span(at, at + 1), at + 0.5, 0)
                           for at, one in enumerate(pictures))  # fmt: skip
    assert [one.span for one in seen] == [Span(0, 2), Span(2, 3)]


def frame_of(values: np.ndarray) -> np.ndarray:
    return values.round().clip(0, 255).astype(np.uint8)


def test_a_slow_change_is_not_followed() -> None:
    """Each vector is near its neighbour and far from the first: the fold ends on the way."""
    angles = np.radians([0, 8, 16, 24])
    rows = [np.array([[np.cos(a), np.sin(a)]], np.float32) for a in angles]
    folds = list(folded(Seen(look(at, at), row) for at, row in enumerate(rows)))
    assert [one.look.span for one in folds] == [Span(0, 2), Span(2, 4)]
    assert [one.look.seen_until_s for one in folds] == [1.5, 3.5]
    assert np.array_equal(folds[1].vectors, rows[2])
