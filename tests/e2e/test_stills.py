"""A library that ApertureDB's own workflow wrote, in a real browser: no tile of it is blank."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, expect

from core.bootstrap import connect
from core.encoders.clip import ClipEncoder
from core.settings import Settings
from tests import workflow
from tests.app_server import AppServer
from tests.conftest import TINY_MODEL
from tests.e2e.conftest import Visitor
from tests.films import Film, draw_film, scenes

_IS_DRAWN = "image => image.complete && image.naturalWidth === 320"


@pytest.fixture(scope="module")
def app(server: AppServer, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """Two videos, indexed by another program while the app runs."""
    folder = tmp_path_factory.mktemp("theirs")
    lines = ("yellow circle/gray, red square/black", "white cross/brown, blue square/cyan")
    films = [
        Film(f"film {at}", scenes(line, seconds_each=4), size_px=(320, 180))
        for at, line in enumerate(lines)
    ]
    encoder = ClipEncoder(str(TINY_MODEL))
    info = encoder.info()
    made_by = {"provider": "clip", "model": info.model, "pretrained": info.pretrained}
    client = connect(Settings(data=server.data, model=str(TINY_MODEL)))
    workflow.ingest(client, {film.name: draw_film(film, folder) for film in films})
    workflow.run(client, encoder, dimensions=info.dimensions, made_by=made_by)
    client.close()
    return server


def expect_drawn(tiles: Locator) -> None:
    """Wait until each of these tiles shows a picture; what failed to load has no width."""
    for at in range(tiles.count()):
        image = tiles.nth(at).locator("img").first.element_handle()
        tiles.page.wait_for_function(_IS_DRAWN, arg=image)


def test_no_tile_is_blank(app: AppServer, visit: Callable[..., Visitor]) -> None:
    """Neither on the library's page nor among the moments; no request failed meanwhile."""
    page = visit().open(f"{app.url}/library")
    tiles = page.get_by_role("group", name="Videos").get_by_test_id("tile")
    expect(tiles).to_have_count(2)
    expect_drawn(tiles)
    page = visit().open(f"{app.url}/search?q={quote('a blue square')}")
    found = page.get_by_role("group", name="Moments, best first").locator(".cell")
    expect(found.first).to_be_visible()
    expect_drawn(found)
    kept = list((app.data / "stills").iterdir())
    assert len(kept) >= 3, "and the next visitor waits for no decoder"
