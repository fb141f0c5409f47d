"""What an address asks for: how sure, of which videos, like which frame."""

from __future__ import annotations

import pytest

from core.bootstrap import App
from core.model import Span
from core.query import Filters, Frame, Query
from core.search.level import STRONG
from pages.parts import wanted
from pages.parts.asking import query_of_address
from tests.pages.conftest import Show, drawn, only, texts
from tests.pages.searching.conftest import n_tiles

NOTHING = "Nothing here matches"


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


def test_the_last_stop_of_how_sure_hides_nothing_that_is_strong(show: Show, app: App) -> None:
    """The slider ends where "strong" begins; an address may still ask for more."""
    assert show("search", q="a star").select_slider(key="floor").options[-1] == "Strong only · 85%"
    at = show("search", q="a star", floor="0.85")
    assert at.select_slider(key="floor").value == STRONG
    assert show("search", q="a star", floor="1").select_slider(key="floor").value == 1.0


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


def test_what_is_remembered_goes_into_any_address(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one whose floor is empty, and one with what is no parameter of a search."""
    monkeypatch.setattr(wanted, "remembered", lambda: {"floor": "0.2"})
    led = only(show("search", q="cat", floor="", replace="1", other="2", pad="2"), "go")
    assert led["href"] == "/search?q=cat&pad=2&floor=0.2"


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


@pytest.mark.parametrize(
    "typed",
    [
        "http://127.0.0.1:8501/video?id=abc&t=abc",
        "http://127.0.0.1:8501/video?id=abc&t=-1",
        "http://[8501/video?id=abc&t=1",
        "http://127.0.0.1:8501/video?t=1",
    ],
)
def test_what_is_no_link_to_a_frame_is_words(show: Show, app: App, typed: str) -> None:
    """Without a time or a video that can be read, nothing that was typed is lost."""
    at = show("search", q="a star")
    at.text_input(key="q").set_value(typed).run()
    assert not at.exception
    assert "like" not in at.query_params
    assert at.query_params["q"] == typed


def test_pictures_are_listened_for_outside_of_any_popover(show: Show, app: App) -> None:
    """One place under More, and one that needs nothing to be open."""
    at = show("search")
    assert len(drawn(at, "pasting")) == len(drawn(at, "picture")) == 1
