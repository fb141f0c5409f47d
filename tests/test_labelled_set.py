"""The labelled set is as large and as hard as what is said of it; no video is drawn for this."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest

from tests.data.labelled.absent import STRANGE
from tests.data.labelled.draw import frames
from tests.data.labelled.plan import (
    LEAST_S,
    LIBRARIES,
    MOST_S,
    PARTS,
    DrawnVideo,
    Library,
    Thing,
    hard,
    held_out,
    labels,
    videos,
)
from tests.data.tiny_clip.pictures import Picture, draw


def things_of(library: Library) -> list[Thing]:
    return [thing for video in videos(library) for thing in video.things]


def test_there_are_enough_videos_and_questions() -> None:
    """Of the whole set and, of questions, of the reported part alone."""
    assert sum(len(videos(library)) for library in LIBRARIES) >= 40
    reported = [{one.query for one in labels(library)} for library in PARTS["reported"]]
    assert sum(map(len, reported)) >= 300
    absent = [one for library in PARTS["reported"] for one in labels(library) if not one.video]
    assert len(absent) >= 60
    near = [one for library in PARTS["reported"] for one in hard(library)]
    assert len(near) == len(absent) / 2


@pytest.mark.parametrize("library", LIBRARIES)
def test_moments_are_of_all_lengths_several_in_a_video_and_inside_shots(library: Library) -> None:
    """Half of them begin or end where there is no cut; every kind of edge occurs."""
    things = things_of(library)
    lengths_s = [thing.end_s - thing.start_s for thing in things]
    assert all(LEAST_S <= length_s <= MOST_S + 1e-6 for length_s in lengths_s)
    assert min(lengths_s) < 2
    assert max(lengths_s) > 20
    assert all(len(video.things) >= 3 for video in videos(library))
    assert sum(thing.is_within_a_shot for thing in things) >= len(things) / 2
    edges = set(chain.from_iterable((thing.begins, thing.ends) for thing in things))
    assert edges == {"cut", "pop", "grow", "fade", "swap"}


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_absent_is_absent_and_what_is_near_is_near(library: Library) -> None:
    """Of a near absent thing each word is true of something; things share colours and shapes."""
    things = things_of(library)
    shown = {f"a {one.colour} {one.shape}" for one in things}
    shown |= {f"a {one.colour} {one.shape} on a {one.background} background" for one in things}
    near = hard(library)
    assert not shown & {*near, *STRANGE[library]}
    words = {word for query in shown for word in query.split()}
    assert all(set(query.split()) <= words for query in near)
    for video in videos(library):
        for one in video.things:
            assert any(
                (one.colour == other.colour) != (one.shape == other.shape) for other in video.things
            )


def test_the_libraries_share_no_video_and_no_absent_thing() -> None:
    """So nothing that figures were chosen on is reported; fresh ones have new words, too."""
    for one, other in combinations((*PARTS["tuning"], *PARTS["reported"]), 2):
        assert not set(held_out(one)) & set(held_out(other))
    for one, other in combinations(LIBRARIES, 2):
        assert not set(STRANGE[one]) & set(STRANGE[other])
        assert not {v.name for v in videos(one)} & {v.name for v in videos(other)}


@pytest.mark.parametrize(("edge", "share"), [("pop", 1.0), ("grow", 0.25), ("fade", 0.5)])
def test_a_label_lies_where_half_of_a_thing_is_there(edge: str, share: float) -> None:
    """At its edge it has half the size, a quarter of the area, or half the opacity."""
    video, thing = next(
        (video, thing)
        for video in videos("tuning")
        for thing in video.things
        if thing.begins == edge
    )
    before, at, after = (_ink(video, thing, thing.start_s + by_s) for by_s in (-0.3, 0, 0.3))
    assert before == 0
    assert at / after == pytest.approx(share, abs=0.06)


def _ink(video: DrawnVideo, thing: Thing, at_s: float) -> float:
    """Sum how far a frame is from its empty background."""
    (image,) = frames(video, [round(at_s * video.fps)])
    empty = draw(Picture("red", None, thing.background), *video.size_px)
    return float(np.abs(np.asarray(image, float) - np.asarray(empty, float)).sum())
