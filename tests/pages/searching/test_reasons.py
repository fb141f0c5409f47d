"""What each term did, under each result: short on the tile, in full where the mouse rests."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.errors import SearchError
from core.query import Query, Reason, Wanted
from pages.parts.reasons import Told, told
from tests.pages.conftest import Show, only, texts
from tests.pages.searching.conftest import ask_for_more, press


def reasons_told(at: AppTest) -> dict[str, Any]:
    """Give all that the browser is told until it has everything."""
    found = dict(only(at, "strips")["reasons"])
    while only(at, "strips")["n_missing"]:
        found |= ask_for_more(at)["reasons"]
    return found


def test_every_tile_tells_what_each_term_did(show: Show, app: App) -> None:
    """After it is drawn, and what the search itself says; room is left for it from the start."""
    at = show("search", q="a white star -cross", floor="0")
    shown = only(at, "tiles")["tiles"]
    assert all(tile["tells"] for tile in shown)
    assert len(only(at, "strips")["reasons"]) == 1  # of what plays
    found = reasons_told(at)
    assert list(found) != []
    assert set(found) == {tile["key"] for tile in shown}
    query = Query("a white star -cross")
    for moment in app.searcher.search(query, wanted=Wanted(floor=0)).moments:
        of = {one.term: f"{one.amount:.0%}" for one in app.searcher.why(query, moment)}
        short = f"white {of['white']} · star {of['star']} · without cross {of['cross']}"
        assert found[moment.moment_id]["short"] == short
        assert found[moment.moment_id]["full"] == (
            f"a white star {of['a white star']} · white {of['white']} · star {of['star']} · "
            f"without cross: shows it {of['cross']}"
        )


def test_moments_that_come_later_tell_it_too(show: Show, app: App, ids: list[str]) -> None:
    """Those of videos whose strips the browser has long had."""
    at = show("search", q="a white star", floor="0")
    before = reasons_told(at)
    (more,) = (one.label for one in at.button if one.label.endswith("more of the same videos"))
    press(at, more)
    after = reasons_told(at)
    assert set(after) - set(before)
    assert {*before, *after} == {tile["key"] for tile in only(at, "tiles")["tiles"]}


@pytest.mark.parametrize("asked", [{"q": "star"}, {"q": "a star"}, {"like": "4.5"}])
def test_one_thing_asked_for_has_nothing_to_tell(
    show: Show, app: App, ids: list[str], asked: dict[str, str]
) -> None:
    """How sure a moment is stands there; no line is left free, and nothing is asked for."""
    if "like" in asked:
        asked = {"like": f"{ids[0]}@{asked['like']}"}
    at = show("search", **asked, floor="0")
    assert not any(tile["tells"] for tile in only(at, "tiles")["tiles"])
    assert only(at, "strips")["n_missing"] == len(ids)
    assert all(one == {"short": "", "full": ""} for one in reasons_told(at).values())


def test_a_moment_that_cannot_be_told_of_is_not_asked_for_again(
    show: Show, app: App, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be indexed anew; its tile stays as it is."""
    asked: list[str] = []

    def fails(_: Query, moment: Any) -> None:
        asked.append(moment.moment_id)
        raise SearchError("Nothing is known of it")

    monkeypatch.setattr(app.searcher, "why", fails)
    at = show("search", q="a white star", floor="0")
    assert all(one["short"] == "" for one in reasons_told(at).values())
    assert sorted(asked) == sorted(tile["key"] for tile in only(at, "tiles")["tiles"])
    assert not at.error
    assert "white" not in texts(at)


LINE, WORDS = Reason("red car", "line", 0.9), [
    Reason("red", "word", 0.6), Reason("car", "word", 0.4),
]  # fmt: skip
SAID = "red car 90% · red 60% · car 40%"


@pytest.mark.parametrize(
    ("reasons", "short", "full"),
    [
        ([LINE, *WORDS], "red 60% · car 40%", SAID),
        ([LINE], "", ""),
        ([LINE, Reason("red", "word", 0.0), Reason("car", "word", 0.0)], "", ""),
        ([Reason("picture", "picture", 0.8)], "", ""),
        (
            [LINE, Reason("blue", "minus", 0.04)],
            "without blue 4%", "red car 90% · without blue: shows it 4%",
        ),
        (
            [Reason("a dog", "line", 0.02), LINE, *WORDS],
            "red car 90% · a dog 2%", f"a dog 2% · {SAID}",
        ),
        ([Reason("a dog", "line", 0.004), LINE], "red car 90%", "a dog 0% · red car 90%"),
        (
            [Reason("a dog", "line", 0.0), Reason("a cat", "line", 0.0)],
            "a dog 0%", "a dog 0% · a cat 0%",
        ),
        (
            [LINE, *WORDS, Reason("a dog", "then", 0.7)],
            "red car 90% · then a dog 70%", f"{SAID} · then a dog 70%",
        ),
        (
            [LINE, *WORDS, Reason("picture", "picture", 0.3)],
            "red car 90% · the picture 30%", f"{SAID} · like the picture 30%",
        ),
        ([Reason("red car", "line", None), *WORDS], "red 60% · car 40%", "red 60% · car 40%"),
    ],
)  # fmt: skip
def test_reasons_in_words(reasons: list[Reason], short: str, full: str) -> None:
    """Of one thing its words, of several how sure each is; nothing where that is known anyway."""
    assert told(reasons) == Told(short, full)
