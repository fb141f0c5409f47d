"""Hits to moments: what becomes one, and what must stay apart."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Hit, Span
from core.search.aims import Measured
from core.search.calibration import Calibration, Rows
from core.search.moments import GROWTH, Found, Run, merge


def hit(at: float, similarity: float, video_id: str = "a", lasts_s: float = 1.0) -> Hit:
    """The clip of a video that was seen at this second, at its start."""
    span = Span(at, at + lasts_s)
    return Hit(video_id, f"{video_id}.mp4", span, at, similarity, seen_until_s=at + lasts_s - 0.5)


def found_of(
    hits: Sequence[Hit], rows: Rows | None = None, calibration: Calibration | None = None
) -> Found:
    """Hits as a query measures them that knows their similarity alone."""
    similarity = np.array([one.similarity for one in hits], np.float64)
    usual = np.full(len(hits), similarity.min(initial=1.0))
    return Found(hits, Measured(similarity, usual, None), rows, calibration)


def runs(similarities: Sequence[float]) -> list[Run]:
    """The moments of a video whose clips, a second each, are that similar."""
    return merge(found_of([hit(at, value) for at, value in enumerate(similarities)]))


def spans(found: list[Run]) -> list[tuple[float, float]]:
    return [(run.span.start_s, run.span.end_s) for run in found]


# Every video's clips lie on its grid; some were found, each with a similarity.
found = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.integers(0, 40)),
    st.floats(-1, 1, width=16),
    max_size=60,
).map(lambda clips: [hit(at, value, video) for (video, at), value in clips.items()])


def test_nothing_found_is_no_moment() -> None:
    """No hits, no moments."""
    assert merge(found_of([])) == []


def test_a_scene_becomes_one_moment_from_where_it_is_first_seen() -> None:
    """Five like seconds among unlike ones: it is seen at 2 s, and gone between 6 s and 7 s."""
    first = runs([0.1, 0.12, 0.81, 0.8, 0.83, 0.79, 0.8, 0.11, 0.1])[0]
    assert first.span == Span(2, 6.5)
    assert (first.best, first.members) == (4, (2, 3, 4, 5, 6))
    assert first.contrast == pytest.approx(0.806 - 0.1075)


def test_a_moment_that_fills_its_shot_has_the_shots_edges() -> None:
    """The cuts at 1.6 s and 3.8 s are known, so the edges are there and not halfway."""
    before = Hit("a", "a.mp4", Span(1.0, 1.6), 1.0, 0.1, seen_until_s=1.6, shot=0)
    one = Hit("a", "a.mp4", Span(1.6, 3.0), 2.0, 0.8, seen_until_s=2.5, shot=1)
    other = Hit("a", "a.mp4", Span(3.0, 3.8), 3.0, 0.8, seen_until_s=3.8, shot=1)
    after = Hit("a", "a.mp4", Span(3.8, 5.0), 4.0, 0.1, seen_until_s=5.0, shot=2)
    assert spans(merge(found_of([before, one, other, after])))[0] == (1.6, 3.8)


def test_no_moment_crosses_a_cut() -> None:
    """Both sides answer equally well; it is the cut that parts them, where one is known."""
    hits = [replace(hit(at, 0.8), shot=at // 2) for at in range(4)]
    assert spans(merge(found_of(hits))) == [(0, 1.5), (2, 3.5)]
    assert spans(merge(found_of([hit(at, 0.8) for at in range(4)]))) == [(0, 3.5)]


def test_folded_clips_of_any_length_make_one_moment() -> None:
    """Nine seconds that looked the same are one clip; the samples around are a second off."""
    hits = [hit(0, 0.1), hit(1, 0.1), hit(2, 0.8, lasts_s=9), hit(11, 0.82), hit(12, 0.1)]
    assert spans(merge(found_of(hits)))[0] == (2, 11.5)


def test_a_slow_drift_does_not_join_a_whole_film() -> None:
    """Where each second is nearly like the one before, the far end is still another moment."""
    first = runs([0.9 - at * 0.02 for at in range(40)])[0]
    assert first.span.start_s == 0
    assert first.span.end_s < 20


def test_a_second_appearance_is_a_moment_of_its_own() -> None:
    """The same scene twice, with something else between, is two moments."""
    assert spans(runs([0.8, 0.8, 0.1, 0.1, 0.1, 0.75, 0.76]))[:2] == [(0, 1.5), (5, 6.5)]


def test_one_missing_sample_is_bridged_and_two_are_not() -> None:
    """A gap of one sampling step may be a clip beyond the k nearest; more is another scene."""
    assert spans(merge(found_of([hit(0, 0.8), hit(2, 0.8)]))) == [(0, 2.5)]
    assert spans(merge(found_of([hit(0, 0.8), hit(3, 0.8)]))) == [(0, 0.5), (3, 3.5)]


def test_videos_never_mix() -> None:
    """The same seconds of two videos are two moments."""
    hits = [hit(0, 0.8, "a"), hit(1, 0.7, "b"), hit(1, 0.8, "a")]
    merged = merge(found_of(hits))
    assert {(hits[run.best].video_id, run.span.start_s, run.span.end_s) for run in merged} == {
        ("a", 0, 1.5),
        ("b", 1, 1.5),
    }


def test_a_shot_that_looks_otherwise_is_a_moment_of_its_own() -> None:
    """Two shots answer equally well and lie side by side; their pictures tell them apart."""
    one, other = np.eye(8, dtype=np.float32)[:2]
    rows = np.stack([one, one, one, other, other])
    hits = [hit(at, 0.8) for at in range(5)]
    assert spans(merge(found_of(hits, rows, calibration()))) == [(0, 2.5), (3, 4.5)]
    assert spans(merge(found_of(hits))) == [(0, 4.5)]


def calibration() -> Calibration:
    """One for which any two pictures are unlike, and nothing is usual."""
    nothing: Rows = np.zeros((1, 8), np.float32)
    return Calibration(nothing, nothing, nothing, 0.1, 0.0, 0.0, 1.0, 99)


@given(found)
def test_every_hit_lies_in_exactly_one_moment(hits: list[Hit]) -> None:
    """Each is a member once, and moments of one video share no instant."""
    merged = merge(found_of(hits))
    assert sorted(at for run in merged for at in run.members) == list(range(len(hits)))
    for run in merged:
        for other in merged:
            if run is not other and hits[run.best].video_id == hits[other.best].video_id:
                assert not run.span.overlaps(other.span)


@given(found)
def test_moments_come_best_first_and_say_their_best(hits: list[Hit]) -> None:
    """Sorted by similarity; the best is a member, none is better, and its picture is inside."""
    merged = merge(found_of(hits))
    best = [hits[run.best].similarity for run in merged]
    assert best == sorted(best, reverse=True)
    for run in merged:
        assert hits[run.best].similarity == max(hits[at].similarity for at in run.members)
        assert run.span.start_s <= hits[run.best].best_s < run.span.end_s


@given(found)
def test_no_member_is_far_below_the_best_of_its_moment(hits: list[Hit]) -> None:
    """Compared with the best hit of the moment, never with a neighbour."""
    least = min((one.similarity for one in hits), default=0)
    for run in merge(found_of(hits)):
        best = hits[run.best].similarity
        allowed = max(max(GROWTH.lacks) * (best - least), 0.005) + 1e-9
        assert all(hits[at].similarity >= best - allowed for at in run.members)


@given(found, st.randoms(use_true_random=False))
def test_the_order_of_the_hits_does_not_matter(hits: list[Hit], lot: random.Random) -> None:
    """The database's order of equal hits is its own; the moments are not."""
    shuffled = list(hits)
    lot.shuffle(shuffled)

    def said(of: list[Hit]) -> list[tuple[Hit, Span, frozenset[Hit]]]:
        return [
            (of[run.best], run.span, frozenset(of[at] for at in run.members))
            for run in merge(found_of(of))
        ]

    assert said(shuffled) == said(hits)
