"""A real Chromium, the app as a user starts it, and visitors who notice whatever goes wrong.

A visitor is a browser context of its own (a second one is a second browser to the app). When a test
ends, each visitor says whether a page asked anything of another host, or logged an error.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.app_server import AppServer
from tests.conftest import TINY_MODEL

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# No sandbox: build servers run as root. The rest keeps Chromium itself from calling home.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# On a page such as /add, Streamlit's frontend asks below that path first, then where its server is.
STREAMLITS_GUESSES = re.compile(r"/_stcore/(health|host-config)$")
WAIT_MS = 30_000  # for a page to show what it should; indexing has limits of its own


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark these tests, and skip them where there is no Chromium."""
    missing = not Path(CHROMIUM).exists()
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.e2e)
        if missing:
            reason = f"no Chromium at {CHROMIUM}: on Debian, apt-get install chromium"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; nothing is downloaded.

    For one module at a time: while Playwright is open, no other test of this process could run an
    event loop.
    """
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with an empty library of this module's own."""
    folder = tmp_path_factory.mktemp("app")
    with AppServer(folder / "reelseek", TINY_MODEL, folder / "log.txt") as server:
        yield server
    assert "Traceback" not in server.read_log()


class Visitor:
    """One browser context, and what it should not have done."""

    def __init__(self, context: BrowserContext, expect_errors: str = "(?!)") -> None:
        self.context = context
        self._expected = re.compile(expect_errors)
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        context.set_default_timeout(WAIT_MS)
        context.on("request", lambda request: self._note_address(request.url))
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def open(self, address: str) -> Page:
        """A new tab at this address."""
        page = self.context.new_page()
        page.goto(address)
        return page

    def leave(self) -> None:
        """Close every tab; what was noted stays."""
        self.context.close()

    def _note_address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.hostname != "127.0.0.1":
            self.elsewhere.append(url)

    def _note_console(self, message: ConsoleMessage) -> None:
        said = f"{message.text} {message.location['url']}"
        is_known = STREAMLITS_GUESSES.search(said) or self._expected.search(said)
        if message.type == "error" and not is_known:
            self.errors.append(said)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make visitors; at the end all of them must have stayed on 127.0.0.1 and seen no error."""
    visitors: list[Visitor] = []

    def visit(expect_errors: str = "(?!)", **options: Any) -> Visitor:
        visitors.append(Visitor(browser.new_context(**options), expect_errors))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.leave()
    assert [url for visitor in visitors for url in visitor.elsewhere] == []
    assert [error for visitor in visitors for error in visitor.errors] == []
