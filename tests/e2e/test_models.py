"""Another model, as a person tries it: watched on Settings, switched to, gone back from.

Two browsers look on, and the app is started again in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from core.bootstrap import open_app
from core.settings import Settings
from tests.app_server import AppServer
from tests.conftest import TINY_MODEL
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.films import Film, draw_film, scenes

SECOND_MODEL = TINY_MODEL.with_name("second_clip.pt")
SEEN = ("red star/black, blue ring/gray, green cross/cyan", "yellow circle/gray, pink cross/brown")


def fill(data: Path, folder: Path) -> None:
    """Index two films with the first model."""
    app = open_app(Settings(data=data, model=str(TINY_MODEL)))
    films = [Film(f"film {n}", scenes(text, seconds_each=3), fps=8) for n, text in enumerate(SEEN)]
    ids = [app.intake.add_file(draw_film(film, folder)).video.video_id for film in films]
    app.worker().drain(ids)
    app.close()


def card(page: Page, words: str) -> None:
    """Wait until a model's card says this."""
    said = re.compile(words.replace(" ", r".*", 1), re.DOTALL)  # an icon stands between
    expect(page.locator("[class*='st-key-model-wf_']").filter(has_text=said)).to_be_visible()


def test_another_model_is_tried_and_taken_back(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    """Search goes on throughout; the switch holds in another browser and after a restart."""
    data = tmp_path / "reelseek"
    fill(data, tmp_path)
    with AppServer(data, SECOND_MODEL, tmp_path / "log.txt") as server:
        visitor, another = visit(), visit()
        page = visitor.open(f"{server.url}/settings")
        card(page, "tiny_clip searches now")
        page.get_by_role("button", name="Switch to second_clip").click(timeout=120_000)
        card(page, "second_clip searches now")
        card(page, "tiny_clip kept")
        elsewhere = another.open(f"{server.url}/settings")
        card(elsewhere, "second_clip searches now")
        elsewhere.goto(f"{server.url}/search")
        assert screens.moment_of(screens.ask(elsewhere, "a red star").first)[1] == 0
        page.get_by_role("button", name="Go back to tiny_clip").click()
        card(page, "tiny_clip searches now")
        page.get_by_role("button", name="Switch to second_clip").click()
        card(page, "second_clip searches now")
        visitor.leave()  # or their pages would look for a server that is gone
        another.leave()
    with AppServer(data, SECOND_MODEL, tmp_path / "log.txt") as server:
        page = visit().open(f"{server.url}/settings")
        card(page, "second_clip searches now")
        page.get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
        page.get_by_role("dialog").wait_for(state="detached")
        expect(page.get_by_text("tiny_clip")).to_have_count(0)
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
