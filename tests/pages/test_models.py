"""The models on the Settings page: which one searches, how far another one is, and the switch."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core import bootstrap, shared
from core.bootstrap import App, open_app
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.pages.conftest import Show, drawn, texts

FIRST, SECOND = "wf_embeddings_clip_video", "wf_embeddings_clip_video_2"


@pytest.fixture
def video_id(settings: Settings, app: App, film: object, monkeypatch: pytest.MonkeyPatch) -> str:
    """A video, indexed with the first model; every model is found wherever it is looked for."""
    monkeypatch.setattr(bootstrap, "ClipEncoder", lambda *_, **__: ColourEncoder())
    added = app.intake.add_file(film)  # type: ignore[arg-type]
    app.worker().drain([added.video.video_id])
    return added.video.video_id


@pytest.fixture
def other(settings: Settings, video_id: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The app behind the pages, of which another model was asked."""
    opened = open_app(settings, encoder=ColourEncoder(model="other"))
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: opened))
    yield opened
    opened.close()


def has_choice(at: AppTest) -> bool:
    """Whether models are drawn beside each other."""
    return "Search models" in [one["title"] for one in drawn(at, "facts")]


def labels(at: AppTest) -> dict[str, bool]:
    """The buttons, and whether each can be pressed."""
    return {button.label: not button.disabled for button in at.button}


def test_one_model_is_no_choice(show: Show, video_id: str) -> None:
    """Nothing is drawn about models beside each other."""
    assert not has_choice(show("settings"))


def test_another_model_from_the_making_to_the_way_back(show: Show, other: App) -> None:
    """Named, made, switched to, gone back from: each step is said, and has its one button."""
    at = show("settings")
    assert has_choice(at)
    assert "a worker begins with it" in texts(at)
    library = other.library
    library.indexes.queue(library.indexes.add(ColourEncoder(model="other").info(), "other.pt"))
    at = show("settings")
    assert "**mean colour** :green-badge[:material/check: searches now]" in texts(at)
    assert "**other** is being made ready" in texts(at)
    assert labels(at) == {"Switch to other": False}
    assert other.worker().index_next(threading.Event())
    at = show("settings")
    assert labels(at) == {"Switch to other": True}
    at.button(key=f"use-{SECOND}").click().run()
    assert not at.exception
    assert library.index_name == SECOND
    assert "**other** :green-badge[:material/check: searches now]" in texts(at)
    assert "**mean colour** :gray-badge[kept]" in texts(at)
    assert labels(at) == {"Go back to mean colour": True, "Remove": True}
    at.button(key=f"use-{FIRST}").click().run()
    assert not at.exception
    assert library.index_name == FIRST
    assert labels(at) == {"Switch to other": True}


def test_the_kept_one_is_removed_after_a_question(show: Show, other: App) -> None:
    """The dialog says what is lost, and does nothing yet; what goes is said until it is gone."""
    library = other.library
    other.worker().index_next(threading.Event())
    library.indexes.use(SECOND)
    at = show("settings")
    at.button(key=f"remove-{FIRST}").click().run()
    assert "To go back to it later, all are indexed again." in texts(at)
    assert {"Keep it", "Remove it"} <= set(labels(at))
    assert len(library.indexes.all()) == 2
    other.models.remove(FIRST)
    assert "**mean colour** is being removed" in texts(show("settings"))
    while library.indexes.remove_some():
        pass
    assert not has_choice(show("settings"))


def test_a_model_that_is_not_there_is_said(
    show: Show, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that serves goes on; why the other is not made is one sentence."""
    own = other.models._given
    assert isinstance(own, ColourEncoder)
    own.missing = "There is no checkpoint at other.pt."
    at = show("settings")
    assert "names another model. There is no checkpoint at other" in texts(at).replace("\\", "")
    assert "searches now" in texts(at)
