"""The strips of heat under the tiles, and the small button beside them."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import local_script_runner
from streamlit.testing.v1.element_tree import ElementTree

from core.bootstrap import App
from core.errors import DatabaseAwayError
from core.query import Query, Wanted
from pages.parts import strips
from pages.parts.finding import known_reasons, known_strip
from tests.pages.conftest import Show, only, tell
from tests.pages.searching.conftest import ask_for_more


def test_every_tile_has_a_strip_and_more_like_it(show: Show, app: App, ids: list[str]) -> None:
    """No strip is searched for before the tiles are drawn; which are missing is said."""
    at = show("search", q="a star", floor="0")
    shown = only(at, "tiles")["tiles"]
    assert all(one["likes"] and one["length_s"] > 8 for one in shown)
    told = only(at, "strips")
    assert (told["strips"], told["n_missing"]) == ({}, 3)
    assert told["named"] == only(at, "tiles")["strips"]


def test_each_strip_is_sent_until_the_browser_has_it(show: Show, app: App, ids: list[str]) -> None:
    """One with each question; what never was confirmed comes again, and another search has none."""
    at = show("search", q="a star", floor="0")
    sent = [ask_for_more(at) for _ in ids]
    assert [len(one["strips"]) for one in sent] == [1, 1, 1]
    assert [one["n_missing"] for one in sent] == [2, 1, 0]
    assert {name for one in sent for name in one["strips"]} == set(ids)
    assert all(strip["bins"] for one in sent for strip in one["strips"].values())
    at.run()  # as a click does, before the last of them was confirmed
    assert only(at, "strips")["strips"] == sent[-1]["strips"]
    at.query_params["q"] = "a ring"
    assert only(at.run(), "strips")["n_missing"] == 3
    at.query_params["q"] = "a star"  # the browser keeps those of one search
    assert set(only(at.run(), "strips")["strips"]) == set(ids)


def test_only_so_many_strips_are_searched_for_at_once(
    show: Show, app: App, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the page is drawn again, which goes on from there."""
    monkeypatch.setattr(strips, "AT_ONCE", 2)
    at = show("search", q="a star", floor="0")
    assert only(at, "strips")["n_missing"] == 2
    seen = only(at, "strips")["strips"] | ask_for_more(at)["strips"]
    at.run()
    assert only(at, "strips")["n_missing"] == 2
    while only(at, "strips")["n_missing"]:
        seen |= ask_for_more(at)["strips"]
    assert set(seen) == set(ids)


def test_a_database_away_leaves_no_empty_strip_behind(
    show: Show, app: App, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said; as soon as it is back, every strip is as it would have been."""

    def away(*_: object) -> None:
        raise DatabaseAwayError("The server cannot be reached")

    at = show("search", q="a star", floor="0")
    with monkeypatch.context() as while_away:
        while_away.setattr(app.searcher, "heat", away)
        ask_for_more(at, answers=False)
    assert [error.icon for error in at.error] == [":material/cloud_off:"]
    at.run()
    assert not at.error
    assert only(at, "strips")["n_missing"] == 3
    assert all(ask_for_more(at)["strips"].popitem()[1]["bins"] for _ in ids)


class Click(BaseException):
    """Ends a run, as Streamlit does where something is drawn."""


def test_a_click_waits_for_one_search_at_most(
    app: App, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many moments of a video need reasons; those that were found are there afterwards."""
    query = Query("a white star")
    found = app.searcher.search(query, wanted=Wanted(floor=0, per_video=None)).moments
    moments = [one for one in found if one.video_id == ids[0]]
    assert len(moments) > 2
    clicks = 0

    def click() -> None:
        nonlocal clicks
        clicks += 1
        if clicks == 2:
            raise Click

    monkeypatch.setattr(st, "session_state", {"found": ((None, None, "index", 1), None)})
    video = app.library.video(ids[0])
    asked = strips.Asked(app, query, moments, {ids[0]: video}, "named", (), click)
    with pytest.raises(Click):
        strips._look_into(asked, video)
    assert known_strip(query, video) is not None
    known = [known_reasons(query, one) is not None for one in moments]
    assert known == [True] + [False] * (len(moments) - 1)


def test_more_like_a_tile_that_is_gone_changes_nothing(show: Show, app: App) -> None:
    """A click may come from what was drawn before."""
    at = show("search", q="a star", floor="0")
    key = only(at, "tiles")["tiles"][0]["key"]
    tell(at, "results", "liked", {"key": "gone@1.0", "n": 1})
    assert not at.exception
    assert not at.error
    assert "like" not in at.query_params
    tell(at, "results", "liked", {"key": key, "n": 2})
    assert at.query_params["like"].startswith(key.partition("@")[0])


def test_what_a_strips_run_drew_may_get_lost_on_its_way(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit drops what a part drew when that runs again before it is sent; the rest is whole.

    A browser places nothing whose place is beyond the next one.
    """
    sent: list[ForwardMsg] = []
    parse = local_script_runner.parse_tree_from_messages

    def keep(messages: list[ForwardMsg]) -> ElementTree:
        sent[:] = messages
        return parse(messages)

    monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", keep)
    show("search", q="a red square")
    deltas = [one for one in sent if one.WhichOneof("type") == "delta"]
    arrived = [tuple(one.metadata.delta_path) for one in deltas if not one.delta.fragment_id]
    assert 0 < len(arrived) < len(deltas)
    n_in: dict[tuple[int, ...], int] = {}
    for *block, at in arrived:
        n = n_in.get(tuple(block), 0)
        assert at <= n, (block, at)
        n_in[tuple(block)] = max(n, at + 1)
