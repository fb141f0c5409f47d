"""Makes the pictures of the documents, from the demo library: `python -m docs.screenshots`.

With --all it also looks at every page, wide and narrow, light and dark, and leaves those pictures
in build/screenshots for a person to judge. Needs what the browser tests need.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests import demo
from tests.app_server import ROOT, AppServer
from tests.e2e import screens
from tests.e2e.conftest import CHROMIUM, FLAGS

IMAGES = ROOT / "docs/images"
WIDE_PX, NARROW_PX = (1280, 800), (390, 844)
SEARCH = "a star"


def take(page: Page, server: AppServer, folder: Path, ending: str = "") -> None:
    """Photograph every page into `folder`."""
    page.goto(f"{server.url}/search")
    page.get_by_role("heading", name="What do you remember?").wait_for()
    _shoot(page, folder / f"start{ending}.png")
    screens.ask(page, SEARCH).first.click()
    screens.wait_until_playing(page)
    page.get_by_test_id("player").evaluate("v => v.pause()")
    group = page.get_by_role("group", name="Moments, best first")
    for strip in group.get_by_test_id("tile-heat").all():
        strip.wait_for()
    _shoot(page, folder / f"search{ending}.png")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_test_id("picture-drop").wait_for()
    _shoot(page, folder / f"more{ending}.png")
    page.goto(f"{server.url}/search?q=qwzx+vbnm&to=9")
    page.get_by_role("heading", name="Nothing here matches").wait_for()
    _shoot(page, folder / f"empty{ending}.png")
    page.goto(f"{server.url}/measure")
    page.get_by_role("heading", name="Measure").or_(
        page.get_by_role("heading", name="No right answers yet")
    ).first.wait_for()
    _shoot(page, folder / f"measure{ending}.png")
    page.goto(f"{server.url}/library")
    screens.poster(page, "At the pool").wait_for()
    _shoot(page, folder / f"library{ending}.png")
    screens.poster(page, "Rooftop in fog").click()
    screens.wait_until_at(page, 0)
    page.get_by_role("group", name="Clips of this video").get_by_test_id("tile").nth(3).wait_for()
    _shoot(page, folder / f"video{ending}.png")
    page.goto(f"{server.url}/add")
    screens.rows(page, "Searchable").first.wait_for()
    _shoot(page, folder / f"add{ending}.png")
    page.goto(f"{server.url}/settings")
    page.get_by_role("heading", name="What can be set").wait_for()
    _shoot(page, folder / f"settings{ending}.png")


def _shoot(page: Page, path: Path) -> None:
    """Photograph the window once its pictures are there and Streamlit has come to rest."""
    page.wait_for_load_state("networkidle")
    page.locator("[data-testid=stStatusWidget]").wait_for(state="detached")
    page.wait_for_function(
        "() => [...document.images].every((image) => image.complete) && document.fonts.ready"
    )
    page.screenshot(path=path, animations="disabled")


def _page(browser: Browser, size_px: tuple[int, int], scheme: Literal["light", "dark"]) -> Page:
    viewport = {"width": size_px[0], "height": size_px[1]}
    return browser.new_context(viewport=viewport, color_scheme=scheme).new_page()


def main() -> None:
    """Prepare the demo library, start the app on it, and photograph it."""
    demo.prepare()
    IMAGES.mkdir(exist_ok=True)
    every = ROOT / "build/screenshots"
    every.mkdir(exist_ok=True)
    log = demo.FOLDER / "screenshots.log"
    with (
        AppServer(demo.FOLDER / "library", demo.MODEL, log) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        first = browser.new_page()
        first.goto(f"{server.url}/search?q=something+blue")  # the first search loads the model
        screens.results(first)
        take(_page(browser, WIDE_PX, "light"), server, every)
        for name in ("search", "library"):
            (IMAGES / f"{name}.png").write_bytes((every / f"{name}.png").read_bytes())
        if "--all" in sys.argv[1:]:
            for size_px, scheme in product((WIDE_PX, NARROW_PX), ("light", "dark")):
                take(_page(browser, size_px, scheme), server, every, f"-{size_px[0]}-{scheme}")


if __name__ == "__main__":
    main()
