"""What every page says in each state of the library, the model and the database."""

from __future__ import annotations

import re

import pytest

from core.bootstrap import App
from core.errors import DatabaseAwayError
from core.library.overview import Overview
from tests.fakes import ColourEncoder
from tests.pages.conftest import Show, drawn, only, texts

PAGES = ("search", "library", "video", "add", "settings")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_library(show: Show, page: str) -> None:
    """An empty library is explained, with the way to fill it."""
    at = show(page)
    if page in ("search", "library"):
        assert "Add videos" in [button.label for button in at.button]


@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_name_is_only_text(show: Show, video_id: str, page: str) -> None:
    """A name with markup, quotes and emoji reaches no Markdown unescaped, and components whole."""
    at = show(page, id=video_id, **({"q": "red", "video": video_id} if page == "search" else {}))
    said = re.sub(r"\\.", "", texts(at))  # without what is escaped
    for markup in (":red[no]", "$x$", "<img", "**\"'", "www.example", "&lt;"):
        assert markup not in said
    shown = [str(element.proto.json) for element in at.get("bidi_component")]
    if page != "settings":
        assert any("onerror=alert(1)" in one for one in shown)


def test_the_bare_address_leads_to_the_search_and_leaves_no_step_behind(show: Show) -> None:
    """`/` is replaced by /search with its parameters, or Back would lead here again and again."""
    at = show(None, q="a red star")
    assert only(at, "go")["href"] == "/search?q=a+red+star"
    assert only(at, "go")["replace"]
    assert only(show(None, replace="1", q="a"), "go")["href"] == "/search?q=a"


@pytest.mark.parametrize("page", PAGES)
def test_a_database_that_is_away_is_one_sentence(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """When the database does not answer, every page says so instead of failing."""

    def away(*_: object) -> None:
        raise DatabaseAwayError("The server cannot be reached. Check that it runs.")

    monkeypatch.setattr(app._database, "query", away)
    assert [e.icon for e in show(page, id="x").error] == [":material/cloud_off:"]


def test_a_missing_model_is_one_sentence(show: Show, video_id: str, encoder: ColourEncoder) -> None:
    """Without weights the pages open; search says what is missing and how to supply it."""
    encoder.missing = "The weights are missing: do this, or that"
    for page in PAGES:
        show(page, id=video_id)
    for at in (show("search", q="red"), show("search"), show("add")):
        assert [w.icon for w in at.warning] == [":material/model_training:"]
        assert "do this, or that" in at.warning[0].value


def test_a_bug_shows_no_traceback(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody foresaw is a calm sentence on the page and a traceback in the log."""
    monkeypatch.setattr(app.library, "videos", lambda: 1 / 0)
    at = show("library")
    assert "Something went wrong" in at.error[0].value
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("page", ["library", "add", "video"])
def test_a_part_that_runs_again_on_its_own_fails_calmly(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """A fragment is not inside the page's boundary when it polls; it has one of its own."""
    of = app.library if page == "video" else Overview
    asks = {"library": "these", "add": "now", "video": "video"}[page]
    real = getattr(of, asks)
    n_free = {"library": 0, "add": 1, "video": 1}[page]

    def answer_at_first(*arguments: object) -> object:
        nonlocal n_free
        n_free -= 1
        if n_free >= 0:
            return real(*arguments)
        raise DatabaseAwayError("The server cannot be reached")

    monkeypatch.setattr(of, asks, answer_at_first)
    at = show(page, id=waiting_id)
    assert [e.icon for e in at.error] == [":material/cloud_off:"]
    what_stands_beside_it = {"library": "text_input", "add": "bidi_component", "video": "button"}
    assert at.get(what_stands_beside_it[page])


def test_a_narrow_screen_has_every_listed_page_at_its_foot(show: Show) -> None:
    """The bar at the foot links the pages that the navigation lists."""
    links = [element.proto.label for element in show("library").get("page_link")]
    assert links == ["Search", "Library", "Add", "Measure", "Settings"]


def test_settings_say_what_it_runs_on(show: Show, app: App, video_id: str) -> None:
    """Database, folder, counts, model and the variables are all there."""
    library, variables, model, versions = (
        dict(f["rows"]) for f in drawn(show("settings"), "facts")
    )
    assert library["Searchable"] == "1 video, 2 clips"
    assert library["Folder"] == str(app.settings.data)
    assert {"REELSEEK_DATA", "REELSEEK_MODEL", "REELSEEK_SAMPLING"} <= set(variables)
    assert (model["A frame every"], model["Sampling"][:5]) == ("1 s", "auto:")
    assert model["State"] == "Mean colours are ready."
    assert "4 dimensions" in model["Index made by"]
    assert "not installed" not in versions.values()
