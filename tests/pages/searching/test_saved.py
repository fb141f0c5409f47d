"""Searches that are kept under a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core import shared
from core.bootstrap import App, open_app
from core.library.saved import SavedSearches
from core.query import Query, Wanted
from tests.pages.conftest import Show, texts
from tests.pages.searching.conftest import labels, press


def test_a_saved_search_keeps_how_much_it_shows(show: Show, app: App) -> None:
    """How sure, all of a video, padding and edges belong to it; opened, they are in the address."""
    at = show("search", q="a star", floor="0.2", all="1", pad="2", exact="1", n="72")
    next(one for one in at.text_input if one.label == "Name").set_value("Stars")
    press(at, "Save this search")
    (saved,) = app.library.saved.all()
    try:
        wanted = {"floor": "0.2", "all": "1", "pad": "2", "exact": "1"}
        assert saved.params == {"q": "a star", **wanted}
        assert "Saved" in texts(at)
        assert "Saved" not in texts(show("search", q="a star")).splitlines()
        at = press(show("search"), "Stars")
        assert {name: at.query_params[name] for name in saved.params} == saved.params
        assert app.searcher.n_new(
            Query("a star"), replace(saved, seen_at=saved.seen_at.replace(year=2000)),
            Wanted(floor=1.0),
        ) == 0  # fmt: skip
    finally:
        app.library.saved.delete(saved.saved_id)


def test_a_saved_search_is_asked_about_before_it_is_forgotten(show: Show, app: App) -> None:
    """What stands on the page says only that it is saved; the button inside takes it away."""
    saved_id = app.library.saved.save("Stars", {"q": "a star"}).saved_id
    try:
        at = show("search", q="a star")
        assert "Saved" not in labels(at)
        assert "Saved as Stars" in texts(at)
        press(at, "Forget")
        assert app.library.saved.all() == []
        assert "Forget" not in labels(at)
    finally:
        app.library.saved.delete(saved_id)


@pytest.fixture
def restarted(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The same library behind the pages of a new process, which has loaded no model."""
    own = open_app(app.settings)
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: own))
    yield own
    own.close()


def test_what_is_new_waits_for_the_model_to_be_loaded(
    show: Show, restarted: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights on the disk are not read just to count; who searches loads them."""
    long_ago = {"_date": "2000-01-01T00:00:00+00:00"}
    monkeypatch.setattr(SavedSearches, "_now", lambda _: long_ago)
    saved = restarted.library.saved.save("Stars", {"q": "a star"})
    try:
        assert restarted.encoder.status().state == "ready"
        assert "Stars  **3 new videos**" in labels(show("search"))
        assert not restarted.encoder.is_loaded
        n_stars = restarted.searcher.search("a star").n_matches
        assert f"Stars  **{n_stars} new**" in labels(show("search"))
    finally:
        restarted.library.saved.delete(saved.saved_id)
