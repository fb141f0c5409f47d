"""What adding files would take: counted, estimated, and by what the estimates change."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from core.bootstrap import App, open_app
from core.ingest.preflight import Preflight, preflight
from core.model import Work
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw

HOUR_BYTES = 3600 * 21_000  # docs/indexing.md, "Many videos"


@pytest.fixture
def two(films: Path) -> list[Path]:
    """A film that browsers play and one that they do not, of ten seconds each."""
    return [
        draw(films / "plays.mp4", "red blue", seconds_each=5),
        draw(films / "copied.mkv", "green", seconds_each=10),
    ]


def padded(path: Path, target: Path, n_bytes: int) -> Path:
    """Copy an MP4 with so many bytes more, which players skip."""
    shutil.copy(path, target)
    with target.open("ab") as file:
        file.write(struct.pack(">I4s", n_bytes, b"free") + bytes(n_bytes - 8))
    return target


def asked(app: App, paths: list[Path], every_s: float = 1.0, **more: int) -> Preflight:
    return preflight(app.library, paths, every_s=every_s, data=app.settings.data, **more)


def test_files_hours_time_and_disk(app: App, two: list[Path]) -> None:
    """The index by its length, and the copy of what browsers cannot play by its size."""
    found = asked(app, [*two, two[0].parent])
    assert (found.n_files, found.n_new, found.n_probed, found.n_bad) == (3, 3, 3, 1)
    assert found.hours * 3600 == pytest.approx(20)
    assert found.takes_s == pytest.approx(2)
    assert found.needed_bytes == pytest.approx(20 / 3600 * HOUR_BYTES + two[1].stat().st_size, 1e-3)
    assert found.free_bytes == pytest.approx(shutil.disk_usage(two[0]).free, rel=0.1)
    assert (found.too_large, found.sent_bytes) == ((), 0)


@pytest.mark.parametrize("every_s", [0.2, 0.5, 2, 10])
def test_the_index_grows_with_the_samples(app: App, two: list[Path], every_s: float) -> None:
    """Closer together or farther apart than one a second."""
    once = asked(app, two[:1]).needed_bytes
    assert asked(app, two[:1], every_s).needed_bytes == pytest.approx(once / every_s, rel=1e-3)


def indexed(app: App, path: Path, speed: float, every_s: float) -> None:
    """Have a film in the library that was indexed as fast as that."""
    app.intake.add_file(path)
    video = app.library.claim("w", lease_s=60)
    assert video is not None
    app.library.ensure_index(app.encoder.info(), "")
    work = Work("w", speed, None, "model", "cpu")
    assert app.library.heartbeat(video.video_id, "w", progress=0.5, lease_s=60, work=work)
    assert app.library.finish(video.video_id, "w", every_s=every_s)


def test_time_is_by_the_speed_of_the_same_sampling(app: App, two: list[Path], films: Path) -> None:
    """Where there is none, what was measured with another bounds it, and it says so."""
    indexed(app, two[0], 40.0, 1.0)
    other = [draw(films / "new.mp4", "black")]
    guesses = {every_s: asked(app, other, every_s) for every_s in (0.25, 1.0, 4.0)}
    assert {every_s: one.speed for every_s, one in guesses.items()} == {0.25: 10, 1: 40, 4: 40}
    assert all(one.is_speed_known for one in guesses.values())
    assert [one.is_sampling_other for one in guesses.values()] == [True, False, True]
    indexed(app, two[1], 70.0, 4.0)
    found = asked(app, other, 4.0)
    assert (found.speed, found.is_sampling_other) == (70, False)


def test_a_guess_is_lower_with_more_samples(app: App, two: list[Path]) -> None:
    """Nothing was indexed here: ten times real time at one sample a second."""
    found = asked(app, two, 0.5)
    assert (found.speed, found.is_speed_known, found.is_sampling_other) == (5, False, False)


def test_a_worker_notes_its_sampling(data_folder: Path, two: list[Path]) -> None:
    """So that later estimates know what its speed was measured with."""
    app = open_app(Settings(data=data_folder, every_s=0.5), encoder=ColourEncoder())
    video_id = app.intake.add_file(two[0]).video.video_id
    app.worker().drain([video_id])
    query = [{"FindVideo": {"blobs": False, "results": {"list": ["index_every_s"]}}}]
    (answer,), _ = app._database.query(query)
    assert [one["index_every_s"] for one in answer["FindVideo"]["entities"]] == [0.5]
    app.close()


def test_a_server_has_a_disk_of_its_own(app: App, two: list[Path], films: Path) -> None:
    """Here only copies take room; it is sent videos and index, but none above its limit."""
    large = padded(two[0], films / "large.mp4", 1 << 20)
    found = asked(app, [*two, large], most_sent_bytes=1 << 20)
    assert (found.n_new, found.n_probed, found.too_large) == (3, 3, (large,))
    assert found.hours * 3600 == pytest.approx(20), "what is refused is not indexed"
    assert found.needed_bytes == two[1].stat().st_size
    videos = sum(path.stat().st_size for path in two)
    assert found.sent_bytes == pytest.approx(20 / 3600 * HOUR_BYTES + videos, rel=1e-3)
    assert asked(app, [large], most_sent_bytes=4 << 20).too_large == ()
