"""A model whose device has no memory left: that passes, and no video is to blame."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.bootstrap import App, open_app
from core.errors import EncoderMemoryError
from core.ingest import retry
from core.model import IndexState
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw, until

WORDS = "There is not enough memory on cuda to encode 1 pictures. Close other programs."


class Crowded(ColourEncoder):
    """Sees mean colours, but for the first so many times, when others have the memory."""

    def __init__(self, n_encodings: int, n_loads: int = 0) -> None:
        super().__init__()
        self.left_encodings, self.left_loads = n_encodings, n_loads

    def load(self) -> None:
        if self.left_loads > 0:
            self.left_loads -= 1
            raise EncoderMemoryError(WORDS)
        super().load()

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        if self.left_encodings > 0:
            self.left_encodings -= 1
            raise EncoderMemoryError(WORDS)
        return super().encode_images(images)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first pause is short; each is twice the one before, as ever."""
    monkeypatch.setattr(retry, "FIRST_S", 0.02)


@pytest.fixture
def crowded(settings: Settings) -> Iterator[App]:
    app = open_app(settings, encoder=Crowded(10))
    yield app
    app.close()


def two_added(app: App, films: Path) -> list[str]:
    paths = [draw(films / f"{colour}.mp4", colour) for colour in ("red", "blue")]
    return [app.intake.add_file(path).video.video_id for path in paths]


def test_videos_wait_for_memory_and_are_done_when_it_is_back(crowded: App, films: Path) -> None:
    """More often than a video may kill its worker; the sentence stands there meanwhile."""
    two_added(crowded, films)
    stop, said = threading.Event(), set()

    def all_are_done() -> bool:
        videos = crowded.library.videos()
        said.update((video.state, video.error) for video in videos)
        return all(video.state is IndexState.READY for video in videos)

    worker = threading.Thread(target=crowded.worker().run, args=[stop])
    worker.start()
    try:
        until(all_are_done, "all are searchable")
    finally:
        stop.set()
        worker.join()
    assert (IndexState.WAITING, WORDS) in said
    assert IndexState.FAILED not in {state for state, _ in said}


def test_without_memory_the_queue_waits_each_with_its_sentence(
    settings: Settings, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No one after the other fails; the next try is later each time."""
    monkeypatch.setattr(retry, "FIRST_S", 60.0)
    app = open_app(settings, encoder=Crowded(1000))
    video_ids = two_added(app, films)
    app.worker().drain(video_ids, patience_s=0)
    videos = app.library.videos()
    assert {(video.state, video.error) for video in videos} == {(IndexState.WAITING, WORDS)}
    assert all(video.retry_at is not None for video in videos)
    app.close()


def test_memory_for_the_model_itself_is_waited_for(settings: Settings, films: Path) -> None:
    """It could not even be loaded at first: whoever waits for videos goes on waiting."""
    app = open_app(settings, encoder=Crowded(0, n_loads=3))
    video_ids = two_added(app, films)
    app.worker().drain(video_ids, patience_s=60)
    assert {video.state for video in app.library.videos()} == {IndexState.READY}
    app.close()


def test_patience_ends(settings: Settings, films: Path) -> None:
    """With the error that says why; the videos go on waiting."""
    app = open_app(settings, encoder=Crowded(0, n_loads=1000))
    video_ids = two_added(app, films)
    with pytest.raises(EncoderMemoryError, match="not enough memory"):
        app.worker().drain(video_ids, patience_s=0.5)
    assert {video.state for video in app.library.videos()} == {IndexState.WAITING}
    app.close()
