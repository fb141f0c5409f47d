"""Four small drawn videos, in an app that a visitor filled with them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.app_server import AppServer
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.films import Film, draw_film, scenes

SCENES = (
    "yellow circle/black, red square/black, white star/black, red square/black, green cross/black",
    "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
    "white cross/brown, blue square/brown, green triangle/brown, yellow ring/brown",
    "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
)
SCENE_S = 4.0


def fill(server: AppServer, browser: Browser, folder: Path) -> AppServer:
    """Add the videos "film 0" to "film 3" and wait until they are searchable."""
    films = [
        Film(f"film {at}", scenes(line, seconds_each=SCENE_S), size_px=(320, 180))
        for at, line in enumerate(SCENES)
    ]
    visitor = Visitor(browser.new_context())
    page = visitor.open(f"{server.url}/add")
    screens.choose(page, [draw_film(film, folder) for film in films])
    screens.wait_until_searchable(page, len(films))
    visitor.leave()
    return server
