"""What a search found: nothing, folded, held back, more, and how it plays."""

from __future__ import annotations

import pytest
import streamlit as st

from core.bootstrap import App
from core.query import Wanted
from pages.parts import finding, wanted
from tests.pages.conftest import Show, drawn, only, tell, texts
from tests.pages.searching.conftest import SCENE_S, labels, n_tiles, press


def test_nothing_found_says_what_was_looked_through(show: Show, app: App, ids: list[str]) -> None:
    """With filters, that they were there."""
    n_all = app.library.counts()[1]
    assert f"0 of {n_all} clips of 3 videos match." in texts(show("search", q="qwzx vbnm"))
    n_clips = app.library.counts([ids[1]])[1]
    at = show("search", q="qwzx vbnm", video=ids[1])
    assert f"0 of {n_clips} filtered clips match, in 1 video." in texts(at)


def test_nothing_found_names_only_ways_that_are_open(show: Show, app: App, ids: list[str]) -> None:
    """Who looks everywhere is not told to, nor who sees all to see more."""
    everywhere = texts(show("search", q="qwzx vbnm"))
    assert "Try other words or move “How sure” to the left." in everywhere
    limited = texts(show("search", q="qwzx vbnm", video=ids[1]))
    assert "Try other words, look everywhere, or move “How sure” to the left." in limited
    nowhere = texts(show("search", q="qwzx vbnm", floor="0", **{"from": "3600"}))
    assert "Try other words or look everywhere." in nowhere


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


def test_an_empty_search_by_a_picture_offers_what_is_nearest(
    show: Show, app: App, ids: list[str]
) -> None:
    """Other words would be no help to who typed none; with words, they still are."""
    at = show("search", like=f"{ids[0]}@4.5", floor="1")
    assert "say in words what it shows" in texts(at)
    assert "Try other words" not in texts(at)
    press(at, "Show the nearest anyway")
    assert at.query_params["floor"] == "0"
    assert n_tiles(at) > 0
    at = show("search", q="qwzx vbnm")
    assert "Try other words" in texts(at)
    assert "Show the nearest anyway" not in labels(at)


def test_a_click_survives_a_run_that_ends_early(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run plays what was clicked, once; a run after that does not start it again."""
    at = show("search", q="a star", floor="0.2")
    key = only(at, "tiles")["tiles"][2]["key"]
    with monkeypatch.context() as ends_early:
        ends_early.setattr(finding, "find", lambda *_: st.stop())
        tell(at, "results", "picked", {"key": key, "at_s": None, "n": 1})
    assert not drawn(at, "player")
    at.run()
    assert only(at, "tiles")["selected"] == key
    started = only(at, "player")["nonce"]
    assert only(at, "player")["autoplay"]
    assert only(at.run(), "player")["nonce"] == started


def test_exact_edges_are_on_the_tile_as_at_the_player(show: Show, app: App) -> None:
    """Those of what was looked at closer; it is in the address, and goes back with the switch."""
    at = show("search", q="a white star")
    before = only(at, "tiles")["tiles"][0]
    exact = app.zoom.exact(app.searcher.search("a white star").moments[0]).span
    assert tuple(before["span"]) != (exact.start_s, exact.end_s)
    at.toggle(key="exact").set_value(True).run()
    assert at.query_params["exact"] == "1"
    assert tuple(only(at, "tiles")["tiles"][0]["span"]) == (exact.start_s, exact.end_s)
    assert (only(at, "player")["start"], only(at, "player")["end"]) == (exact.start_s, exact.end_s)
    at.toggle(key="exact").set_value(False).run()
    assert "exact" not in at.query_params
    assert only(at, "tiles")["tiles"][0] == before


def test_whoever_opens_an_address_sees_the_same_edges(show: Show, app: App) -> None:
    """Another visit has those of the one that sent it; a step back takes them back."""
    plain = only(show("search", q="a white star"), "tiles")["tiles"][0]["span"]
    sent = show("search", q="a white star")
    sent.toggle(key="exact").set_value(True).run()
    opened = show("search", **{name: "".join(said) for name, said in sent.query_params.items()})
    assert opened.toggle(key="exact").value is True
    for name in ("tiles", "player"):
        assert only(opened, name) == only(sent, name)
    assert only(opened, "tiles")["tiles"][0]["span"] != plain
    del opened.query_params["exact"]
    opened.run()
    assert opened.toggle(key="exact").value is False
    assert only(opened, "tiles")["tiles"][0]["span"] == plain


@pytest.mark.parametrize("said", ["0", "no", "true"])
def test_what_an_address_says_wrongly_of_edges_is_not_said(show: Show, app: App, said: str) -> None:
    """As people edit addresses."""
    assert show("search", q="a white star", exact=said).toggle(key="exact").value is False
