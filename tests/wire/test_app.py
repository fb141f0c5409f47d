"""The app on a server: this one, with the embedded engine behind it, chosen by the environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import bootstrap
from core.engine.engine import Engine
from core.media.probe import probe
from core.model import IndexState
from core.settings import Settings
from core.wire.server import Server
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw
from tests.wire.raw import PASSWORD


def _moments(settings: Settings, film: Path) -> list[Any]:
    """Add a film, index it, and search; what a person would see."""
    app = bootstrap.open_app(settings, encoder=ColourEncoder())
    try:
        added = app.intake.add_file(film)
        app.worker().drain([added.video.video_id])
        (video,) = app.library.videos()
        assert video.state is IndexState.READY, video.error
        found = app.searcher.search("blue", limit=3)
        return [found.n_clips, *((one.name, one.span, one.best_s, round(one.distance, 6))
                                 for one in found.moments)]  # fmt: skip
    finally:
        app.close()


def test_nothing_changes_on_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same film gives the same moments on the embedded engine and over the wire."""
    film = draw(tmp_path / "film.mp4", "red blue green")
    embedded = _moments(Settings(data=tmp_path / "embedded"), film)
    engine = Engine(tmp_path / "behind", probe_video=probe)
    with Server(engine, port=0, password=PASSWORD) as server:
        host, port = server.address
        said = {"host": host, "port": port, "username": "admin", "password": PASSWORD}
        monkeypatch.setenv("APERTUREDB_JSON", json.dumps({**said, "use_ssl": False}))
        on_server = Settings(data=tmp_path / "app", server="APERTUREDB_JSON")
        assert _moments(on_server, film) == embedded
    engine.close()
    assert embedded[0] == 3
    assert not (tmp_path / "app" / "database").exists()
