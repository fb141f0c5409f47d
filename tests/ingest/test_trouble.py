"""Imports while the database is away: they wait, say why, and end whole.

REELSEEK_AWAY_S sets for how long (3). A worker's lease is a tenth shorter, as `make kill` has it
with the real one: 22 s. So every claim runs out meanwhile, and may go to somebody else.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App, open_app
from core.ingest.attempt import LEASE_S
from core.settings import Settings
from tests.fakes import COLOURS, ColourEncoder
from tests.ingest import imports
from tests.ingest.conftest import draw, until
from tests.ingest.servers import a_free_port, app_on, client_of, press_begin, serving

AWAY_S = float(os.environ.get("REELSEEK_AWAY_S", "3"))
N_VIDEOS = 6
LONG = "02 long.mp4"  # 160 scenes of a second, seconds of work


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of films, the same for every test."""
    folder = tmp_path_factory.mktemp("films")
    imports.draw_library(folder, N_VIDEOS - 1)
    draw(folder / LONG, " ".join(sorted(COLOURS) * 20), fps=4)
    return folder


@pytest.fixture(scope="module")
def whole(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an import that nothing disturbed leaves."""
    data = tmp_path_factory.mktemp("whole")
    status, _, err = imports.finish(imports.start(data, "add", str(videos)))
    assert status == 0, err
    return left(data)


def opened(data: Path) -> App:
    return open_app(Settings(data=data), encoder=ColourEncoder())


def left(data: Path) -> dict[str, Any]:
    """What an import left."""
    app = opened(data)
    try:
        return imports.snapshot(app)
    finally:
        app.close()


@pytest.mark.parametrize("who", ["add", "add and worker", "app"])
def test_a_database_that_was_away(
    videos: Path, whole: dict[str, Any], tmp_path: Path, who: str
) -> None:
    """Killed in the middle of a film and started again: the import ends whole, by itself."""
    data, port = tmp_path / "server", a_free_port()
    with ExitStack() as stack:
        with serving(data, port):
            processes = [stack.enter_context(one) for one in importing(who, videos, tmp_path, port)]
            until(lambda: has_begun_the_long_one(data), "it is in the middle of a film")
        time.sleep(AWAY_S)
        assert [process.poll() for process in processes] == [None] * len(processes)
        assert has_run_out(data)
        with serving(data, port):
            if who == "app":
                until(lambda: n_ready(data) == N_VIDEOS, "all films are searchable")
            else:
                status, _, err = imports.finish(processes[0])
                assert status == 0, err
    assert left(data) == whole


def importing(
    who: str, videos: Path, folder: Path, port: int
) -> Iterator[AbstractContextManager[subprocess.Popen[str]]]:
    """The processes of an import into a server, whose lease is shorter than that will be away."""
    more = {"APERTUREDB_JSON": client_of(port), "ADB_LOG_FILE": "",
            "TEST_LEASE_S": str(min(LEASE_S, AWAY_S / 1.1))}  # fmt: skip
    if who == "app":
        press_begin(folder / "client", videos)
        yield started_app(folder / "client", more)
        return
    yield ended(imports.start(folder / "client", "add", "--yes", str(videos), **more))
    if who == "add and worker":
        yield ended(imports.start(folder / "beside", "worker", **more))


@contextmanager
def started_app(data: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with app_on(data, **environment) as (process, _):
        yield process


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """End a process with the block, if it has not ended by itself."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def videos_in(data: Path) -> list[dict[str, Any]]:
    """The videos with their leases, read beside the server or while it is away."""
    app = opened(data)
    try:
        keys = ["name", "index_state", "index_lease_until"]
        (answer,), _ = app._database.query(
            [{"FindVideo": {"blobs": False, "results": {"list": keys}}}]
        )
        return answer["FindVideo"].get("entities") or []
    finally:
        app.close()


def has_begun_the_long_one(data: Path) -> bool:
    states = {video["name"]: video["index_state"] for video in videos_in(data)}
    assert states.get(LONG) != "ready", "it was too fast"
    return states.get(LONG) == "indexing"


def has_run_out(data: Path) -> bool:
    """Whether the lease of the film that was under way is over."""
    (long,) = [video for video in videos_in(data) if video["name"] == LONG]
    return bool(long["index_state"] == "indexing" and long["index_lease_until"] < time.time() * 1e6)


def n_ready(data: Path) -> int:
    return sum(video["index_state"] == "ready" for video in videos_in(data))
