"""Imports that are killed, at random points: after a restart all is as if nothing had happened.

REELSEEK_KILLS sets how many points for `add` and for a worker (3), REELSEEK_KILL_VIDEOS how many
films (8); what was drawn by lot is in the test's name. `make kill` draws 50 of 20.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App, open_app
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest import imports
from tests.ingest.conftest import until

N_KILLS = int(os.environ.get("REELSEEK_KILLS", "3"))
N_VIDEOS = int(os.environ.get("REELSEEK_KILL_VIDEOS", "8"))
MOST_DRAWN = 20  # points that came too late, before the test is to blame


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
    """What an import that nothing disturbed leaves, and how long it took from the first video."""
    app = opened(tmp_path_factory.mktemp("whole"))
    adding = imports.start(app.settings.data, "add", str(videos))
    until(lambda: bool(imports.standing(app)), "the first is registered")
    began = time.monotonic()
    status, _, err = imports.finish(adding)
    assert status == 0, err
    took_s = time.monotonic() - began
    assert imports.left_over(app) == []
    yield {"library": imports.snapshot(app), "took_s": took_s}
    app.close()


@pytest.mark.parametrize("who", ["add", "worker"])
@pytest.mark.parametrize("lot", range(N_KILLS))
def test_a_killed_import_is_finished_by_the_next(
    videos: Path, whole: dict[str, Any], data_folder: Path, who: str, lot: int
) -> None:
    """After kill -9 of `add`, or of a worker beside it, nothing is lost, doubled or left over."""
    chance = random.Random(f"kill {who} {lot}")
    for drawn in range(MOST_DRAWN):
        app = opened(data_folder / str(drawn))
        adding, said = killed(app, videos, who, chance.uniform(0, whole["took_s"]))
        if said is not None:
            break
        imports.finish(adding)  # the point came too late
        app.close()
    assert said is not None, "the end was always faster"
    print(f"kill {who} {lot}, {said}")  # noqa: T201 - shown by -s, and with a failure
    done_before = ready(app)
    if who == "worker":  # the `add` beside it does the rest by itself
        status, _, err = imports.finish(adding)
        assert status == 0, err
    status, _, err = imports.finish(imports.start(app.settings.data, "add", str(videos)))
    assert status == 0, err
    assert imports.snapshot(app) == whole["library"]
    assert done_before.items() <= ready(app).items(), "done twice"
    assert imports.left_over(app) == []
    app.close()


def killed(
    app: App, videos: Path, who: str, after_s: float
) -> tuple[subprocess.Popen[str], str | None]:
    """Kill `add`, or a worker beside it, so long after it has begun; what it had done by then."""
    data = app.settings.data
    worker = imports.start(data, "worker") if who == "worker" else None
    adding = imports.start(data, "add", str(videos))
    victim = worker or adding

    def has_begun() -> bool:
        return bool(imports.standing(app)) if worker is None else worker.pid in imports.holders(app)

    said = imports.kill_in_the_middle(app, victim, N_VIDEOS, has_begun=has_begun, after_s=after_s)
    victim.communicate()
    return adding, said


def ready(app: App) -> dict[str, Any]:
    """The videos that are done, and the database's ids of their clips: these tell a second time."""
    query = [
        {"FindVideo": {"_ref": 1, "constraints": {"index_state": ["==", "ready"]}, "blobs": False,
                       "results": {"list": ["name", "_uniqueid"]}}},
        {"FindClip": {"is_connected_to": {"ref": 1}, "group_by_source": True, "blobs": False,
                      "results": {"list": ["_uniqueid"]}}},
    ]  # fmt: skip
    (found, clips), _ = app._database.query(query)
    groups = clips["FindClip"].get("entities") or {}
    return {
        video["name"]: sorted(clip["_uniqueid"] for clip in groups.get(video["_uniqueid"], []))
        for video in found["FindVideo"].get("entities") or []
    }
