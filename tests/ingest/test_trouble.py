"""Imports while the disk is full, or the database away: they wait, say why, and end whole.

REELSEEK_AWAY_S sets how long the database is away (3).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App, open_app
from core.library.library import Library
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest import imports
from tests.ingest.conftest import until

AWAY_S = float(os.environ.get("REELSEEK_AWAY_S", "3"))
N_VIDEOS = 6
DISK_BYTES = 48 << 20


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of films, the same for every test."""
    folder = tmp_path_factory.mktemp("films")
    imports.draw_library(folder, N_VIDEOS)
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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of DISK_BYTES."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, leave_bytes: int) -> Path:
    """Take all of a disk's room but so much."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        for _ in range((shutil.disk_usage(disk).free - leave_bytes) // 4096):
            file.write(bytes(4096))
    return filler


@pytest.mark.parametrize("leave_kb", [300, 900, 2000])
def test_a_full_disk_ends_in_words_and_is_made_good(
    videos: Path, whole: dict[str, Any], small_disk: Path, leave_kb: int
) -> None:
    """What was stored before stays good; with room again, the next import ends whole."""
    data = small_disk / "reelseek"
    first, *_ = sorted(videos.iterdir())
    status, _, err = imports.finish(imports.start(data, "add", str(first)))
    assert status == 0, err
    filler = fill(small_disk, leave_kb << 10)
    arguments = ("add", "--yes", "--patience", "1", str(videos))
    status, _, err = imports.finish(imports.start(data, *arguments))
    assert "Traceback" not in err
    if status:
        assert "room" in err or "disk" in err.lower(), err
    filler.unlink()
    before = left(data)["videos"]
    assert before[first.name] == whole["videos"][first.name]
    for name, video in before.items():
        assert video["state"] in ("ready", "waiting", "indexing")
        assert video["state"] != "ready" or video == whole["videos"][name]
    status, _, err = imports.finish(imports.start(data, "add", str(videos)))
    assert status == 0, err
    assert left(data) == whole


def test_an_import_goes_on_when_the_disk_has_room_again(
    videos: Path, whole: dict[str, Any], small_disk: Path
) -> None:
    """Nobody has to start it again."""
    data = small_disk / "reelseek"
    opened(data).close()
    filler = fill(small_disk, 1 << 20)
    adding = imports.start(data, "add", "--yes", str(videos))
    until(lambda: shutil.disk_usage(small_disk).free < 64 << 10, "the disk is full")
    time.sleep(1)  # so that it meets that more than once
    filler.unlink()
    status, _, err = imports.finish(adding)
    assert (status, "Traceback" in err) == (0, False), err
    assert left(data) == whole


@contextmanager
def serving(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`python -m core serve` on one port."""
    environment = {**os.environ, "REELSEEK_DATA": str(data)}
    server = subprocess.Popen(
        [sys.executable, "-m", "core", "serve", "--port", str(port)], cwd=imports.ROOT,
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("Answering as ApertureDB")
        yield server
    finally:
        server.kill()
        server.communicate()


def a_free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def client_of(port: int) -> str:
    """The variable by which clients find the server."""
    return json.dumps({"host": "127.0.0.1", "port": port, "username": "admin",
                       "password": "admin", "use_ssl": False})  # fmt: skip


def test_a_database_that_was_away(videos: Path, whole: dict[str, Any], tmp_path: Path) -> None:
    """Killed in the middle of an import and started again: the import ends whole."""
    data, port = tmp_path / "server", a_free_port()
    with serving(data, port):
        adding = imports.start(
            tmp_path / "client", "add", "--yes", str(videos),
            APERTUREDB_JSON=client_of(port), ADB_LOG_FILE="",
        )  # fmt: skip
        watched = opened(data)
        until(lambda: n_ready(watched.library) >= 2, "two films are in")
        watched.close()
    time.sleep(AWAY_S)
    assert adding.poll() is None
    with serving(data, port):
        status, _, err = imports.finish(adding)
    assert status == 0, err
    assert left(data) == whole


def n_ready(library: Library) -> int:
    return library.counts()[0]
