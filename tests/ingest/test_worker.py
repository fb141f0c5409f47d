"""The worker on real films: what it stores, what it survives, when it stops."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.bootstrap import App
from core.errors import WeightsMissingError
from core.ingest.attempt import LEASE_S
from core.ingest.targets import OneModel
from core.ingest.worker import Worker
from core.library.library import Library
from core.model import IndexState, PlayState, Span
from core.query import Wanted
from tests.fakes import ColourEncoder
from tests.ingest.conftest import LIMIT_S, draw, until

ROOT = Path(__file__).parents[2]


@contextmanager
def running(worker: Worker) -> Iterator[threading.Event]:
    """A worker in a thread of its own, stopped and ended with the block."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=[stop])
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def add(app: App, path: Path) -> str:
    return app.intake.add_file(path).video.video_id


def test_a_first_search_finds_the_library_learned(app: App, films: Path) -> None:
    """What it would ask the model for by the hundred is kept with the index by then."""
    video_id = add(app, draw(films / "a.mp4", "red green blue"))
    kept = app.library.background().kept
    with running(app.worker()):
        until(lambda: kept("references") is not None, "the library to be learned")
    assert app.library.video(video_id).state is IndexState.READY


def test_a_film_becomes_searchable(app: App, films: Path) -> None:
    """A clip for each colour with its own picture; a colour finds its seconds."""
    video_id = add(app, draw(films / "a.mp4", "red green blue", seconds_each=1.7))
    app.worker().drain([video_id])
    video = app.library.video(video_id)
    assert (video.state, video.progress, video.n_clips) == (IndexState.READY, 1.0, 3)
    assert [clip.span for clip in app.library.clips(video_id)] == [
        Span(0, 1.7), Span(1.7, 3.4), Span(3.4, 5.1),
    ]  # fmt: skip
    result = app.searcher.search("something green", wanted=Wanted(floor=0.0))
    assert (result.n_videos, result.n_clips) == (1, 3)
    assert result.moments[0].span == Span(1.7, 3.4)
    jpeg = app.library.picture(video_id, 2.5)
    assert jpeg is not None
    red, green, blue = np.asarray(Image.open(io.BytesIO(jpeg))).mean(axis=(0, 1))
    assert green > 100
    assert max(red, blue) < 30


def test_more_frames_than_a_batch(app: App, films: Path) -> None:
    """Seventy seconds are three batches; no clip is lost or doubled between them."""
    video_id = add(app, draw(films / "a.mp4", "red blue " * 35, fps=2))
    app.worker().drain([video_id])
    assert [clip.best_s for clip in app.library.clips(video_id)] == list(range(70))


def test_the_last_clip_ends_with_the_film(app: App, films: Path) -> None:
    """A film of 2.5 seconds has a last clip of one second and a quarter, in whatever frames."""
    video_id = add(app, draw(films / "a.mp4", "red blue", seconds_each=1.25, fps=20))
    app.worker().drain([video_id])
    assert [clip.span for clip in app.library.clips(video_id)] == [
        Span(0, 1.25), Span(1.25, 2.5),
    ]  # fmt: skip


def test_the_poster_is_the_first_picture_worth_seeing(app: App, films: Path) -> None:
    """Not the black of the beginning; a film of one colour only gets its first picture."""
    path = films / "a.mp4"
    start = "color=black:s=64x36:r=10:d=2[b];testsrc=s=64x36:r=10:d=2[t];[b][t]concat=n=2"
    _ffmpeg("-filter_complex", start, str(path))
    both = [add(app, path), add(app, draw(films / "b.mp4", "red"))]
    app.worker().drain(both)
    pictures = [Image.open(io.BytesIO(app.library.poster(one) or b"")) for one in both]
    assert np.asarray(pictures[0]).std() > 20
    assert np.asarray(pictures[1]).mean(axis=(0, 1))[0] > 200


def _ffmpeg(*arguments: str) -> None:
    from imageio_ffmpeg import get_ffmpeg_exe

    subprocess.run([get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments], check=True)


def test_draining_leaves_other_videos_waiting(app: App, films: Path) -> None:
    """`add` of one film does not first do a whole queue; what is done is not done again."""
    first, second = (add(app, draw(films / f"{c}.mp4", c)) for c in ("red", "blue"))
    app.worker().drain([second])
    app.worker().drain([second])
    assert app.library.video(first).state is IndexState.WAITING
    assert app.library.video(second).state is IndexState.READY


def test_two_workers_share_the_films(app: App, films: Path) -> None:
    """Each film is indexed once; both drains return when all is done."""
    ids = [add(app, draw(films / f"{n}.mp4", "red blue", seconds_each=n + 1)) for n in range(4)]
    threads = [threading.Thread(target=app.worker().drain, args=[ids]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    assert [app.library.video(one).n_clips for one in ids] == [2, 2, 2, 2]


def test_the_model_is_loaded_only_for_work(app: App, films: Path, encoder: ColourEncoder) -> None:
    """An idle worker, or one that only makes copies, costs no model."""
    video_id = add(app, draw(films / "a.mkv", "red"))
    app.library.cancel(video_id)
    with running(app.worker()):
        until(lambda: app.library.video(video_id).play_state is PlayState.READY, "the copy")
    assert encoder.n_loads == 0
    copy = app.playable(app.library.video(video_id))
    assert copy is not None
    assert copy.stat().st_size > 0


def test_without_weights_films_wait(app: App, films: Path, encoder: ColourEncoder) -> None:
    """They are not to blame: a drain says what is missing, and once it is there all goes on."""
    video_id = add(app, draw(films / "a.mp4", "red"))
    encoder.missing = "The weights are missing. Bring them."
    with pytest.raises(WeightsMissingError, match="Bring them"):
        app.worker().drain([video_id])
    assert app.library.video(video_id).state is IndexState.WAITING
    encoder.missing = None
    app.worker().drain([video_id])
    assert app.library.video(video_id).state is IndexState.READY


def test_a_running_worker_outlives_missing_weights(
    app: App, films: Path, encoder: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes the copies meanwhile, and indexes when the weights appear."""
    monkeypatch.setattr("core.ingest.worker.RETRY_S", 0.05)
    encoder.missing = "The weights are missing. Bring them."
    video_id = add(app, draw(films / "a.mkv", "red"))
    with running(app.worker()):
        until(lambda: app.library.video(video_id).play_state is PlayState.READY, "the copy")
        assert app.library.video(video_id).state is IndexState.WAITING
        encoder.missing = None
        until(lambda: app.library.video(video_id).state is IndexState.READY, "the index")


def test_a_file_that_vanished_fails_in_words_and_the_next_works(app: App, films: Path) -> None:
    """One sentence for a person; nothing of it is stored."""
    gone, good = draw(films / "gone.mkv", "red"), draw(films / "good.mp4", "blue")
    ids = [add(app, gone), add(app, good)]
    gone.unlink()
    with running(app.worker()):
        until(lambda: app.library.video(ids[1]).state is IndexState.READY, "the good film")
        until(lambda: app.library.video(ids[0]).play_state is PlayState.FAILED, "no copy")
    failed = app.library.video(ids[0])
    assert failed.state is IndexState.FAILED
    assert "no longer at" in str(failed.error)
    assert "no longer at" in str(failed.play_error)
    assert app.library.clips(ids[0]) == []


def test_a_fault_of_our_own_ends_no_worker(
    app: App, films: Path, encoder: ColourEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    """The video fails with a sentence, the trace goes to the log, the next video is done."""
    ids = [add(app, draw(films / f"{c}.mp4", c)) for c in ("red", "blue")]
    sound = encoder.encode_images

    def broken(images: object) -> object:
        encoder.encode_images = sound  # type: ignore[method-assign]
        raise ZeroDivisionError("of the test")

    encoder.encode_images = broken  # type: ignore[method-assign, assignment]
    app.worker().drain(ids)
    first, second = (app.library.video(one) for one in ids)
    assert first.state is IndexState.FAILED
    assert "ZeroDivisionError: of the test" in str(first.error)
    assert "Traceback" in caplog.text
    assert second.state is IndexState.READY


class Slow(ColourEncoder):
    """Holds the worker inside its first batch until the test lets it go on."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.may_go_on = threading.Event(), threading.Event()

    def encode_images(self, images: object) -> np.ndarray:  # type: ignore[override]
        self.began.set()
        assert self.may_go_on.wait(LIMIT_S)
        return super().encode_images(images)  # type: ignore[arg-type]


def slow_worker(app: App) -> tuple[Worker, Slow]:
    encoder = Slow()
    worker = Worker(
        app.library, OneModel(app.library, encoder), every_s=1.0, proxy_of=app.intake.proxy_of
    )
    return worker, encoder


def test_a_worker_that_is_stopped_gives_its_film_back(app: App, films: Path) -> None:
    """Nothing is lost and nothing doubled: the next worker takes it at once."""
    video_id = add(app, draw(films / "a.mp4", "red blue " * 20, fps=2))
    worker, encoder = slow_worker(app)
    with running(worker) as stop:
        assert encoder.began.wait(LIMIT_S)
        assert app.library.video(video_id).state is IndexState.INDEXING
        stop.set()
        encoder.may_go_on.set()
    assert app.library.video(video_id).state is IndexState.WAITING
    app.worker().drain([video_id])
    assert app.library.video(video_id).n_clips == 40


def test_cancelling_stops_the_film_and_not_the_worker(app: App, films: Path) -> None:
    """The film ends cancelled with nothing stored; the next film is done."""
    first, second = (
        add(app, draw(films / f"{c}.mp4", c, seconds_each=40, fps=2)) for c in ("red", "blue")
    )
    worker, encoder = slow_worker(app)
    with running(worker):
        assert encoder.began.wait(LIMIT_S)
        app.library.cancel(first)
        encoder.may_go_on.set()
        until(lambda: app.library.video(second).state is IndexState.READY, "the second film")
    assert app.library.video(first).state is IndexState.CANCELLED
    assert app.library.clips(first) == []


def test_deleting_a_film_under_way_leaves_nothing(app: App, films: Path) -> None:
    """The worker notices, and no clip is written for a video that is not there."""
    video_id = add(app, draw(films / "a.mp4", "red", seconds_each=40, fps=2))
    worker, encoder = slow_worker(app)
    with running(worker) as stop:
        assert encoder.began.wait(LIMIT_S)
        app.intake.delete(video_id)
        encoder.may_go_on.set()
        stop.set()
    assert app.library.videos() == []
    assert app.searcher.search("red").moments == ()


HANGS_IN_ITS_FOURTH_BATCH = """
import sys, threading
from pathlib import Path
from core.bootstrap import open_app
from core.settings import Settings
from tests.fakes import ColourEncoder

class Hanging(ColourEncoder):
    n_batches = 0
    def encode_images(self, images):
        self.n_batches += 1
        if self.n_batches == 4:
            threading.Event().wait()
        return super().encode_images(images)

open_app(Settings(data=Path(sys.argv[1])), encoder=Hanging()).worker().run(threading.Event())
"""


def test_a_killed_worker_costs_nothing_but_its_time(app: App, films: Path) -> None:
    """After kill -9 in the middle, and the end of the lease, the library is as if it never was."""
    video_id = add(app, draw(films / "a.mp4", "red green " * 50, fps=2))
    command = [sys.executable, "-c", HANGS_IN_ITS_FOURTH_BATCH, str(app.settings.data)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        until(lambda: len(app.library.clips(video_id)) > 0, "the first batch")
    finally:
        process.kill()
        process.wait()
    assert app.library.video(video_id).state is IndexState.INDEXING
    assert len(app.library.clips(video_id)) == 32
    later = Library(app._database, clock=lambda: time.time() + LEASE_S + 1)
    worker = Worker(
        later, OneModel(later, ColourEncoder()), every_s=1.0, proxy_of=app.intake.proxy_of
    )
    worker.drain([video_id])
    assert later.video(video_id).state is IndexState.READY
    assert [clip.best_s for clip in later.clips(video_id)] == list(range(100))
    assert later.counts() == (1, 100)
