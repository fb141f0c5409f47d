"""Imports while the disk is full: they say so, keep what was stored, and end whole with room again.

On a small file system of its own, in memory; skipped where none may be mounted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from core.bootstrap import App
from core.model import IndexState
from tests.fakes import COLOURS
from tests.ingest import imports
from tests.ingest.conftest import LIMIT_S, draw, until
from tests.ingest.servers import app_on
from tests.ingest.test_preflight import padded
from tests.ingest.test_trouble import left, opened

N_VIDEOS = 6
DISK_BYTES = 48 << 20
N_SCENES = 160  # of the long film; 32 clips are saved at once


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of films, the same for every test."""
    folder = tmp_path_factory.mktemp("films")
    imports.draw_library(folder, N_VIDEOS)
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that is saved in several pieces."""
    names = sorted(COLOURS)
    colours = " ".join(names[n % len(names)] for n in range(N_SCENES))
    return draw(tmp_path_factory.mktemp("long") / "long.mp4", colours, fps=4)


@pytest.fixture(scope="module")
def whole(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an import that nothing disturbed leaves."""
    data = tmp_path_factory.mktemp("whole")
    status, _, err = imports.finish(imports.start(data, "add", str(videos)))
    assert status == 0, err
    return left(data)


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


def is_full(disk: Path) -> bool:
    return shutil.disk_usage(disk).free < 64 << 10


def one_stored(data: Path, videos: Path) -> str:
    """Import one film while there is room; its name."""
    first, *_ = sorted(videos.iterdir())
    status, _, err = imports.finish(imports.start(data, "add", str(first)))
    assert status == 0, err
    return first.name


def the_good_are_whole(data: Path, first: str, whole: dict[str, Any]) -> None:
    """What was stored before is as it was; of the rest, what is searchable is all there."""
    before = left(data)["videos"]
    assert before[first] == whole["videos"][first]
    for name, video in before.items():
        assert video["state"] in ("ready", "waiting", "indexing")
        assert video["state"] != "ready" or video == whole["videos"][name]


@pytest.mark.parametrize("leave_kb", [100, 300, 900])
def test_a_full_disk_ends_in_words_and_is_made_good(
    videos: Path, whole: dict[str, Any], small_disk: Path, leave_kb: int
) -> None:
    """Status 1; what was stored before stays good; with room again, the next import ends whole."""
    data = small_disk / "reelseek"
    first = one_stored(data, videos)
    filler = fill(small_disk, leave_kb << 10)
    arguments = ("add", "--yes", "--patience", "1", str(videos))
    status, _, err = imports.finish(imports.start(data, *arguments))
    assert status == 1, "all of it had room"
    assert "Traceback" not in err
    assert "no room left" in err or "disk is full" in err.lower(), err
    the_good_are_whole(data, first, whole)
    filler.unlink()
    the_good_are_whole(data, first, whole)
    status, _, err = imports.finish(imports.start(data, "add", str(videos)))
    assert status == 0, err
    assert left(data) == whole


def test_a_disk_that_fills_inside_a_film(
    videos: Path, whole: dict[str, Any], long: Path, small_disk: Path
) -> None:
    """Some of its clips are stored: it is not searchable by these, and starts anew later."""
    data = small_disk / "reelseek"
    first = one_stored(data, videos)
    filler = fill(small_disk, 1 << 20)
    adding = imports.start(data, "add", "--yes", "--patience", "1", str(long))
    app = opened(data)
    most = 0  # a second try begins with none again
    while adding.poll() is None:  # a claim that cannot even be given back has to run out first
        here = [video for video in app.library.videos() if video.name == long.name]
        most = max([most, *(len(app.library.clips(video.video_id)) for video in here)])
        time.sleep(0.05)
    status, _, err = imports.finish(adding)
    assert (status, "Traceback" in err) == (1, False), err
    assert "no room left" in err, err
    (half,) = [video for video in app.library.videos() if video.name == long.name]
    assert half.state in (IndexState.WAITING, IndexState.INDEXING)
    assert 0 < most < N_SCENES, "it was not inside the film"
    assert app.library.counts()[0] == 1
    app.close()
    the_good_are_whole(data, first, whole | {"videos": whole["videos"] | {long.name: None}})
    filler.unlink()
    status, out, err = imports.finish(imports.start(data, "add", str(long)))
    assert (status, out) == (0, f"{long.name}: already there, indexed now, {N_SCENES} clips\n"), err
    assert left(data)["videos"][long.name]["n_clips"] == N_SCENES


def test_an_import_goes_on_when_the_disk_has_room_again(
    videos: Path, whole: dict[str, Any], small_disk: Path
) -> None:
    """Nobody has to start it again."""
    data = small_disk / "reelseek"
    opened(data).close()
    filler = fill(small_disk, 1 << 20)
    adding = imports.start(data, "add", "--yes", str(videos))
    until(lambda: is_full(small_disk), "the disk is full")
    time.sleep(1)  # so that it meets that more than once
    filler.unlink()
    status, _, err = imports.finish(adding)
    assert (status, "Traceback" in err) == (0, False), err
    assert left(data) == whole


def test_a_worker_goes_on_when_the_disk_has_room_again(
    videos: Path, whole: dict[str, Any], small_disk: Path
) -> None:
    """It lives on, its log says why nothing moves, and nobody has to start it again."""
    data = small_disk / "reelseek"
    first = one_stored(data, videos)
    app = opened(data)
    for path in sorted(videos.iterdir()):
        app.intake.add_file(path)
    filler = fill(small_disk, 300 << 10)
    worker = imports.start(data, "worker")
    try:
        until(lambda: is_full(small_disk), "the disk is full")
        time.sleep(1)  # so that it meets that more than once
        assert app.library.counts()[0] < N_VIDEOS
        the_good_are_whole(data, first, whole)
        filler.unlink()
        until(lambda: app.library.counts()[0] == N_VIDEOS, "all films are searchable")
        assert worker.poll() is None
    finally:
        worker.terminate()
        _, log = worker.communicate(timeout=LIMIT_S)
    assert "no room left" in log
    assert "Traceback" not in log
    assert imports.snapshot(app) == whole
    app.close()


def upload(url: str, film: Path, *, says_its_length: bool) -> tuple[int, dict[str, Any]]:
    """PUT a film; the answer. Without its length only the disk itself can refuse it."""
    content = film.read_bytes()
    body = content if says_its_length else iter([content[:9999], content[9999:]])
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=LIMIT_S)) as connection:
        connection.request(
            "PUT", f"/api/upload?{urlencode({'name': film.name})}", body,
            {"X-Reelseek": "upload"},
        )  # fmt: skip
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_an_upload_to_a_full_disk_is_refused(long: Path, tmp_path: Path, small_disk: Path) -> None:
    """Before it is sent where its length is known, else when the disk is full; nothing is left."""
    data = small_disk / "reelseek"
    first = draw(tmp_path / "first.mp4", "red green")
    large = padded(long, tmp_path / "large.mp4", 4 << 20)
    with app_on(data) as (_, url):
        assert upload(url, first, says_its_length=False)[0] == 200
        app = opened(data)
        until(lambda: not app.library.overview.now()[0].is_busy, "it is searchable")
        before = imports.snapshot(app)
        filler = fill(small_disk, 1 << 20)
        for says_its_length in (True, False):
            status, said = upload(url, large, says_its_length=says_its_length)
            assert status == 507
            assert "room" in said["error"]
        assert imports.snapshot(app) == before
        assert (imports.left_over(app), len(own(app))) == ([], 1)
        filler.unlink()
        assert upload(url, large, says_its_length=False)[0] == 200
        until(lambda: app.library.counts()[0] == 2, "it is searchable")
        assert imports.left_over(app) == []
        app.close()


def own(app: App) -> list[Path]:
    return list(app.settings.videos_folder.iterdir())
