"""The search page on one drawn video: what is asked, where it looks, what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bootstrap import App
from core.model import IndexState
from core.query import Wanted
from tests import demo
from tests.pages.conftest import Show, drawn, only, texts

EXAMPLES = ("a red car at night", "someone laughing", "hands preparing food", "an empty street")


def test_a_search_from_an_address_finds_plays_and_says_how_much_it_looked_at(
    show: Show, video_id: str
) -> None:
    """The best moment is the red one; the player has its exact stretch and waits for a click."""
    at = show("search", q="red")
    assert at.text_input(key="q").value == "red"
    assert "best first · looked at 2 clips of 1 video" in texts(at)
    best, player = only(at, "tiles")["tiles"][0], only(at, "player")
    assert best["key"] == f"{video_id}@0"
    assert (player["src"], player["start"]) == (f"/api/video/{video_id}", 0.0)
    assert player["end"] == pytest.approx(2.0, abs=0.5)
    assert not player["autoplay"]


@pytest.mark.parametrize(("took_s", "said"), [(0.0004, "at once"), (0.25, "0.25 s")])
def test_an_answer_that_took_no_time_came_at_once(
    show: Show, app: App, video_id: str, monkeypatch: pytest.MonkeyPatch, took_s: float, said: str
) -> None:
    """0.00 s would say that nobody looked at a clock."""
    result = replace(app.searcher.search("red", wanted=Wanted(floor=0)), took_s=took_s)
    monkeypatch.setattr(app.searcher, "search", lambda *_, **__: result)
    assert f"looked at 2 clips of 1 video · {said}" in texts(show("search", q="red"))


def test_a_search_has_the_names_of_now(show: Show, app: App, video_id: str) -> None:
    """A video that was renamed since the search has its new name on the tile and at the player."""
    at = show("search", q="red")
    app.library.rename(video_id, "Another name")
    at.run()
    assert {tile["title"] for tile in only(at, "tiles")["tiles"]} == {"Another name"}


def test_typing_changes_the_address(show: Show, video_id: str) -> None:
    """Enter puts the words into the address, and clearing the box takes them out."""
    at = show("search", q="red")
    at.text_input(key="q").set_value("  blue ").run()
    assert at.query_params["q"] == "blue"
    assert only(at, "tiles")["tiles"][0]["key"] == f"{video_id}@2"
    at.text_input(key="q").set_value("").run()
    assert "q" not in at.query_params
    assert at.title[0].value == "What do you remember?"


def test_nothing_typed_shows_what_to_type_and_what_there_is(show: Show, video_id: str) -> None:
    """The start has examples to click and the newest posters; an example is a search."""
    at = show("search")
    assert "Looks inside 1 video" in texts(at)
    (poster,) = only(at, "tiles")["tiles"]
    assert poster["href"] == f"/video?id={video_id}"
    example = next(button for button in at.button if button.label == EXAMPLES[0])
    example.click().run()
    assert at.query_params["q"] == EXAMPLES[0]


def test_a_library_may_bring_its_own_examples(show: Show, app: App, video_id: str) -> None:
    """A file in the data folder, as the demo leaves one of what it has; an empty one is none."""
    demo.suggest(app.settings.data)
    labels = {button.label for button in show("search").button}
    assert set(demo.EXAMPLES) <= labels
    assert not set(EXAMPLES) & labels
    drawn_there = {f"{one.colour} {one.shape}" for film in demo.FILMS for one in film.scenes}
    assert {example.split(maxsplit=1)[1] for example in demo.EXAMPLES} <= drawn_there
    (app.settings.data / "examples.txt").write_text(" \n", encoding="utf-8")
    assert set(EXAMPLES) <= {button.label for button in show("search").button}


def test_a_scope_comes_from_the_address_and_is_said(show: Show, video_id: str) -> None:
    """A video and times in the address limit the search, fill the fields and name the button."""
    at = show("search", **{"q": "red", "video": video_id, "from": "2.5", "to": "1:05"})
    assert all(float(t["key"].split("@")[1]) >= 2 for t in only(at, "tiles")["tiles"])
    assert at.multiselect(key="video").value == [video_id]
    assert (at.text_input(key="from").value, at.text_input(key="to").value) == ("0:02.5", "1:05")


def test_a_scope_can_be_typed_and_taken_away(show: Show, video_id: str) -> None:
    """Times are typed as people write them, and stand in the address in seconds."""
    at = show("search", q="red")
    at.text_input(key="from").set_value("1:00:01").run()
    assert at.query_params["from"] == "3601"
    assert "Nothing here matches" in texts(at)
    next(button for button in at.button if button.label == "Look everywhere").click().run()
    assert "from" not in at.query_params
    assert drawn(at, "tiles")


@pytest.mark.parametrize("typed", ["soon", "-3", "inf", "1:2:3:4", "9" * 400])
def test_what_is_no_time_is_explained(show: Show, video_id: str, typed: str) -> None:
    """A slip in a time limits nothing and says how times are typed; so does one in an address."""
    at = show("search", q="red")
    at.text_input(key="to").set_value(typed).run()
    assert "Type a time such as" in texts(at)
    assert "to" not in at.query_params
    assert drawn(show("search", q="red", to=typed), "tiles")


def test_a_stretch_that_ends_before_it_starts_is_a_sentence(show: Show, video_id: str) -> None:
    """The search's own sentence is shown."""
    at = show("search", **{"q": "red", "from": "5", "to": "3"})
    assert "holds nothing" in at.error[0].value


def test_a_scope_of_a_deleted_video_says_so(show: Show, video_id: str) -> None:
    """A shared search that was limited to a video of old looks everywhere, and says it."""
    at = show("search", q="red", video="gone")
    assert "no longer in your library" in texts(at)
    assert drawn(at, "tiles")


def test_nothing_searchable_yet_is_explained(show: Show, waiting_id: str) -> None:
    """A search while everything still waits says where to see how far it is."""
    at = show("search", q="red")
    assert "Nothing is searchable yet" in texts(at)
    assert "as soon as the first video is indexed" in texts(at)
    assert "See how far it is" in [button.label for button in at.button]
    assert "This video is not searchable yet" in texts(show("search", q="red", video=waiting_id))


def test_a_search_in_an_empty_library_leads_to_adding_videos(show: Show, app: App) -> None:
    """Nothing is on the way, so there is nothing to wait for, and nothing to choose or to save."""
    at = show("search", q="a car")
    assert "Your library is empty" in texts(at)
    assert "Nothing is searchable yet" not in texts(at)
    assert [button.label for button in at.button] == ["Add videos"]
    assert not at.get("slider") + at.get("select_slider")


def test_a_search_where_all_failed_says_so(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or was stopped: none of it is on the way, and waiting would be in vain."""
    app.library.cancel(waiting_id)
    assert "1 video was stopped; nothing is on the way" in texts(show("search", q="red"))
    failed = replace(app.library.video(waiting_id), state=IndexState.FAILED, error="No picture.")
    monkeypatch.setattr(app.library, "videos", lambda: [failed])
    at = show("search", q="red")
    assert "Nothing is searchable" in texts(at).splitlines()
    assert "1 video could not be indexed; nothing is on the way" in texts(at)
    assert "See why" in [button.label for button in at.button]
    assert "This video is not searchable" in texts(show("search", q="red", video=waiting_id))
