"""Imports that are killed, at random points: after a restart all is as if nothing had happened.

REELSEEK_KILLS sets how many points (6); what was drawn by lot is in the test's name.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App, open_app
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest import imports

N_KILLS = int(os.environ.get("REELSEEK_KILLS", "6"))
N_VIDEOS = int(os.environ.get("REELSEEK_KILL_VIDEOS", "8"))


def opened(data: Path) -> App:
    return open_app(Settings(data=data), encoder=ColourEncoder())


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of films, the same for every round."""
    folder = tmp_path_factory.mktemp("films")
    imports.draw_library(folder, N_VIDEOS)
    return folder


@pytest.fixture(scope="module")
def whole(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What an import that nothing disturbed leaves, and how long it took."""
    data = tmp_path_factory.mktemp("whole")
    began = time.monotonic()
    status, _, err = imports.finish(imports.start(data, "add", str(videos)))
    assert status == 0, err
    app = opened(data)
    yield {"library": imports.snapshot(app), "took_s": time.monotonic() - began}
    app.close()


@pytest.mark.parametrize("lot", range(N_KILLS))
def test_a_killed_import_is_finished_by_the_next(
    videos: Path, whole: dict[str, Any], data_folder: Path, lot: int
) -> None:
    """After kill -9 of `add`, or of a worker beside it, nothing is lost, doubled or left over."""
    chance = random.Random(f"kill {lot}")
    with_worker = lot % 2 == 1
    worker = imports.start(data_folder, "worker") if with_worker else None
    adding = imports.start(data_folder, "add", str(videos))
    time.sleep(chance.uniform(0.1, 1.1) * whole["took_s"])  # the point is what is random
    victim = worker or adding
    victim.kill()
    victim.communicate()
    done_before = ready(data_folder)
    if with_worker:  # the `add` beside it does the rest by itself
        status, _, err = imports.finish(adding)
        assert status == 0, err
    status, _, err = imports.finish(imports.start(data_folder, "add", str(videos)))
    assert status == 0, err
    app = opened(data_folder)
    assert imports.snapshot(app) == whole["library"]
    assert done_before.items() <= ready(data_folder, app).items(), "done twice"
    app.close()


def ready(data: Path, app: App | None = None) -> dict[str, Any]:
    """The videos that are done, and the database's ids of their clips: these tell a second time."""
    here = app or opened(data)
    query = [
        {"FindVideo": {"_ref": 1, "constraints": {"index_state": ["==", "ready"]}, "blobs": False,
                       "results": {"list": ["name", "_uniqueid"]}}},
        {"FindClip": {"is_connected_to": {"ref": 1}, "group_by_source": True, "blobs": False,
                      "results": {"list": ["_uniqueid"]}}},
    ]  # fmt: skip
    (found, clips), _ = here._database.query(query)
    groups = clips["FindClip"].get("entities") or {}
    done = {
        video["name"]: sorted(clip["_uniqueid"] for clip in groups.get(video["_uniqueid"], []))
        for video in found["FindVideo"].get("entities") or []
    }
    if app is None:
        here.close()
    return done
