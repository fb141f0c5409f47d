"""Every kind of query on drawn videos whose scenes are known, with two models of other scales."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.address import to_params
from core.bootstrap import App, open_app
from core.model import Moment
from core.query import Filters, Frame, Query, Wanted
from core.search.search import Searcher
from core.search.wrapping import Wrapped
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.data.tiny_clip.pictures import Picture, draw
from tests.films import Film, draw_film, scenes

SCENES = [
    [one.strip() for one in line.split(",")]
    for line in (
        "yellow circle/black, red square/black, white star/black, green cross/black",
        "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
        "white cross/brown, blue square/brown, green triangle/brown, yellow ring/brown",
        "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
        "green ring/gray, blue cross/gray, red star/gray, white circle/gray",
        "pink cross/black, blue circle/black, purple square/black, yellow triangle/black",
    )
]  # fmt: skip
SCENE_S = 4.0
EVERYTHING = [one for line in SCENES for one in line]
MODELS = (TINY_MODEL, TINY_MODEL.with_name("second_clip.pt"))


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("scenes")
    films = [
        Film(f"film {at}", scenes(",".join(line), seconds_each=SCENE_S), size_px=(256, 144))
        for at, line in enumerate(SCENES)
    ]
    return [draw_film(film, folder) for film in films]


@pytest.fixture(scope="module", params=MODELS, ids=lambda path: path.stem)
def app(
    request: pytest.FixtureRequest, paths: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """All of them indexed, with one model or the other."""
    data = tmp_path_factory.mktemp("data")
    app = open_app(Settings(data=data, model=str(request.param)))
    app.worker().drain([app.intake.add_file(path).video.video_id for path in paths])
    yield app
    app.close()


def scene(moment: Moment) -> str:
    """What is drawn in the middle of a moment."""
    line = SCENES[int(moment.name.removeprefix("film ")[0])]
    return line[int((moment.span.start_s + moment.span.end_s) / 2 // SCENE_S)]


def shown(app: App, query: Query) -> set[str]:
    found = app.searcher.search(query, wanted=Wanted(per_video=None)).moments
    return {scene(moment) for moment in found}


def said(drawn: str) -> str:
    """The words for a scene, without its background: "a red ring"."""
    return f"a {drawn.split('/')[0]}"


def colour(drawn: str) -> str:
    return drawn.split()[0]


def test_minus_takes_away_what_it_names_and_nothing_else(app: App) -> None:
    """Of each shape without each of its colours: 17 in 20 come out exactly, in box or text."""
    n_exact = n_asked = 0
    for shape in ("circle", "ring", "square", "star"):
        everything = shown(app, Query(f"a {shape}"))
        assert everything == {one for one in EVERYTHING if f" {shape}/" in one}
        for one in sorted(everything):
            rest = everything - {one}
            found = shown(app, Query(f"a {shape} -{colour(one)}"))
            assert found == shown(app, Query(f"a {shape}", minus=colour(one)))
            n_asked, n_exact = n_asked + 1, n_exact + (found == rest)
    assert n_exact >= 0.85 * n_asked


def test_what_is_not_there_takes_nothing_away(app: App) -> None:
    """A minus that no picture shows leaves all that was found, in its order."""
    plain = app.searcher.search("a star").moments
    less = app.searcher.search(Query("a star", minus="a tractor, snow")).moments
    assert [moment.span for moment in less] == [moment.span for moment in plain]


def test_any_of_several_lines_will_do(app: App) -> None:
    """Two lines find what each finds alone; no moment twice."""
    for one, other in zip(EVERYTHING[::3], EVERYTHING[1::3], strict=False):
        both = Query(f"{said(one)}\n{said(other)}")
        alone = shown(app, Query(said(one))) | shown(app, Query(said(other)))
        assert shown(app, both) == alone
        assert {one, other} <= alone
    twice = app.searcher.search(Query("a star\na star")).moments
    assert len(twice) == len(app.searcher.search("a star").moments)


@pytest.mark.parametrize("line", SCENES, ids=lambda line: line[0])
def test_what_follows_within_some_seconds(app: App, line: list[str]) -> None:
    """A then B finds the one place, from A's beginning to B's end; B then A finds none."""
    for one, other in pairwise(line):
        then = Query(said(one), then=said(other), within_s=2)
        (found,) = app.searcher.search(then).moments
        at_s = line.index(one) * SCENE_S
        assert found.span.start_s == pytest.approx(at_s, abs=0.6)
        assert found.span.end_s == pytest.approx(at_s + 2 * SCENE_S, abs=0.6)
        assert [scene(part) for part in found.parts] == [one, other]
        assert not app.searcher.search(Query(said(other), then=said(one), within_s=2)).moments
    far = Query(said(line[0]), then=said(line[3]), within_s=SCENE_S)
    assert not app.searcher.search(far).moments
    assert app.searcher.search(Query(said(line[0]), then=said(line[3]), within_s=9)).moments


def picture(app: App, drawn: str, path: Path) -> str:
    """Hand in a picture of a scene, drawn otherwise than in its video."""
    named, background = drawn.split("/")
    tint, shape = named.split()
    draw(Picture(tint, shape, background, x=0.4, size=0.45), 200, 160).save(path)
    return app.keep_picture(path.read_bytes())


def likest(app: App, drawn: str, folder: Path) -> Moment:
    query = Query(picture_id=picture(app, drawn, folder / "picture.png"))
    return app.searcher.search(query, wanted=Wanted(floor=0)).moments[0]


def test_a_picture_finds_what_it_shows(app: App, tmp_path: Path) -> None:
    """Another drawing of a scene finds that scene first, and surely."""
    found = {drawn: likest(app, drawn, tmp_path) for drawn in EVERYTHING}
    right = [one for drawn, one in found.items() if scene(one) == drawn and one.level == "strong"]
    assert len(right) >= 0.95 * len(EVERYTHING)


def test_a_picture_of_what_is_not_there_finds_nothing_surely(app: App, tmp_path: Path) -> None:
    """The same shapes in other colours: alike at most, or not even that."""
    absent = [
        f"{tint} {shape}/{ground}"
        for tint in ("red", "blue", "green", "orange") for shape in ("square", "star", "ring")
        for ground in ("black", "cyan", "gray")
    ]  # fmt: skip
    absent = [one for one in absent if one not in EVERYTHING][::3]
    levels = [likest(app, drawn, tmp_path).level for drawn in absent]
    assert levels.count("strong") <= 0.1 * len(levels)


def test_more_like_a_frame_leaves_the_frame_itself_out(app: App) -> None:
    """A frame's own moment is no answer to it; the most alike of the others comes first."""
    first = app.searcher.search("a red square").moments[0]
    frame = Frame(first.video_id, first.best_s)
    found = app.searcher.search(Query(frame=frame), wanted=Wanted(floor=0)).moments
    assert len(found) > 3
    assert scene(first) not in {scene(one) for one in found}
    drawn = scene(found[0])
    assert drawn.startswith("red ") or " square/" in drawn or drawn.endswith("/black")


def test_words_say_what_a_picture_lacks(app: App, tmp_path: Path) -> None:
    """A shape in words and another one's picture find the shape as the picture shows it."""
    n_first = 0
    for drawn in EVERYTHING:
        tint, shape, ground = re.split("[ /]", drawn)
        other = "cross" if shape != "cross" else "ring"
        picture_id = picture(app, f"{tint} {other}/{ground}", tmp_path / "picture.png")
        query = Query(f"a {shape}", picture_id=picture_id)
        found = app.searcher.search(query, wanted=Wanted(1, 0)).moments
        n_first += scene(found[0]) == drawn
    assert n_first >= 0.85 * len(EVERYTHING)


def test_the_share_of_a_picture_goes_from_all_words_to_all_picture(
    app: App, tmp_path: Path
) -> None:
    """At one end the answer is that of the words alone, at the other that of the picture."""
    picture_id = picture(app, "red square/black", tmp_path / "picture.png")

    def order(query: Query) -> list[float]:
        found = app.searcher.search(query, wanted=Wanted(5, 0, folds=False)).moments
        return [one.best_s for one in found]

    words, both = Query("a blue cross"), Query("a blue cross", picture_id=picture_id)
    assert order(replace(both, blend=0.0)) == order(words)
    assert order(replace(both, blend=1.0)) == order(Query(picture_id=picture_id))


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
    today = videos[star.video_id].added_at.date()
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
