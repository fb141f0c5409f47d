"""The search page on a few real scenes: how sure, where, what is folded, held back, saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import shared
from core.bootstrap import App, open_app
from core.model import Span
from core.query import Filters, Frame, Query, Wanted
from core.settings import Settings
from pages.parts import wanted
from pages.parts.asking import query_of_address
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.pages.conftest import Show, drawn, only, texts

SCENES = (
    "yellow circle/black, red square/black, white star/black, red square/black, green cross/black",
    "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
    "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
)
SCENE_S = 3.0
NOTHING = "Nothing here matches"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Three videos, searchable with the tiny CLIP."""
    folder = tmp_path_factory.mktemp("scenes")
    app = open_app(Settings(data=folder / "reelseek", model=str(TINY_MODEL)))
    films = [
        Film(f"film {at}", scenes(line, seconds_each=SCENE_S), size_px=(320, 180), fps=8)
        for at, line in enumerate(SCENES)
    ]
    added = [app.intake.add_file(draw_film(film, folder)) for film in films]
    app.worker().drain([one.video.video_id for one in added])
    yield app
    app.close()


@pytest.fixture
def app(opened: App, monkeypatch: pytest.MonkeyPatch) -> App:
    """The app behind the pages."""
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: opened))
    return opened


@pytest.fixture
def everything() -> bool:
    """The tiny CLIP is sure of what it knows."""
    return False


@pytest.fixture
def ids(app: App) -> list[str]:
    """The videos, in the order of their names."""
    return [one.video_id for one in sorted(app.library.videos(), key=lambda one: one.name)]


def n_tiles(at: AppTest) -> int:
    return sum(len(one["tiles"]) for one in drawn(at, "tiles") if one["label"].startswith("Mom"))


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


# -- how sure --------------------------------------------------------------------------------


def test_the_address_holds_how_sure_and_a_step_back_takes_it_back(show: Show, app: App) -> None:
    """What was chosen is in the address; without it, as Back leaves it, all is as it was."""
    at = show("search", q="qwzx vbnm")
    assert NOTHING in texts(at)
    at.select_slider(key="floor").set_value(0.0).run()
    assert at.query_params["floor"] == "0"
    assert n_tiles(at)
    assert only(at, "remember")["value"] == "0"
    del at.query_params["floor"]
    at.run()
    assert NOTHING in texts(at)
    assert at.select_slider(key="floor").value == 0.5


def test_any_figure_in_an_address_is_how_sure(show: Show, app: App) -> None:
    """Not only what the slider stops at; the slider says it, and nobody's memory changes."""
    at = show("search", q="a star", floor="0.33")
    assert at.select_slider(key="floor").value == 0.33
    assert at.select_slider(key="floor").options[:3] == [
        "Everything", "Weak, too · 5%", "Weak, too · 10%"
    ]  # fmt: skip
    assert "Weak, too · 33%" in at.select_slider(key="floor").options
    assert not drawn(at, "remember")


def test_what_is_remembered_goes_into_the_address_of_a_visit(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a step that is none in the history; where the address says how sure, that counts."""
    monkeypatch.setattr(wanted, "remembered", lambda: {"floor": "0.2"})
    led = only(show("search", q="a star"), "go")
    assert (led["href"], led["replace"]) == ("/search?q=a+star&floor=0.2", True)
    assert not drawn(show("search", q="a star", floor="0.85"), "go")
    at = show("search")
    at.query_params["q"] = "a star"  # as a saved search puts it there, which was as usual
    assert not drawn(at.run(), "go")


def test_a_search_begins_with_what_was_chosen_before(show: Show, app: App) -> None:
    """Chosen for one search, it is in the address of the next."""
    at = show("search", q="a star")
    at.select_slider(key="floor").set_value(0.85).run()
    for name in list(at.query_params):
        del at.query_params[name]
    at.run()
    at.text_input(key="q").set_value("a ring").run()
    assert at.query_params["floor"] == "0.85"


# -- what an address says --------------------------------------------------------------------


def test_a_whole_query_is_read_from_an_address(
    show: Show, app: App, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every parameter, times as people type them, and of the videos those that are there."""
    params = {
        "q": "a star\na ring", "minus": "snow", "then": "a circle", "within": "12.5",
        "like": f"{ids[0]}@3.5", "picture": "abc", "blend": "0.25", "up": f"{ids[1]}@1",
        "down": f"{ids[2]}@2", "video": f"{ids[0]},gone,{ids[2]}", "from": "0:02", "to": "1:05",
        "tags": "Holiday,Paris", "longer": "3", "shorter": "600", "height": "144",
    }  # fmt: skip
    monkeypatch.setattr("streamlit.query_params", params)
    read = query_of_address({one: app.library.video(one) for one in ids})
    assert read == Query(
        "a star\na ring", "snow", "a circle", 12.5, Frame(ids[0], 3.5), "abc", 0.25,
        (Frame(ids[1], 1.0),), (Frame(ids[2], 2.0),),
        Filters(
            (ids[0], ids[2]), Span(2, 65), ("Holiday", "Paris"),
            min_duration_s=3, max_duration_s=600, min_height_px=144,
        ),
    )  # fmt: skip


def test_several_videos_are_looked_into_and_said(show: Show, app: App, ids: list[str]) -> None:
    """Two of three, by an address; one more that is gone is said and left out."""
    at = show("search", q="a star", video=f"{ids[0]},{ids[1]}", floor="0")
    assert "of 2 videos" in texts(at)
    assert {one["video_id"] for one in only(at, "tiles")["tiles"]} == set(ids[:2])
    assert at.multiselect(key="video").value == ids[:2]
    assert "Only in 2 videos" in texts(at)
    assert "no longer" not in texts(at)
    at = show("search", q="a star", video=f"{ids[0]},gone", floor="0")
    assert "1 of the 2 videos that this search was limited to is no longer" in texts(at)
    assert {one["video_id"] for one in only(at, "tiles")["tiles"]} == {ids[0]}


def test_several_videos_are_chosen_in_the_field(show: Show, app: App, ids: list[str]) -> None:
    """Each choice is in the address."""
    at = show("search", q="a star")
    at.multiselect(key="video").set_value(ids[1:]).run()
    assert at.query_params["video"] == f"{ids[1]},{ids[2]}"


@pytest.mark.parametrize(
    "form", ["/video?id={}&t=4.5&q=a+red+square", "/api/video/{}/picture?t=4.5"]
)
def test_a_link_to_a_frame_asks_for_what_is_like_it(
    show: Show, app: App, ids: list[str], form: str
) -> None:
    """The page of a video, and the picture of a moment as "copy image address" gives it."""
    at = show("search", q="a star")
    at.text_input(key="q").set_value(f"http://127.0.0.1:8501{form.format(ids[0])}").run()
    assert at.query_params["like"] == f"{ids[0]}@4.5"
    assert "q" not in at.query_params


# -- nothing, more, less ---------------------------------------------------------------------


def test_nothing_found_says_what_was_looked_through(show: Show, app: App, ids: list[str]) -> None:
    """With filters, that they were there."""
    n_all = app.library.counts()[1]
    assert f"0 of {n_all} moments of 3 videos match." in texts(show("search", q="qwzx vbnm"))
    n_clips = app.library.counts([ids[1]])[1]
    at = show("search", q="qwzx vbnm", video=ids[1])
    assert f"0 of {n_clips} filtered moments match, in 1 video." in texts(at)


def test_what_looks_the_same_is_folded_and_can_be_opened(show: Show, app: App) -> None:
    """The red square comes twice: one tile, "+1 similar", and the other in the expander."""
    at = show("search", q="a red square")
    similar, results = sorted(drawn(at, "tiles"), key=lambda one: one["label"], reverse=True)
    assert [one["badge"] for one in results["tiles"]] == ["+1 similar"]
    assert [one.label for one in at.expander] == ["1 moment that looks the same"]
    (other,) = similar["tiles"]
    spans = [results["tiles"][0]["span"], other["span"]]
    assert sorted(round(span[0] / SCENE_S) for span in spans) == [1, 3]


def test_more_of_a_video_is_shown_on_demand(show: Show, app: App) -> None:
    """At most three of one video, until asked; and back."""
    at = show("search", q="a star", floor="0")
    n_held_back = app.searcher.search("a star", wanted=Wanted(floor=0)).n_held_back
    before = n_tiles(at)
    press(at, f"Show {n_held_back} more of the same videos")
    assert at.query_params["all"] == "1"
    assert n_tiles(at) == before + n_held_back
    press(at, "At most 3 of each video")
    assert n_tiles(at) == before


def test_show_more_shows_more_and_goes(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as there is more; what is held back of the same videos is not promised by it."""
    monkeypatch.setattr(wanted, "_PAGE", 2)
    at = show("search", q="a star", floor="0", all="1")
    seen = [n_tiles(at)]
    while "Show more" in labels(at):
        press(at, "Show more")
        assert n_tiles(at) > seen[-1]
        seen.append(n_tiles(at))
    everything = Wanted(floor=0, per_video=None, limit=960)
    assert len(seen) > 2
    assert seen[-1] == len(app.searcher.search("a star", wanted=everything).moments)
    assert "Show more" not in labels(show("search", q="a star", floor="0", n="960"))


def test_more_is_played_around_a_moment_when_asked(show: Show, app: App) -> None:
    """By the address, and by the choice under More, which changes the address."""
    plain = only(show("search", q="a white star"), "player")
    at = show("search", q="a white star", pad="2")
    wide = only(at, "player")
    assert wide["start"] == pytest.approx(plain["start"] - 2)
    assert wide["end"] == pytest.approx(plain["end"] + 2)
    at.selectbox(key="pad").set_value(0.0).run()
    assert "pad" not in at.query_params
    assert only(at, "player")["start"] == plain["start"]


def test_the_player_marks_the_second_that_matches_best(show: Show, app: App) -> None:
    """Its picture stands there and on the tile, and the moment plays from its beginning."""
    at = show("search", q="a white star", pad="2")
    (moment,) = app.searcher.search("a white star").moments
    player, tile = only(at, "player"), only(at, "tiles")["tiles"][0]
    assert player["best"] == moment.best_s
    assert player["start"] < moment.best_s < player["end"]
    assert (
        player["poster"]
        == tile["image"]
        == (f"/api/video/{moment.video_id}/picture?t={moment.best_s}")
    )


def test_every_tile_has_a_strip_and_more_like_it(show: Show, app: App, ids: list[str]) -> None:
    """No strip is searched for before the tiles are drawn; which are missing is said."""
    at = show("search", q="a star", floor="0")
    shown = only(at, "tiles")["tiles"]
    assert all(one["likes"] and one["length_s"] > 8 for one in shown)
    strips = only(at, "strips")
    assert (strips["strips"], strips["n_missing"]) == ({}, 3)
    assert strips["named"] == only(at, "tiles")["strips"]


# -- saved -----------------------------------------------------------------------------------


def test_a_saved_search_keeps_how_much_it_shows(show: Show, app: App) -> None:
    """How sure, all of a video and the padding belong to it; opened, they are in the address."""
    at = show("search", q="a star", floor="0.2", all="1", pad="2", n="72")
    next(one for one in at.text_input if one.label == "Name").set_value("Stars")
    press(at, "Save this search")
    (saved,) = app.library.saved.all()
    try:
        assert saved.params == {"q": "a star", "floor": "0.2", "all": "1", "pad": "2"}
        assert "Saved" in labels(at)
        assert "Saved" not in labels(show("search", q="a star"))
        at = press(show("search"), "Stars")
        assert {name: at.query_params[name] for name in saved.params} == saved.params
        assert app.searcher.n_new(
            Query("a star"), replace(saved, seen_at=saved.seen_at.replace(year=2000)),
            Wanted(floor=1.0),
        ) == 0  # fmt: skip
    finally:
        app.library.saved.delete(saved.saved_id)


def test_pictures_are_listened_for_outside_of_any_popover(
    show: Show, app: App, tmp_path: Path
) -> None:
    """One place under More, and one that needs nothing to be open."""
    at = show("search")
    assert len(drawn(at, "pasting")) == len(drawn(at, "picture")) == 1
