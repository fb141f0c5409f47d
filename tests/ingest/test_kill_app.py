"""The app, killed at random points while a folder and uploads come in: its next start goes on.

REELSEEK_KILLS sets how many points (3), REELSEEK_KILL_VIDEOS how many films (8); what was drawn by
lot is in the test's name.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from core.bootstrap import App
from core.ingest.addition import Addition, Notes
from tests.ingest import imports
from tests.ingest.conftest import LIMIT_S, until
from tests.ingest.test_kill import N_VIDEOS, opened, ready
from tests.ingest.test_trouble import a_free_port

N_KILLS = int(os.environ.get("REELSEEK_KILLS", "3"))


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A folder of films to be named, and films to be uploaded."""
    folder = tmp_path_factory.mktemp("films")
    drawn = imports.draw_library(folder, N_VIDEOS)
    named = tmp_path_factory.mktemp("named")
    for path in drawn[::2]:
        shutil.move(path, named)
    return named, drawn[1::2]


@pytest.fixture(scope="module")
def whole(
    films: tuple[Path, list[Path]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the app leaves when nothing disturbs it, and how long it takes."""
    data = tmp_path_factory.mktemp("whole")
    began = time.monotonic()
    library = finished(data, *films)
    return {"library": library, "took_s": time.monotonic() - began}


@contextmanager
def app_on(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The app as `streamlit run app.py` starts it, and its address, once it answers."""
    port = a_free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--server.port", str(port), "--server.headless", "true")
    process = imports.start(data, "app", *options)
    said: list[str] = []
    reading = threading.Thread(target=lambda: said.extend(process.communicate()), daemon=True)
    reading.start()  # or its pipes get full

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return True
        except OSError:
            if process.poll() is not None:
                reading.join(LIMIT_S)
            assert process.poll() is None, said
            return False

    try:
        until(answers, "the app answers")
        yield process, url
    finally:
        process.kill()
        reading.join(LIMIT_S)


def press_begin(data: Path, folder: Path) -> None:
    """Leave what pressing Begin on the Add page leaves when the app is killed right after."""
    script = "from core.ingest import owner; print(owner.new_name())"
    dead = subprocess.run(
        [sys.executable, "-c", script], cwd=imports.ROOT, capture_output=True, text=True, check=True
    )
    begun = Addition("begun", str(folder), "adding", datetime.now(UTC))
    Notes(data / "additions").write(begun, dead.stdout.strip())


def send(url: str, films: Sequence[Path]) -> None:
    """Upload films until the app is gone."""
    for film in films:
        request = urllib.request.Request(
            f"{url}/api/upload?{urlencode({'name': film.name})}", data=film.read_bytes(),
            method="PUT", headers={"X-Reelseek": "upload"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_S):
                pass
        except (OSError, HTTPException):
            return


def finished(data: Path, named: Path, sent: Sequence[Path]) -> dict[str, Any]:
    """Start the app, send what is to be uploaded, and see it through; what is there then."""
    if not (data / "additions").exists():
        press_begin(data, named)
    with app_on(data) as (_, url):
        send(url, sent)
        app = opened(data)
        until(lambda: app.library.counts()[0] >= N_VIDEOS, "all films are searchable")
        until(lambda: not app.library.overview.now()[0].is_busy, "nothing is left to do")
    found = imports.snapshot(app) | {"files": own_files(app)}
    app.close()
    return found


def own_files(app: App) -> list[tuple[str, str]]:
    """The folders and endings of what Reelseek keeps; half an upload goes after 15 minutes."""
    settings = app.settings
    folders = (settings.videos_folder, settings.proxies_folder)
    return sorted((folder.name, path.suffix) for folder in folders for path in folder.glob("[!.]*"))


@pytest.mark.parametrize("lot", range(N_KILLS))
def test_a_killed_app_goes_on_where_it_was(
    films: tuple[Path, list[Path]], whole: dict[str, Any], data_folder: Path, lot: int
) -> None:
    """The folder and the uploads end as if nothing had been; no film that was done is done again.

    Uploads that had no answer are sent again, as people do.
    """
    chance = random.Random(f"kill app {lot}")
    named, sent = films
    press_begin(data_folder, named)
    with app_on(data_folder) as (process, url):
        sending = threading.Thread(target=send, args=[url, sent])
        sending.start()
        time.sleep(chance.uniform(0.0, 0.8) * whole["took_s"])  # the point is what is random
        process.kill()
        sending.join(LIMIT_S)
    done_before = ready(data_folder)
    assert finished(data_folder, named, sent) == whole["library"]
    assert done_before.items() <= ready(data_folder).items(), "done twice"
