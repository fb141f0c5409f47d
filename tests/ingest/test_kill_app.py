"""The app, killed at random points while a folder and uploads come in: its next start goes on.

REELSEEK_KILLS sets how many points (3), REELSEEK_KILL_VIDEOS how many films (8); what was drawn by
lot is in the test's name. `make kill` draws 50 of 20.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from core.bootstrap import App
from tests.ingest import imports
from tests.ingest.conftest import LIMIT_S, until
from tests.ingest.servers import app_on, press_begin
from tests.ingest.test_kill import MOST_DRAWN, N_VIDEOS, opened, ready

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
    """What the app leaves when nothing disturbs it, and how long it takes from the first video."""
    app = opened(tmp_path_factory.mktemp("whole"))
    begins = first_registered(app)
    library = finished(app, *films)
    took_s = time.monotonic() - begins()
    app.close()
    return {"library": library, "took_s": took_s}


def first_registered(app: App) -> Callable[[], float]:
    """Wait beside others for the first video; the function given says when that was."""
    seen: list[float] = []

    def look() -> None:
        until(lambda: bool(imports.standing(app)), "the first is registered")
        seen.append(time.monotonic())

    looking = threading.Thread(target=look)
    looking.start()

    def when() -> float:
        looking.join()
        return seen[0]

    return when


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


def finished(app: App, named: Path, sent: Sequence[Path]) -> dict[str, Any]:
    """Start the app, send what is to be uploaded, and see it through; what is there then."""
    data = app.settings.data
    if not (data / "additions").exists():
        press_begin(data, named)
    with app_on(data) as (_, url):
        send(url, sent)
        until(lambda: app.library.counts()[0] >= N_VIDEOS, "all films are searchable")
        until(lambda: not app.library.overview.now()[0].is_busy, "nothing is left to do")
    return imports.snapshot(app) | {"files": own_files(app)}


def own_files(app: App) -> list[tuple[str, str]]:
    """The folders and endings of what Reelseek keeps."""
    settings = app.settings
    folders = (settings.videos_folder, settings.proxies_folder)
    return sorted((folder.name, path.suffix) for folder in folders for path in folder.iterdir())


@pytest.mark.parametrize("lot", range(N_KILLS))
def test_a_killed_app_goes_on_where_it_was(
    films: tuple[Path, list[Path]], whole: dict[str, Any], data_folder: Path, lot: int
) -> None:
    """The folder and the uploads end as if nothing had been; no film that was done is done again.

    Uploads that had no answer are sent again, as people do.
    """
    chance = random.Random(f"kill app {lot}")
    for drawn in range(MOST_DRAWN):
        app = opened(data_folder / str(drawn))
        said = killed(app, *films, after_s=chance.uniform(0, whole["took_s"]))
        if said is not None:
            break
        app.close()  # the point came too late
    assert said is not None, "the end was always faster"
    print(f"kill app {lot}, {said}")  # noqa: T201 - shown by -s, and with a failure
    done_before = ready(app)
    assert finished(app, *films) == whole["library"]
    assert done_before.items() <= ready(app).items(), "done twice"
    half = [path for path in imports.left_over(app) if path.startswith("incoming/")]
    assert imports.left_over(app) == half
    assert len(half) <= 1, "only what was coming in; it goes after 15 minutes"
    app.close()


def killed(app: App, named: Path, sent: Sequence[Path], *, after_s: float) -> str | None:
    """Kill the app so long after the first video came in; what it had done by then."""
    press_begin(app.settings.data, named)
    with app_on(app.settings.data) as (process, url):
        sending = threading.Thread(target=send, args=[url, sent])
        sending.start()
        said = imports.kill_in_the_middle(
            app, process, N_VIDEOS,
            has_begun=lambda: bool(imports.standing(app)), after_s=after_s,
        )  # fmt: skip
        sending.join(LIMIT_S)
    return said
