"""What goes under what, what is held back, and what is played around it: nothing gets lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Moment, Span
from core.search.calibration import Calibration, Rows
from core.search.folding import NEARLY_THE_SAME, Pictured, at_most, fold, padded

NOTHING = np.zeros((1, 2), np.float32)
# Of two pictures by lot the cosine is 0 here, so likeness is the cosine itself.
CALIBRATION = Calibration(
    NOTHING, NOTHING, NOTHING, unit=1, likeness=0, null_mean=0, null_deviation=1, n_clips=1
)


def moment(at: int, video: str = "a") -> Moment:
    return Moment(video, f"{video}.mp4", Span(at, at + 1), at, 0.5, 0.5)


def turned(degrees: float) -> Rows:
    """A picture so far from the one at 0."""
    at = np.deg2rad(degrees)
    return np.array([np.cos(at), np.sin(at)], np.float32)


def pictured(degrees: list[int]) -> list[Pictured]:
    return [Pictured(moment(at), turned(one)) for at, one in enumerate(degrees)]


def test_likeness_does_not_creep_from_one_to_the_next() -> None:
    """20 degrees are nearly the same, 40 are not: the third is like the second, not the first."""
    assert np.cos(np.deg2rad(20)) > NEARLY_THE_SAME > np.cos(np.deg2rad(40))
    found = fold(pictured([0, 20, 40, 60]), CALIBRATION)
    starts = [[one.span.start_s for one in (best, *best.similar)] for best in found]
    assert starts == [[0, 1], [2, 3]]
    assert fold([], CALIBRATION) == []


@given(st.lists(st.integers(0, 180), max_size=20))
def test_folding_loses_none_and_keeps_the_best_first(degrees: list[int]) -> None:
    """Each is shown once, alone or under a better one; groups and their members keep the order."""
    moments = pictured(degrees)
    found = fold(moments, CALIBRATION)
    everything = [one for best in found for one in (best, *best.similar)]
    assert sorted(one.best_s for one in everything) == list(range(len(degrees)))
    assert [one.best_s for one in found] == sorted(one.best_s for one in found)
    for best in found:
        members = [int(one.best_s) for one in (best, *best.similar)]
        assert members == sorted(members)
        alike = [float(turned(degrees[members[0]]) @ turned(degrees[one])) for one in members]
        assert min(alike) >= NEARLY_THE_SAME - 1e-6
    firsts = [turned(degrees[int(best.best_s)]) for best in found]
    for at, one in enumerate(firsts):
        assert all(float(one @ other) < NEARLY_THE_SAME for other in firsts[:at])


@given(st.lists(st.sampled_from("abc"), max_size=20), st.integers(1, 4))
def test_the_first_of_each_video_are_kept_and_the_others_counted(
    videos: list[str], per_video: int
) -> None:
    """In their order; those kept and those held back are all there were."""
    moments = [moment(at, video) for at, video in enumerate(videos)]
    kept, n_held_back = at_most(per_video, moments)
    assert len(kept) + n_held_back == len(moments)
    assert [one for one in moments if one in kept] == kept
    of_video = Counter(videos)
    assert Counter(one.video_id for one in kept) == {
        video: min(n, per_video) for video, n in of_video.items()
    }
    for video in of_video:
        own = [one for one in moments if one.video_id == video]
        assert [one for one in kept if one.video_id == video] == own[:per_video]


@given(st.floats(0, 20), st.integers(0, 9), st.floats(0.5, 30))
def test_padding_stays_within_the_video_and_shortens_nothing(
    by_s: float, at: int, length_s: float
) -> None:
    """What is played holds the moment and, but for its own end, ends with the video."""
    plain = replace(moment(at), similar=(moment(at + 1),))
    (one,) = padded([plain], by_s, lambda _: length_s)
    assert (one.span, one.moment_id) == (plain.span, plain.moment_id)
    for each in (one, *one.similar):
        played = each.play_span
        assert 0 <= played.start_s <= each.span.start_s < each.span.end_s <= played.end_s
        assert played.start_s == pytest.approx(max(0.0, each.span.start_s - by_s))
        least_s = each.span.end_s
        assert played.end_s == pytest.approx(max(least_s, min(least_s + by_s, length_s)))


def test_an_id_names_the_picture_as_an_address_does() -> None:
    """To the microsecond, without zeros."""
    assert moment(4).moment_id == "a@4"
    assert replace(moment(4), best_s=1001 / 30).moment_id == "a@33.366667"
    assert replace(moment(4), padding_s=3.0).moment_id == "a@4"
