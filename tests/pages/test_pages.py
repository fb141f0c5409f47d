"""What each page says in each state of the library, the model and the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap import App
from core.errors import DatabaseAwayError
from core.model import IndexState
from tests.fakes import ColourEncoder
from tests.pages.conftest import Show, texts

HOSTILE = "<img src=x onerror=alert(1)> **\"'` 🎬 $x$ :red[no]"
PAGES = ("search", "library", "video", "add", "settings")


@pytest.fixture
def video_id(app: App, film: Path) -> str:
    """A video that is searchable."""
    added = app.intake.add_file(film, name=HOSTILE)
    app.worker().drain([added.video.video_id])
    assert app.library.video(added.video.video_id).state is IndexState.READY
    return added.video.video_id


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_library(show: Show, page: str) -> None:
    """An empty library is explained, with the way to fill it."""
    at = show(page)
    if page in ("search", "library"):
        assert [b.label for b in at.button if b.label == "Add videos"]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_a_hostile_name(show: Show, video_id: str, page: str) -> None:
    """A name with markup, quotes and emoji is only text: its marks are escaped."""
    said = texts(show(page, id=video_id))
    assert ":red[no]" not in said
    assert "$x$" not in said
    if page in ("video", "add"):
        assert "🎬" in said


def test_a_search_finds_and_says_how_much_it_looked_at(show: Show, video_id: str) -> None:
    """A query from the address is searched for; the best moment is the red one."""
    at = show("search", q="red")
    assert "of 1 video" in texts(at)
    assert "score" in texts(at)


def test_a_search_limited_to_nothing_says_so(show: Show, video_id: str) -> None:
    """Where the scope holds nothing, the empty state says what was looked at."""
    at = show("search", q="red")
    at.number_input(key="from").set_value(3600).run()
    assert "Nothing found" in texts(at)


def test_a_missing_model_is_one_sentence(show: Show, video_id: str, encoder: ColourEncoder) -> None:
    """Without weights the pages open; search says what is missing and how to supply it."""
    encoder.missing = "The weights are missing. Do this, or that."
    for page in PAGES:
        show(page, id=video_id)
    at = show("search", q="red")
    assert [w.value for w in at.warning] == [encoder.missing]


def test_a_video_that_is_not_there(show: Show) -> None:
    """An unknown id is a sentence and a way back."""
    at = show("video", id="no-such-id")
    assert "No such video" in texts(at)
    assert [b.label for b in at.button] == ["Open the library"]


@pytest.mark.parametrize("t", ["nan", "-5", "1e99", "soon", "12.5"])
def test_any_time_in_an_address_is_taken_or_ignored(show: Show, video_id: str, t: str) -> None:
    """A deep link's time may be nonsense."""
    show("video", id=video_id, t=t)


def test_a_failed_video_says_why_and_can_be_tried_again(show: Show, app: App, film: Path) -> None:
    """The Add page shows the sentence of a failure; Try again puts the video back in the queue."""
    video_id = app.intake.add_file(film).video.video_id
    assert app.library.claim("me", lease_s=60) is not None
    app.library.fail(video_id, "me", "The film broke.")
    at = show("add")
    assert "The film broke." in texts(at)
    at.button(key=f"do-{video_id}").click().run()
    assert app.library.video(video_id).state is IndexState.WAITING


def test_a_waiting_video_can_be_cancelled(show: Show, app: App, film: Path) -> None:
    """Cancel stops a video that waits."""
    video_id = app.intake.add_file(film).video.video_id
    show("add").button(key=f"do-{video_id}").click().run()
    assert app.library.video(video_id).state is IndexState.CANCELLED


def test_adding_by_path(show: Show, app: App, film: Path) -> None:
    """A path on the server is added where it lies; a wrong one is a sentence."""
    at = show("add")
    at.text_input[0].set_value(str(film.parent / "nowhere"))
    at.button[0].click().run()
    assert "nowhere" in texts(at)
    at.text_input[0].set_value(str(film))
    at.button[0].click().run()
    assert [v.path for v in app.library.videos()] == [str(film)]


def test_a_database_that_is_away_is_one_sentence(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database does not answer, every page says so instead of failing."""

    def away(*_: object) -> None:
        raise DatabaseAwayError("The server cannot be reached. Check that it runs.")

    monkeypatch.setattr(app._database, "query", away)
    for page in PAGES:
        assert [e.value for e in show(page, id="x").error] == [
            "The server cannot be reached. Check that it runs."
        ]


def test_a_bug_shows_no_traceback(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody foresaw is a calm sentence on the page and a traceback in the log."""
    monkeypatch.setattr(app.library, "videos", lambda: 1 / 0)
    at = show("library")
    assert "Something went wrong" in at.error[0].value
    assert "ZeroDivisionError" in caplog.text
