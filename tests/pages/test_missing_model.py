"""A model whose weights are missing: what a worker met, in another process, is on the pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import shared
from core.bootstrap import App, open_app
from core.cli.main import main
from core.encoders.clip import ClipEncoder, import_clip
from core.model import IndexState
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest.conftest import until
from tests.pages.conftest import Show, drawn, texts

WHY = "could not be downloaded"


@pytest.fixture
def app(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The app behind the pages, without weights and where nobody answers who could send them."""
    import_clip()
    from clip import clip as inside

    address = f"http://127.0.0.1:9/{'0' * 64}/ViT-B-32.pt"
    monkeypatch.setitem(inside._MODELS, "ViT-B/32", address)  # nobody listens there
    opened = open_app(settings, encoder=_clip(tmp_path))
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: opened))
    yield opened
    opened.close()


@pytest.fixture
def working(settings: Settings, app: App, tmp_path: Path) -> App:
    """The same library as a worker's own process has it: another app, with a model of its own."""
    return open_app(settings, database=app._database, encoder=_clip(tmp_path))


def _clip(tmp_path: Path) -> ClipEncoder:
    return ClipEncoder("ViT-B/32", device="cpu", download_root=tmp_path / "cache")


def work(app: App) -> tuple[threading.Thread, threading.Event]:
    """Begin to work in a thread."""
    stop = threading.Event()
    thread = threading.Thread(target=app.worker().run, args=[stop])
    thread.start()
    return thread, stop


def test_why_the_worker_has_no_model_is_on_every_page_that_tells_of_it(
    show: Show, app: App, working: App, waiting_id: str
) -> None:
    """Where before only stood that it is downloaded when first needed."""
    assert WHY not in texts(show("add"))
    thread, stop = work(working)
    try:
        until(lambda: WHY in app.models.status().sentence, "the reason was told")
        assert app.library.video(waiting_id).state is IndexState.WAITING
        assert "ViT-B-32.pt" in app.models.status().sentence  # what to do, too
        for page in ("add", "search"):
            assert WHY in texts(show(page)).replace("\\", "")
        asked = texts(show("search", q="a car")).replace("\\", "")
        assert f"1 video waits for the model. {app.models.status().sentence}" in asked
        assert "See how far" not in asked
        assert WHY in texts(show("video", id=waiting_id)).replace("\\", "")
        rows = [row for one in drawn(show("settings"), "facts") for row in one["rows"]]
        assert [WHY in text for name, text in rows if name == "State"] == [True]
    finally:
        stop.set()
        thread.join()


def test_the_command_line_says_it_too(
    app: App, working: App, waiting_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """`status`, for people and as JSON."""
    thread, stop = work(working)
    until(lambda: WHY in app.models.status().sentence, "the reason was told")
    stop.set()
    thread.join()
    app.close()
    monkeypatch.setenv("REELSEEK_DATA", str(app.settings.data))
    monkeypatch.setattr("core.bootstrap.ClipEncoder", lambda *_, **__: _clip(tmp_path))
    assert main(["status"]) == 0
    assert WHY in capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    assert WHY in json.loads(capsys.readouterr().out)["model"]["sentence"]


def test_it_is_forgotten_when_the_model_is_there(
    app: App, working: App, waiting_id: str, settings: Settings
) -> None:
    """By the next worker that can use it."""
    thread, stop = work(working)
    until(lambda: WHY in app.models.status().sentence, "the reason was told")
    stop.set()
    thread.join()
    helped = open_app(settings, database=app._database, encoder=ColourEncoder())
    helped.worker().drain([waiting_id])
    assert app.library.video(waiting_id).state is IndexState.READY
    assert WHY not in app.models.status().sentence
