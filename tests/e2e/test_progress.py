"""Progress is the server's: it survives a reload, and a second browser sees the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app_server import AppServer
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.films import Film, draw_film, scenes

# Long enough that its indexing can be watched, small enough to be drawn in a moment.
LONG = Film(
    "long", scenes("red star/black, blue ring/gray", seconds_each=900), size_px=(160, 90), fps=2
)
UNDER_WAY = re.compile(r"Indexing, [1-9]\d?%")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_film(LONG, tmp_path_factory.mktemp("long"))


def test_progress_survives_a_reload_and_is_seen_by_others(
    server: AppServer, visit: Callable[..., Visitor], film: Path
) -> None:
    """A reload starts nothing again; another browser and the library see it; cancel ends it."""
    page = visit().open(f"{server.url}/add")
    screens.drop(page, [film])
    row = screens.rows(page, UNDER_WAY)
    row.wait_for(timeout=screens.INDEXING_LIMIT_MS)
    before = _percent(row.inner_text())

    page.reload()
    row.wait_for()
    assert _percent(row.inner_text()) >= before

    other = visit().open(f"{server.url}/add")
    screens.rows(other, UNDER_WAY).wait_for()
    elsewhere = visit(expect_errors=r"404 .*/poster$").open(f"{server.url}/library")
    # Its poster is not made yet; the tile does without.
    expect(screens.poster(elsewhere, "long")).to_contain_text("Indexing")

    other.get_by_role("button", name="Cancel").click()
    expect(screens.rows(other, "Stopped")).to_have_count(1)
    expect(screens.rows(page, "Stopped")).to_have_count(1)


def _percent(words: str) -> int:
    found = re.search(r"Indexing, (\d+)%", words)
    assert found is not None, words
    return int(found[1])
