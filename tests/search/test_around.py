"""Around a search: thumbs, reasons, heat, filters, saved searches; with two models."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from core.address import to_params
from core.bootstrap import App
from core.query import Filters, Frame, Query, Wanted
from core.search.search import Searcher
from core.search.wrapping import Wrapped
from tests.search.conftest import scene


def test_thumbs_move_what_is_found(app: App) -> None:
    """Of all stars, one liked comes first, and one disliked comes last; the words still hold."""
    stars = app.searcher.search("a star").moments
    for one in stars:
        frame = Frame(one.video_id, one.best_s)
        liked = app.searcher.search(Query("a star", liked=(frame,))).moments
        assert scene(liked[0]) == scene(one)
        less = app.searcher.search(Query("a star", disliked=(frame,)), wanted=Wanted(floor=0))
        order = [scene(moment) for moment in less.moments if " star/" in scene(moment)]
        assert scene(one) not in order[:-1]


def test_why_says_which_term_did_what(app: App) -> None:
    """Both words of "red square" count; of a minus it says how surely the picture shows it."""
    (red,) = app.searcher.search("a red square").moments
    query = Query("a red square -tractor", minus="red square")
    reasons = {(one.kind, one.term): one.amount for one in app.searcher.why(query, red)}
    assert reasons["line", "a red square"] == pytest.approx(red.strength, abs=0.02)
    shares = [reasons["word", word] for word in ("red", "square")]
    assert sum(filter(None, shares)) == pytest.approx(1)
    assert all(one is not None and one > 0.05 for one in shares)
    assert (reasons["minus", "tractor"] or 0) < 0.1
    assert (reasons["minus", "red square"] or 0) > 0.5


def test_why_says_what_follows_and_what_thumbs_moved(app: App) -> None:
    """B of "A then B" by its own picture; a liked moment as surely as the search found it."""
    then = Query("a red square", then="a white star", within_s=2)
    (pair,) = app.searcher.search(then).moments
    reasons = {one.kind: one for one in app.searcher.why(then, pair) if one.kind != "word"}
    assert (reasons["line"].term, reasons["then"].term) == ("a red square", "a white star")
    amounts = [reasons[kind].amount or 0 for kind in ("line", "then")]
    assert min(amounts) == pytest.approx(pair.strength, abs=0.02)
    stars = app.searcher.search("a star").moments
    liked = Query("a star", liked=(Frame(stars[-1].video_id, stars[-1].best_s),))
    first = app.searcher.search(liked).moments[0]
    plain, line = (app.searcher.why(query, first)[0] for query in (Query("a star"), liked))
    assert line.amount == pytest.approx(first.strength, abs=0.005)
    assert (line.amount or 0) > (plain.amount or 0)


@pytest.mark.parametrize(
    ("query", "tells"),
    [
        (Query("square"), False),
        (Query("a square"), False),
        (Query("a red square"), True),
        (Query("a square\na ring"), True),
        (Query("square -red"), True),
        (Query("square", minus="red"), True),
        (Query("square", then="ring"), True),
        (Query("square", then="ring -red"), True),
        (Query(frame=Frame("a video", 1.0)), False),
        (Query(frame=Frame("a video", 1.0), minus="red"), True),
        (Query("square", picture_id="a picture"), True),
    ],
)
def test_whether_there_is_more_to_tell_than_how_sure_a_moment_is(query: Query, tells: bool) -> None:
    """Of one thing in one word there is not."""
    assert Searcher.tells(query) is tells


def test_thumbs_move_a_picture_too(app: App) -> None:
    """Of what a picture found, what is disliked falls behind all it was before, and goes."""
    red = app.searcher.search("a red square").moments[0]
    alike = Query(frame=Frame(red.video_id, red.best_s))
    everything = Wanted(floor=0, per_video=None, folds=False)
    found = app.searcher.search(alike, wanted=everything).moments
    first = found[0]
    less = replace(alike, disliked=(Frame(first.video_id, first.best_s),))
    after = app.searcher.search(less, wanted=everything).moments
    fallen = next(one for one in after if one.moment_id == first.moment_id)
    assert after[0].moment_id != first.moment_id
    assert (fallen.strength or 0) < 0.5 * (first.strength or 1)
    assert app.searcher.why(less, fallen)[0].amount == pytest.approx(fallen.strength, abs=0.005)


def test_days_are_those_of_this_machine(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page shows as added on a day is found on that day, wherever the clock stands."""
    added_at = app.library.videos()[0].added_at
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        day = added_at.astimezone().date()
        n_videos = [
            app.searcher.search(Query("a star", filters=filters)).n_videos
            for filters in (
                Filters(added_from=day, added_until=day),
                Filters(added_from=day + timedelta(days=1)),
                Filters(added_until=day - timedelta(days=1)),
                Filters(added_from=date.min, added_until=date.max),
            )
        ]
        everything = len(app.library.videos())
        assert n_videos == [everything, 0, 0, everything]
    monkeypatch.undo()
    time.tzset()


def test_heat_shows_where_in_the_video(app: App) -> None:
    """High over the scene and low elsewhere; the one peak lies in it."""
    (red,) = app.searcher.search("a red square").moments
    heat = app.searcher.heat(Query("a red square"), red.video_id)
    for span, strength in zip(heat.spans, heat.strengths, strict=True):
        assert (strength >= 0.5) == span.overlaps(red.span)
    assert len(heat.peaks_s) == 1
    assert red.span.start_s <= heat.peaks_s[0] < red.span.end_s
    assert list(heat.spans) == sorted(heat.spans, key=lambda span: span.start_s)


def test_filters_choose_before_the_search(app: App) -> None:
    """What lies elsewhere is neither found nor counted, and the floor stays where it was."""
    star = app.searcher.search("a white star").moments[0]
    videos = {video.video_id: video for video in app.library.videos()}
    others = [one for one in videos if one != star.video_id]
    app.library.tags.add(others[0], "Holiday")
    app.library.tags.add(others[0], "Beach, but dry".replace(",", ""))
    app.library.tags.add(others[1], "Holiday")
    assert app.library.tags.all() == {"Beach but dry": 1, "Holiday": 2}

    def counted(**filters: object) -> tuple[int, int]:
        result = app.searcher.search(Query("a white star", filters=Filters(**filters)))  # type: ignore[arg-type]
        return result.n_videos, len(result.moments)

    assert counted(tags=("Holiday",)) == (2, 0)
    assert counted(tags=("Holiday", "Beach but dry")) == (1, 0)
    assert counted(tags=("nowhere",)) == (0, 0)
    assert counted(min_duration_s=5) == (len(videos), 1)
    assert counted(max_duration_s=5) == (0, 0)
    assert counted(min_height_px=144) == (len(videos), 1)
    assert counted(min_height_px=145) == (0, 0)
    today = videos[star.video_id].added_at.astimezone().date()
    assert counted(added_from=today, added_until=today) == (len(videos), 1)
    assert counted(added_until=today - timedelta(days=1)) == (0, 0)
    assert counted(video_ids=tuple(others)) == (len(others), 0)
    for name in ("Holiday", "Beach but dry"):
        for video_id in others[:2]:
            app.library.tags.remove(video_id, name)
    assert app.library.tags.all() == {}


def test_a_saved_search_counts_what_came_since(app: App) -> None:
    """Saved now, nothing is new; seen from before the videos came, all of it is."""
    query = Query("a star")
    saved = app.library.saved.save("Stars", to_params(query))
    assert app.searcher.n_new(query, saved) == 0
    long_ago = replace(saved, seen_at=datetime(2000, 1, 1, tzinfo=UTC))
    assert app.searcher.n_new(query, long_ago) == len(app.searcher.search(query).moments)
    renamed = app.library.saved.save("All stars", to_params(query))
    assert renamed.saved_id == saved.saved_id
    assert [one.name for one in app.library.saved.all()] == ["All stars"]
    app.library.saved.seen(saved.saved_id)
    assert app.library.saved.all()[0].seen_at >= saved.seen_at
    app.library.saved.delete(saved.saved_id)
    assert app.library.saved.all() == []


def test_templates_are_a_choice_with_a_calibration_of_their_own(app: App) -> None:
    """What is kept with the index stays that of words as they are."""
    library = app.library.serving()
    app.searcher.search("a red square")
    kept = library.background().kept()
    Searcher(library, app.encoder, wraps=True).search("a red square")
    assert library.background().kept() == kept
    one, other = Wrapped(app.encoder).encode_texts(["a {red} square", "%s"])
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert not np.allclose(one, other)
