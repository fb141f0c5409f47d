"""A library on the real embedded engine, with files that only pretend to be videos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.engine.engine import Engine
from core.library.library import Library, NewClip
from core.model import EncoderInfo, PlayState, Span, Video, VideoFacts
from tests.fakes import COLOURS, ColourEncoder, vector_of

FACTS = VideoFacts(
    duration_s=8.0, width_px=640, height_px=360, fps=25.0, video_codec="h264", audio_codec=None,
    container="mov,mp4,m4a,3gp,3g2,mj2", pixel_format="yuv420p", rotation_deg=0, size_bytes=1000,
)  # fmt: skip


class Clock:
    """The time, moved by the test."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    yield engine
    engine.close()


@pytest.fixture
def library(engine: Engine, clock: Clock) -> Library:
    library = Library(engine, clock=clock)
    library.prepare()
    return library


def add(library: Library, video_id: str, *, play: PlayState = PlayState.DIRECT) -> Video:
    """Register a video of its own content."""
    path = Path(f"/films/{video_id}.mp4")
    added = library.add_video(
        video_id, name=path.name, path=path, content_sha256=f"sha of {video_id}", facts=FACTS,
        play_state=play,
    )  # fmt: skip
    assert not added.already
    return added.video


def clips(colours: str, *, first_s: float = 0.0) -> list[NewClip]:
    """A clip a second of each colour named."""
    return [
        NewClip(
            Span(first_s + at, first_s + at + 1), first_s + at,
            vector_of(COLOURS[colour])[np.newaxis], f"jpeg of {colour} {first_s + at}".encode(),
            seen_until_s=first_s + at + 1, shot=0,
        )
        for at, colour in enumerate(colours.split())
    ]  # fmt: skip


def index(library: Library, video_id: str, colours: str, *, worker: str = "w") -> Video:
    """Register a video and index it with these colours."""
    add(library, video_id)
    library.ensure_index(ColourEncoder().info())
    video = library.claim(worker, lease_s=30, video_ids=[video_id])
    assert video is not None
    assert library.save_clips(video, clips(colours), worker=worker)
    assert library.finish(video_id, worker)
    return library.video(video_id)


def info(**changed: object) -> EncoderInfo:
    """The model of these tests, or one like it."""
    of = ColourEncoder().info()
    fields = {name: getattr(of, name) for name in EncoderInfo.__slots__}
    return EncoderInfo(**{**fields, **changed})
