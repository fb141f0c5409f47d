"""A team's server that goes away and comes back while somebody looks on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.app_server import AppServer
from tests.conftest import TINY_MODEL
from tests.e2e.conftest import Visitor
from tests.machine import Machine

BACK_MS = 90_000  # the pool's longest pause, and the page's own


def row(page: Page, name: str, words: str) -> None:
    """Wait until a row of the Settings page says this."""
    said = re.compile(f"{name}.*{words}", re.DOTALL)
    expect(page.locator(".st-key-library-facts")).to_contain_text(said, timeout=BACK_MS)


def test_a_page_heals_by_itself(
    visit: Callable[..., Visitor], machine: Machine, tmp_path: Path
) -> None:
    """It says which database is in use and since when, that it is away, and goes on by itself."""
    data, log = tmp_path / "reelseek", tmp_path / "log.txt"
    with AppServer(data, TINY_MODEL, log, server=machine.said) as server:
        page = visit().open(f"{server.url}/settings")
        row(page, "Database", f"ApertureDB server at 127.0.0.1:{machine.port}, chosen by")
        row(page, "Answers", r"ApertureDB 0\.19\.6, since \S+")
        machine.off()
        page.reload()
        expect(page.get_by_text("does not answer")).to_be_visible(timeout=BACK_MS)
        expect(page.get_by_text("Looking for it every few seconds")).to_be_visible()
        machine.on()
        row(page, "Answers", r"ApertureDB 0\.19\.6, since \S+")
        assert "Traceback" not in server.read_log()
