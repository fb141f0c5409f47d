"""Copies made on this machine, beside who asks: looked at once, told how far, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.media.probe import probe
from core.model import IndexState, PlayState, Video, VideoFacts
from core.web import copies
from core.web.copies import Copies
from tests.ingest.conftest import until
from tests.media.counter import ffmpeg

FACTS = VideoFacts(4, 64, 48, 25, "", None, "", "", 0, 1)
VIDEO = Video(
    "5.1.2", "theirs", None, "", FACTS, datetime.now(UTC), IndexState.FAILED,
    0.0, None, PlayState.DIRECT, 0.0, None, 0,
)  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Copies]:
    """Copies in a folder of their own."""
    made = Copies(lambda video: tmp_path / "copies" / f"{video.video_id}{video.content_sha256}.mp4")
    yield made
    made.close()


@pytest.fixture
def film_avi(film: Path, tmp_path: Path) -> Path:
    """What no browser plays."""
    path = tmp_path / "film.avi"
    ffmpeg("-i", str(film), "-c:v", "mpeg4", str(path))
    return path


def test_what_plays_is_given_at_once(
    made: Copies, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is looked at when it is first asked for, and not for every range of it."""
    assert made.ask(VIDEO, film) == film
    monkeypatch.setattr(copies, "probe", lambda _: pytest.fail("it was looked at again"))
    assert made.ask(VIDEO, film) == film
    assert made.standing(VIDEO).play_state is PlayState.DIRECT


def test_a_copy_is_made_aside(made: Copies, film_avi: Path, tmp_path: Path) -> None:
    """Until it is there nobody is kept waiting, and how far it is can be told."""
    assert made.standing(VIDEO) == VIDEO
    assert made.ask(VIDEO, film_avi) is None
    assert made.standing(VIDEO).play_state in (PlayState.WANTED, PlayState.MAKING)
    until(lambda: made.ask(VIDEO, film_avi) is not None, "the copy is made")
    assert made.standing(VIDEO).play_state is PlayState.READY
    copy = made.ask(VIDEO, film_avi)
    assert copy == tmp_path / "copies" / "5.1.2.mp4"
    assert probe(copy).video_codec == "h264"


def test_other_content_is_another_copy(made: Copies, film: Path, film_avi: Path) -> None:
    """What is known of a video is known of its content."""
    assert made.ask(VIDEO, film) == film
    assert made.ask(replace(VIDEO, content_sha256="other"), film_avi) is None


def test_what_cannot_be_copied_says_why(made: Copies, tmp_path: Path) -> None:
    """Once, in a sentence; it is not tried for every question."""
    path = tmp_path / "text.mp4"
    path.write_text("no film")
    assert made.ask(VIDEO, path) is None
    standing = made.standing(VIDEO)
    assert standing.play_state is PlayState.FAILED
    assert str(standing.play_error).endswith(".")
    path.unlink()
    assert made.ask(VIDEO, path) is None, "asked again, it is not looked at again"


def test_closing_and_deleting_stop_the_work(made: Copies, tmp_path: Path) -> None:
    """What is being made for nobody ends, and leaves nothing."""
    long = tmp_path / "long.avi"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x480:rate=25:duration=120", "-c:v", "mpeg4",
           str(long))  # fmt: skip
    others = replace(VIDEO, content_sha256="other")
    made.ask(VIDEO, long)
    made.ask(others, long)
    until(lambda: made.standing(VIDEO).play_state is PlayState.MAKING, "it is being made")
    made.forget(VIDEO.video_id)
    assert made.standing(others) == others
    made.ask(others, long)
    until(lambda: made.standing(others).play_state is PlayState.MAKING, "the next one is begun")
    made.close()
    assert list((tmp_path / "copies").iterdir()) == []
