"""Padding and exact edges: what is played around a moment changes nothing of what it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.bootstrap import App
from core.model import Moment, Span
from core.query import Frame, Query, Right, Wanted
from core.search import handoff
from tests.search.conftest import EVERYTHING, SCENE_S, SCENES, said, scene

EVERY = Wanted(limit=96, floor=0, per_video=None, folds=False)


def drawn(moment: Moment) -> Span:
    """The stretch in which the scene in the middle of a moment is drawn."""
    at_s = SCENES[int(moment.name.removeprefix("film ")[0])].index(scene(moment)) * SCENE_S
    return Span(at_s, at_s + SCENE_S)


@pytest.mark.parametrize("padding_s", [2.0, 10.0])
def test_padding_changes_no_id_and_no_edge(app: App, padding_s: float) -> None:
    """The same moments, all of different ids, each played with so much more within its video."""
    plain = app.searcher.search(Query("a circle"), wanted=EVERY).moments
    padded = app.searcher.search(
        Query("a circle"), wanted=replace(EVERY, padding_s=padding_s)
    ).moments
    assert [one.span for one in padded] == [one.span for one in plain]
    assert [one.moment_id for one in padded] == [one.moment_id for one in plain]
    assert len({one.moment_id for one in padded}) == len(plain) > 12
    for one in padded:
        length_s = app.library.video(one.video_id).facts.duration_s
        assert one.play_span == Span(
            max(0.0, one.span.start_s - padding_s), min(length_s, one.span.end_s + padding_s)
        )
    assert [one.play_span for one in plain] == [one.span for one in plain]


def test_folded_moments_are_padded_too(app: App) -> None:
    """Who opens a folded one is played it like any other."""
    wanted = Wanted(floor=0, padding_s=1.0)
    found = app.searcher.search(Query("a star\na ring"), wanted=wanted).moments
    everything = [one for moment in found for one in (moment, *moment.similar)]
    assert {one.padding_s for one in everything} == {1.0}


@pytest.mark.parametrize("padding_s", [0.0, 2.0])
def test_exact_edges_are_those_of_the_scene_whatever_is_played(app: App, padding_s: float) -> None:
    """Within two frames, from padded moments as from plain ones; ids and padding stay."""
    for one in EVERYTHING[::5]:
        wanted = Wanted(limit=1, padding_s=padding_s)
        (found,) = app.searcher.search(Query(said(one)), wanted=wanted).moments
        exact = app.zoom.exact(found)
        assert exact.span.start_s == pytest.approx(drawn(found).start_s, abs=0.1)
        assert exact.span.end_s == pytest.approx(drawn(found).end_s, abs=0.1)
        assert (exact.moment_id, exact.padding_s) == (found.moment_id, padding_s)


def test_looking_at_one_video_waits_for_no_other(app: App) -> None:
    """While another look at the first film goes on, one at the second ends."""
    found = app.searcher.search(Query("a circle"), wanted=EVERY).moments
    one = found[0]
    other = next(moment for moment in found if moment.video_id != one.video_id)
    with ThreadPoolExecutor(2) as pool:
        with app.zoom.footage_of(one.video_id).lock:
            waits, ends = pool.submit(app.zoom.exact, one), pool.submit(app.zoom.exact, other)
            assert ends.result(timeout=60).moment_id == other.moment_id
            assert not waits.done()
        assert waits.result(timeout=60).moment_id == one.moment_id


def test_each_moment_remembers_the_line_that_found_it(app: App) -> None:
    """And exact edges are looked for by that line, with what it takes away left out."""
    both = Query("a red square -tractor\na purple circle")
    found = app.searcher.search(both, wanted=Wanted(per_video=None)).moments
    by = {scene(moment): moment.words for moment in found}
    assert by == {"red square/black": "a red square", "purple circle/gray": "a purple circle"}
    asked: list[str] = []
    encode, app.encoder.encode_texts = (
        app.encoder.encode_texts,
        lambda texts: (  # type: ignore[method-assign]
            asked.extend(texts) or encode(texts)  # type: ignore[func-returns-value]
        ),
    )
    try:
        exact = [app.zoom.exact(moment) for moment in found]
    finally:
        app.encoder.encode_texts = encode  # type: ignore[method-assign]
    assert asked == [moment.words for moment in found]
    for one in exact:
        assert one.span.start_s == pytest.approx(drawn(one).start_s, abs=0.1)


def test_what_follows_has_exact_edges_of_both(app: App) -> None:
    """From A's first frame to B's last, each by its own words."""
    one, other = SCENES[1][1:3]
    then = Query(said(one), then=said(other), within_s=2)
    (found,) = app.searcher.search(then).moments
    assert [part.words for part in found.parts] == [said(one), said(other)]
    exact = app.zoom.exact(found)
    assert exact.span.start_s == pytest.approx(SCENE_S, abs=0.1)
    assert exact.span.end_s == pytest.approx(3 * SCENE_S, abs=0.1)


def test_a_moment_that_a_picture_found_has_exact_edges_too(app: App) -> None:
    """By how its frames look: there are no words."""
    first = app.searcher.search("a red square").moments[0]
    alike = Query(frame=Frame(first.video_id, first.best_s))
    found = app.searcher.search(alike, wanted=Wanted(floor=0)).moments[0]
    assert found.words == ""
    exact = app.zoom.exact(found)
    assert exact.span.start_s == pytest.approx(drawn(found).start_s, abs=0.1)
    assert exact.span.end_s == pytest.approx(drawn(found).end_s, abs=0.1)


def test_padding_is_not_measured(app: App) -> None:
    """Right answers marked from padded moments are the moments themselves; so are measures."""
    (red,) = app.searcher.search("a red square", wanted=Wanted(padding_s=5)).moments
    right = Right("a red square", red.video_id, red.span)
    app.library.rights.add(right)
    try:
        for zooms in (False, True):
            report = app.measured(Wanted(padding_s=2), zooms=zooms)
            assert report.measures["miou"] > 0.8
    finally:
        app.library.rights.remove(right)


def test_what_is_handed_over_is_what_is_played(app: App, tmp_path: Path) -> None:
    """The table, the cut list and the names of clips have the padding."""
    videos = {video.video_id: video for video in app.library.videos()}
    (red,) = app.searcher.search("a red square", wanted=Wanted(padding_s=1)).moments
    start, end = (f"{at:.3f}" for at in (red.play_span.start_s, red.play_span.end_s))
    assert f",{start},{end}," in handoff.table([red], videos)
    rate = round(videos[red.video_id].facts.fps)
    codes = f"{handoff.timecode(red.play_span.start_s, rate)} "
    assert codes in handoff.cut_list([red], videos, "red")
    assert handoff.clip_name(1, red) == f"001 film 0 {red.play_span.start_s:.2f}s.mp4"
