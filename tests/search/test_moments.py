"""Hits to moments: what becomes one, and what must stay apart."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Hit, Moment, Span
from core.search.moments import merge


def hit(at: int, similarity: float, video_id: str = "a", step_s: float = 1.0) -> Hit:
    """The clip number `at` of a video, seen at its start."""
    span = Span(at * step_s, (at + 1) * step_s)
    return Hit(video_id, f"{video_id}.mp4", span, span.start_s, similarity)


def spans(moments: list[Moment]) -> list[tuple[float, float]]:
    return [(moment.span.start_s, moment.span.end_s) for moment in moments]


# Every video's clips lie on its grid; some were found, each with a similarity.
found = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.integers(0, 40)),
    st.floats(-1, 1, width=16),
    max_size=60,
).map(lambda clips: [hit(at, value, video) for (video, at), value in clips.items()])


def test_nothing_found_is_no_moment() -> None:
    """No hits, no moments."""
    assert merge([]) == []


def test_a_scene_becomes_one_moment_with_its_own_borders() -> None:
    """Five like seconds among unlike ones are one moment; its best second is kept apart."""
    similar = [0.1, 0.12, 0.81, 0.8, 0.83, 0.79, 0.8, 0.11, 0.1]
    first = merge([hit(at, value) for at, value in enumerate(similar)])[0]
    assert (first.span, first.best_s) == (Span(2, 7), 4)
    assert first.distance == pytest.approx(0.83)
    assert first.score == pytest.approx(0.83)


def test_a_slow_drift_does_not_join_a_whole_film() -> None:
    """Where each second is nearly like the one before, the far end is still another moment."""
    first = merge([hit(at, 0.9 - at * 0.02) for at in range(40)])[0]
    assert first.span.start_s == 0
    assert first.span.end_s < 20


def test_a_second_appearance_is_a_moment_of_its_own() -> None:
    """The same scene twice, with something else between, is two moments."""
    similar = [0.8, 0.8, 0.1, 0.1, 0.1, 0.75, 0.76]
    assert spans(merge([hit(at, value) for at, value in enumerate(similar)]))[:2] == [
        (0, 2),
        (5, 7),
    ]


def test_one_missing_sample_is_bridged_and_two_are_not() -> None:
    """A gap of one sampling step may be a clip beyond the k nearest; more is another scene."""
    assert spans(merge([hit(0, 0.8), hit(2, 0.8)])) == [(0, 3)]
    assert spans(merge([hit(0, 0.8), hit(3, 0.8)])) == [(0, 1), (3, 4)]


def test_videos_never_mix() -> None:
    """The same seconds of two videos are two moments."""
    moments = merge([hit(0, 0.8, "a"), hit(1, 0.7, "b"), hit(1, 0.8, "a")])
    assert {(m.video_id, m.span.start_s, m.span.end_s) for m in moments} == {
        ("a", 0, 2),
        ("b", 1, 2),
    }


@given(found)
def test_every_hit_lies_in_exactly_one_moment(hits: list[Hit]) -> None:
    """Moments cover all hits, and those of one video share no instant."""
    moments = merge(hits)
    for one in hits:
        within = [
            moment
            for moment in moments
            if moment.video_id == one.video_id and moment.span.overlaps(one.span)
        ]
        assert len(within) == 1


@given(found)
def test_moments_come_best_first_and_say_their_best(hits: list[Hit]) -> None:
    """Sorted by similarity; `best_s` is inside, and no hit inside is better."""
    moments = merge(hits)
    assert [m.distance for m in moments] == sorted((m.distance for m in moments), reverse=True)
    for moment in moments:
        inside = [
            one
            for one in hits
            if one.video_id == moment.video_id and moment.span.overlaps(one.span)
        ]
        assert moment.distance == max(one.similarity for one in inside)
        assert moment.span.start_s <= moment.best_s < moment.span.end_s
        assert 0 <= moment.score <= 1


@given(found)
def test_no_member_is_far_below_the_best_of_its_moment(hits: list[Hit]) -> None:
    """Compared with the best hit of the moment, never with a neighbour."""
    spread = max((h.similarity for h in hits), default=0) - min(
        (h.similarity for h in hits), default=0
    )
    for moment in merge(hits):
        for one in hits:
            if one.video_id == moment.video_id and moment.span.overlaps(one.span):
                assert one.similarity >= moment.distance - max(0.3 * spread, 0.005) - 1e-9


@given(found, st.randoms(use_true_random=False))
def test_the_order_of_the_hits_does_not_matter(hits: list[Hit], lot: random.Random) -> None:
    """The database's order of equal hits is its own; the moments are not."""
    shuffled = list(hits)
    lot.shuffle(shuffled)
    assert merge(shuffled) == merge(hits)
