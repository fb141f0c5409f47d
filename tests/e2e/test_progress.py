"""Progress is the server's: it survives a reload, and a second browser sees the same."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app_server import AppServer
from tests.conftest import TINY_MODEL
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.films import Film, draw_film, scenes
from tests.ingest.conftest import until

# Long enough that its indexing can be watched, small enough to be drawn in a moment.
LONG = Film(
    "long", scenes("red star/black, blue ring/gray", seconds_each=2700), size_px=(160, 90), fps=2
)
PACE = re.compile(r"\d× real time · \d+ (s|min) left · .* sets the pace · on the CPU")
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
    with resting(server):  # or it could be done before everybody has looked
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
    expect(screens.rows(page, "Stopped")).to_have_count(1)


@contextmanager
def resting(server: AppServer) -> Iterator[None]:
    """Let the app's worker, its one child, do nothing while the block lasts."""
    tasks = Path(f"/proc/{server.pid}/task").glob("*/children")
    (worker,) = (int(pid) for task in tasks for pid in task.read_text().split())
    try:
        until(lambda: _rests(worker, server), "the worker rests outside a transaction")
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


def _rests(worker: int, server: AppServer) -> bool:
    """Stop the worker; where it holds the database's write lock, which Cancel needs, let it go."""
    os.kill(worker, signal.SIGSTOP)
    time.sleep(0.05)  # the kernel stops its other threads a little later
    path = server.data / "database" / "aperture.sqlite3"
    db = sqlite3.connect(path, timeout=0, isolation_level=None)
    with closing(db), suppress(sqlite3.OperationalError):
        db.execute("BEGIN IMMEDIATE")
        return True
    os.kill(worker, signal.SIGCONT)
    return False


def test_a_folder_is_weighed_up_and_added_whatever_becomes_of_the_browser(
    visit: Callable[..., Visitor], film: Path, tmp_path: Path
) -> None:
    """Asked about in one browser, begun in a second, seen to its end after a restart of the app."""
    folder = tmp_path / "archive"
    folder.mkdir()
    shutil.copy(film, folder / "first.mp4")
    (folder / "broken.mp4").write_text("no film")
    data = tmp_path / "reelseek"
    with AppServer(data, TINY_MODEL, tmp_path / "log.txt") as server:
        asking = visit().open(f"{server.url}/add")
        asking.get_by_text("Add from this server's disk").click()
        asking.get_by_label("File or folder").fill(str(folder))
        asking.get_by_role("button", name="Add", exact=True).click()
        row = screens.rows(asking, "2 files: 1.5 h of video to index")
        expect(row).to_contain_text("if it goes at 10× real time")
        asking.close()  # whoever asked is gone

        beginning = visit().open(f"{server.url}/add")
        beginning.get_by_role("button", name="Begin archive").click()
        expect(screens.rows(beginning, "Added 1 video")).to_contain_text("broken.mp4: This is not")
        screens.rows(beginning, PACE).wait_for(timeout=screens.INDEXING_LIMIT_MS)
        beginning.close()  # before its server, or it would complain that this is gone
    with AppServer(data, TINY_MODEL, tmp_path / "log.txt") as server:
        after = visit().open(f"{server.url}/add")
        expect(screens.rows(after, "Added 1 video")).to_have_count(1)
        screens.wait_until_searchable(after, 1)
        after.get_by_role("button", name="Index again first.mp4").click()
        screens.rows(after, re.compile("Waiting|Indexing")).wait_for()
        after.get_by_role("button", name="Cancel first.mp4").click()
        expect(screens.rows(after, "Stopped")).to_have_count(1)
        after.get_by_role("button", name="Dismiss archive").click()
        expect(screens.rows(after, "Added 1 video")).to_have_count(0)
        after.close()


def _percent(words: str) -> int:
    found = re.search(r"Indexing, (\d+)%", words)
    assert found is not None, words
    return int(found[1])
