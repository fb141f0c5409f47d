"""What is clicked or typed, which Streamlit hands on before the page runs: nothing of it is lost.

What came of it is one sentence on the page, as where the page itself fails.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.errors import DatabaseAwayError
from core.library.rights import Rights
from core.model import IndexState, Video
from core.query import Query, Right
from pages.parts import finding
from tests.pages.conftest import Show, tell

AWAY = "The server cannot be reached. Check that it runs."


def told(at: AppTest) -> list[str]:
    """What went wrong, by our own sentences; Streamlit's own box must not be there."""
    assert not at.exception
    return [str(error.value).replace("\\", "") for error in at.error]


def type_tag(at: AppTest, tag: str) -> AppTest:
    """Type a tag that is not among those to choose from, which AppTest itself has no way to do."""
    (field,) = at.multiselect
    states = at._tree.get_widget_states()
    (state,) = (one for one in states.widgets if one.id == field.id)
    state.string_array_value.data[:] = [tag]
    return at._run(states)


def test_a_tag_that_is_none_is_explained_once(show: Show, app: App, video_id: str) -> None:
    """The page stands, the tag is not there, and the next click takes the sentence away."""
    at = show("video", id=video_id)
    type_tag(at, "x" * 81)
    (sentence,) = told(at)
    assert sentence.startswith("A tag has 1 to 80 characters")
    assert (at.multiselect[0].value, app.library.tags.all()) == ([], {})
    type_tag(at, "holiday")
    assert told(at) == []
    assert app.library.tags.of(video_id) == ["holiday"]


def press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()
    assert told(at) == []


CLICKS: dict[str, tuple[str, dict[str, str], str]] = {
    "mark": ("search", {"q": "red"}, "mark"),
    "unmark": ("search", {"q": "blue"}, "unmark"),
    "mark-absent": ("search", {"q": "green"}, "mark-absent"),
    "take back": ("measure", {}, "remove-0"),
    "forget": ("search", {"q": "blue"}, "forget"),
    "open": ("search", {}, "saved-1"),
}


@pytest.fixture
def kept(app: App, video_id: str) -> str:
    """A video, of which a moment is marked and a search is saved."""
    app.library.saved.save("Blue", {"q": "blue", "floor": "0"})
    (best, *_) = app.searcher.search(Query("blue")).moments
    app.library.rights.add(Right("blue", video_id, best.span))
    return app.library.saved.all()[0].saved_id


@pytest.mark.parametrize("click", CLICKS)
def test_a_click_while_the_database_is_away_is_one_sentence(
    show: Show, app: App, kept: str, monkeypatch: pytest.MonkeyPatch, click: str
) -> None:
    """Whatever was clicked; the page says the same, and says it once."""
    page, parameters, key = CLICKS[click]
    if click == "mark-absent":
        nothing = replace(app.searcher.search(Query("green")), moments=())
        monkeypatch.setattr(finding, "find", lambda *_: nothing)
    at = show(page, **parameters)
    button = at.button(key=f"saved-{kept}" if click == "open" else key)

    def away(*_: object, **__: object) -> None:
        raise DatabaseAwayError(AWAY)

    monkeypatch.setattr(type(app._database), "query", away)
    assert told(button.click().run()) == [AWAY]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(DatabaseAwayError(AWAY), AWAY), (ZeroDivisionError("1/0"), "Something went wrong")],
)
def test_what_a_click_led_to_is_said_above_a_page_that_stands(
    show: Show, video_id: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    error: Exception, sentence: str,
) -> None:  # fmt: skip
    """Errors of ours by what they say, a bug by a calm sentence and a traceback in the log."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Rights, "add", fail)
    at = show("search", q="red")
    (said,) = told(at.button(key="mark").click().run())
    assert said.startswith(sentence)
    assert at.button(key="mark")
    assert ("ZeroDivisionError" in caplog.text) == isinstance(error, ZeroDivisionError)
    assert told(at.run()) == []


def test_cancel_and_try_again_act_on_all_that_there_is(
    show: Show, app: App, film: Path, tmp_path: Path
) -> None:
    """Though there are others by then than when the button was drawn, or it is drawn no more."""
    ids = []
    for n in range(3):
        copy = tmp_path / f"{n}.mp4"
        copy.write_bytes(film.read_bytes() + bytes(n))
        ids.append(app.intake.add_file(copy).video.video_id)
    at = show("add")
    app.library.cancel(ids[0])
    press(at, "Cancel 3 videos")
    assert {app.library.video(one).state for one in ids} == {IndexState.CANCELLED}
    at = show("add")
    app.library.requeue(ids[0])
    press(at, "Try all again")
    assert {app.library.video(one).state for one in ids} == {IndexState.WAITING}


def test_cancel_acts_on_a_video_that_is_begun_meanwhile(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page draws itself anew as soon as the state is another; the click came before."""
    at = show("video", id=waiting_id)
    real, looks = app.library.video, 0

    def video(video_id: str) -> Video:
        nonlocal looks
        looks += 1
        if looks == 2:  # between the page's look and that of the part which is drawn again
            app.library.claim("me", lease_s=60)
        return real(video_id)

    monkeypatch.setattr(app.library, "video", video)
    press(at, "Cancel")
    assert real(waiting_id).state is IndexState.CANCELLED


def test_what_a_click_led_to_outlasts_a_run_that_ends_early() -> None:
    """A part that runs again on its own leaves it to the page; a page that runs again, to that."""

    def script() -> None:
        import streamlit as st

        from core.errors import LibraryError
        from pages.parts.messages import boundary, bounded, guarded

        def fail() -> None:
            raise LibraryError("No such tag")

        run = st.session_state["run"] = st.session_state.get("run", 0) + 1
        if run == 1:
            guarded(fail)()
            bounded(lambda: st.caption("a part"))()
        with boundary():
            if run == 2:
                st.rerun()
            st.caption("the page")

    at = AppTest.from_function(script).run()
    assert told(at) == ["No such tag"]
    assert ([one.value for one in at.caption], at.session_state["run"]) == (["the page"], 3)


def test_a_click_on_the_strip_of_a_video_moves_no_other(
    show: Show, app: App, video_id: str, film: Path, tmp_path: Path
) -> None:
    """One that a run did not come to is kept, but with the video that it was for."""
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(film.read_bytes() + bytes(1))
    other_id = app.intake.add_file(copy).video.video_id
    at = show("video", id=video_id)
    at.query_params["id"] = other_id
    tell(at, "strip", "picked", {"key": "2.0", "n": 1})
    assert "t" not in at.query_params
    at.query_params["id"] = video_id
    assert "t" not in at.run().query_params
    tell(at, "strip", "picked", {"key": "2.0", "n": 2})
    assert at.query_params["t"] == "2.0"
