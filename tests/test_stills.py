"""Pictures of a library that ApertureDB's own workflow wrote, which has none: the app shows them.

Real films, the tiny CLIP; the real engine, in process and over the wire.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core import shared
from core.bootstrap import App, connect, open_app
from core.editing import Resize
from core.encoders.clip import ClipEncoder
from core.library.database import n_writes
from core.media import edits
from core.settings import Settings
from core.web.routes import routes
from tests import workflow
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.pages.conftest import MAIN, only, own_main_module

__all__ = ["own_main_module"]  # for the test that draws a page

HOLIDAY = Film(
    "holiday", scenes("red star/cyan, blue circle/gray, green ring/brown", seconds_each=4)
)
UPRIGHT = Film(
    "upright", scenes("yellow cross/black, white triangle/cyan", seconds_each=4),
    size_px=(180, 320), codec="mpeg4 avi",
)  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {film.name: draw_film(film, folder) for film in (HOLIDAY, UPRIGHT)}


@pytest.fixture(scope="module")
def encoder() -> ClipEncoder:
    return ClipEncoder(str(TINY_MODEL))


@pytest.fixture(params=["engine", "wire"])
def app(
    request: pytest.FixtureRequest, tmp_path: Path, films: dict[str, Path], encoder: ClipEncoder
) -> Iterator[App]:
    """The app on films that the workflow has indexed: its own database, or one behind the wire."""
    server = None
    if request.param == "wire":
        request.getfixturevalue("machine")
        server = "APERTUREDB_JSON"
    settings = Settings(data=tmp_path / "app", model=str(TINY_MODEL), server=server)
    app = open_app(settings, encoder=encoder)
    client = connect(settings)
    workflow.ingest(client, films)
    info = encoder.info()
    made_by = {"provider": "clip", "model": info.model, "pretrained": info.pretrained}
    workflow.run(client, encoder, dimensions=info.dimensions, made_by=made_by)
    client.close()
    yield app
    app.close()


@pytest.fixture
def browser(app: App) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(app)), base_url="http://127.0.0.1") as client:
        yield client


def read(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return np.asarray(image.convert("RGB"))


def shows(answered: bytes, film: Path, number: int, *, width_px: int) -> bool:
    """Say whether a JPEG is this frame of a film, at this width."""
    (frame,) = edits.pictures(film, [number], [Resize(width_px=width_px)])
    seen = read(answered)
    assert seen.shape == frame.shape
    return float(np.abs(seen.astype(int) - frame).mean()) < 4


def test_each_moment_has_its_picture(app: App, films: dict[str, Path], browser: TestClient) -> None:
    """The very frame that the workflow looked at, as small as the pictures of other moments."""
    moment = app.searcher.search("a blue circle").moments[0]
    assert 4 <= moment.best_s < 8
    ids = {round(video.facts.duration_s): video.video_id for video in app.library.videos()}
    assert moment.video_id == ids[12]
    before = n_writes(app._database)
    for clip in app.library.clips(moment.video_id):
        address = f"/api/video/{moment.video_id}/picture?t={clip.best_s}"
        answer = browser.get(address)
        assert answer.status_code == 200
        assert shows(answer.content, films["holiday"], round(clip.best_s * 12), width_px=400)
        assert len(answer.content) < 40_000
        known = {"If-None-Match": answer.headers["etag"]}
        assert browser.get(address, headers=known).status_code == 304
    answer = browser.get(f"/api/video/{ids[8]}/picture?t=99")
    assert shows(answer.content, films["upright"], 95, width_px=180), "the last"
    assert n_writes(app._database) == before, "nothing is stored"
    assert app.library.picture(moment.video_id, 4) is None


def test_each_tile_of_the_library_has_a_picture(
    app: App, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The poster that the page names is there."""
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: app))
    at = AppTest.from_file(MAIN, default_timeout=30).switch_page("library.py").run()
    assert not at.exception
    tiles = only(at, "tiles")["tiles"]
    assert len(tiles) == 2
    sizes = {read(browser.get(tile["image"]).content).shape for tile in tiles}
    assert sizes == {(225, 400, 3), (320, 180, 3)}


def test_a_film_that_cannot_be_decoded_stays_blank(
    app: App, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As before: 404, which no browser keeps; the pages go on."""

    def refuse(*_: object, **__: object) -> object:
        raise edits.MediaError("Its pictures cannot be decoded.")

    monkeypatch.setattr(edits, "pictures", refuse)
    video = app.library.videos()[0]
    for rest in ("poster", "picture?t=1"):
        answer = browser.get(f"/api/video/{video.video_id}/{rest}")
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert app.searcher.search("a blue circle").moments


def test_a_deleted_film_leaves_no_picture(app: App, browser: TestClient) -> None:
    """Neither here nor in an answer."""
    video = app.library.videos()[0]
    address = f"/api/video/{video.video_id}/picture?t=1"
    assert browser.get(address).status_code == 200
    assert len(list(app.settings.stills_folder.iterdir())) == 1
    app.delete(video.video_id)
    assert list(app.settings.stills_folder.iterdir()) == []
    assert browser.get(address).status_code == 404
