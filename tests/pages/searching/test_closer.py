"""Exact edges: of what plays at once, of the first moments one after another, as strips come."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.errors import DatabaseAwayError, SearchError
from core.model import Moment
from core.query import Wanted
from pages.parts import closer
from tests.pages.conftest import Show, drawn, only, texts
from tests.pages.searching.conftest import ask_for_more, n_tiles

ASKED = {"q": "a star", "floor": "0", "all": "1", "exact": "1"}


@pytest.fixture
def moments(app: App) -> list[Moment]:
    """All that ASKED shows, more than are looked at closer."""
    found = app.searcher.search("a star", wanted=Wanted(floor=0, per_video=None)).moments
    assert len(found) > closer.TOP
    return list(found)


@pytest.fixture
def looked(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of what was looked at closer, as it goes."""
    ids: list[str] = []
    exact = app.zoom.exact

    def note(moment: Moment) -> Moment:
        ids.append(moment.moment_id)
        return exact(moment)

    monkeypatch.setattr(app.zoom, "exact", note)
    return ids


def until_quiet(at: AppTest) -> list[dict[str, Any]]:
    """Ask for more until there is no more; what came."""
    came = [only(at, "strips")]
    while came[-1]["n_missing"]:
        came.append(ask_for_more(at))
        assert len(came) < 40
    return came


def span_of(moment: Moment) -> list[float]:
    return [moment.span.start_s, moment.span.end_s]


def test_the_first_moments_get_exact_edges_one_after_another(
    show: Show, app: App, moments: list[Moment], looked: list[str]
) -> None:
    """One in each run, after the strips; the tiles are told, in the order that they keep."""
    at = show("search", **ASKED)
    before = only(at, "tiles")["tiles"]
    top = [one.moment_id for one in moments[: closer.TOP]]
    assert looked == top[:1]
    assert "looking closer at 2 of 5…" in texts(at)
    n_missing = [one["n_missing"] for one in until_quiet(at)]
    assert n_missing == list(range(n_missing[0], -1, -1))
    assert looked == top
    assert "first 5 with exact edges" in texts(at)
    exact = {one.moment_id: app.zoom.exact(one) for one in moments[: closer.TOP]}
    edges = only(at, "strips")["edges"]
    assert {key: one["span"] for key, one in edges.items()} == {
        key: span_of(one) for key, one in exact.items()
    }
    assert any(edges[one.moment_id]["span"] != span_of(one) for one in moments[1 : closer.TOP])
    tiles = only(at.run(), "tiles")["tiles"]
    assert [one["key"] for one in tiles] == [one["key"] for one in before]
    assert [one["bar"] for one in tiles] == [one["bar"] for one in before]
    for tile, moment in zip(tiles, moments, strict=True):
        assert tile["span"] == span_of(exact.get(moment.moment_id, moment))
        if moment.moment_id in edges:
            assert tile["corner"] == edges[moment.moment_id]["corner"]


def test_nobody_looks_closer_unasked(
    show: Show, app: App, moments: list[Moment], looked: list[str]
) -> None:
    """Nor says so, nor tells the tiles of edges; nor goes on after the switch goes back."""
    at = show("search", **{**ASKED, "exact": ""})
    assert until_quiet(at)[-1]["edges"] == {}
    assert looked == []
    assert "exact edges" not in texts(at)
    at.toggle(key="exact").set_value(True).run()
    ask_for_more(at)
    at.toggle(key="exact").set_value(False).run()
    n_looked = len(looked)
    assert n_looked == 2
    assert only(at, "strips")["n_missing"] == 0
    assert only(at, "strips")["edges"] == {}
    assert only(at, "tiles")["tiles"][0]["span"] == span_of(moments[0])


def test_a_new_search_ends_it(
    show: Show, app: App, moments: list[Moment], looked: list[str]
) -> None:
    """What is left of the search before is not looked at."""
    at = show("search", **ASKED)
    at.query_params["q"] = "a white square"
    at.query_params["floor"] = "0.5"
    at.run()
    until_quiet(at)
    (square,) = app.searcher.search("a white square").moments
    assert looked == [moments[0].moment_id, square.moment_id]
    assert n_tiles(at) == 1
    assert "with exact edges" in texts(at)


def test_what_cannot_be_looked_at_is_said_and_keeps_its_edges(
    show: Show, app: App, moments: list[Moment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the command line says it, once for all of them; the others get theirs."""
    gone, exact = {moments[1].moment_id, moments[3].moment_id}, app.zoom.exact

    def some(moment: Moment) -> Moment:
        if moment.moment_id in gone:
            raise SearchError("The file of a *video* is not on this machine.")
        return exact(moment)

    monkeypatch.setattr(app.zoom, "exact", some)
    at = show("search", **ASKED)
    edges = until_quiet(at)[-1]["edges"]
    assert "3 of 5 with exact edges" in texts(at)
    (line,) = (one for one in at.caption if "best first" in one.value)
    assert line.help == (
        "Some edges are as the index has them: The file of a \\*video\\* is not on this machine\\."
    )
    assert not at.error
    for moment in moments[: closer.TOP]:
        kept = moment if moment.moment_id in gone else exact(moment)
        assert edges[moment.moment_id]["span"] == span_of(kept)


def test_a_database_away_is_asked_again(
    show: Show, app: App, moments: list[Moment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no reason to leave edges as they are for good."""

    def away(_: Moment) -> Moment:
        raise DatabaseAwayError("The server cannot be reached")

    at = show("search", **ASKED)
    while only(at, "strips")["n_missing"] >= closer.TOP:
        ask_for_more(at)
    with monkeypatch.context() as while_away:
        while_away.setattr(app.zoom, "exact", away)
        ask_for_more(at, answers=False)
        assert [error.icon for error in at.error] == [":material/cloud_off:"]
    at.run()
    assert not at.error
    until_quiet(at)
    assert "first 5 with exact edges" in texts(at)


class Click(Exception):  # noqa: N818 - no error
    """Ends a run, as Streamlit does."""


def test_a_click_does_not_wait_and_what_was_begun_is_not_begun_again(
    app: App, moments: list[Moment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look goes on in its thread; a later run has what it found."""
    may_end, looks = threading.Event(), []

    def slowly(moment: Moment) -> Moment:
        looks.append(moment)
        assert may_end.wait(30)
        return moment

    def click() -> None:
        raise Click

    monkeypatch.setattr(app.zoom, "exact", slowly)
    monkeypatch.setattr(st, "session_state", {"found": ((None, None, "index", 1), None)})
    for _ in range(2):
        with pytest.raises(Click):
            closer.next_of(app, moments, click)
    assert closer.missing(moments) == moments
    may_end.set()
    closer.next_of(app, moments, lambda: None)
    assert closer.missing(moments) == moments[1:]
    assert looks == moments[:1]


def test_many_clicks_start_no_more_looks_than_two(
    app: App, moments: list[Moment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever clicks; what waits for its turn then is not begun, and may be asked for again."""
    may_end, looks = threading.Event(), []

    def slowly(moment: Moment) -> Moment:
        looks.append(moment)
        assert may_end.wait(30)
        return moment

    def click() -> None:
        raise Click

    monkeypatch.setattr(app.zoom, "exact", slowly)
    for _ in range(3):
        monkeypatch.setattr(st, "session_state", {"found": ((None, None, "index", 1), None)})
        for moment in moments[:6]:
            with pytest.raises(Click):
                closer.wait_for(app, moment, click)
    begun = list(looks)
    assert len(begun) == 2
    may_end.set()
    (other, *_) = (one for one in moments if one not in begun)
    assert closer.wait_for(app, other, lambda: None) == other
    assert looks == [*begun, other]


CLOSES = """
import time
from types import SimpleNamespace as App
import streamlit as st
from core.model import Moment, Span
from pages.parts import closer

def click():
    raise SystemExit(7)

st.session_state["found"] = ((None, None, "index", 1), None)
app = App(zoom=App(exact=lambda moment: time.sleep(120)))
closer.wait_for(app, Moment("a", "a film", Span(0, 1), 0.5, 1, 1), click)
"""


def test_closing_the_app_waits_for_no_look() -> None:
    """Its thread keeps no process alive."""
    command = [sys.executable, "-c", CLOSES]
    assert subprocess.run(command, timeout=60, capture_output=True, check=False).returncode == 7


def test_exact_edges_of_one_moment_are_said_without_counting(show: Show, app: App) -> None:
    """It plays, so it was looked at first."""
    at = show("search", q="a white star", exact="1")
    assert "1 moment, best first · with exact edges" in texts(at)
    assert len(drawn(at, "tiles")) == 1
