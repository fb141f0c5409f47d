"""The reader behaves as moviepy's does, and lets go of ffmpeg in every way of ending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import MediaError, NoPictureError
from core.media.frames import scaled_size
from core.media.probe import probe
from core.media.reader import SampledReader
from tests.media.counter import SIX, Kind, ffmpeg, read
from tests.media.exact import frames

FilmOf = Callable[[Kind], Path]
PLAIN = SIX[0]


@pytest.fixture
def reader(film_of: FilmOf) -> SampledReader:
    path = film_of(PLAIN)
    return SampledReader(path, probe(path), every_s=0.2, size=(192, 144))


def running(path: Path) -> list[int]:
    """The processes on this machine that were told to read this file."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(path).encode() in status.read_bytes():
                found.append(int(status.parent.name))
        except OSError:  # it has just ended
            continue
    return found


def test_it_is_moviepys(reader: SampledReader) -> None:
    """`get_frame` goes forwards, stays, goes back, and holds the last frame at the end."""
    seen = [read(reader.get_frame(time_s)) for time_s in (0, 0.2, 0.2, 1.0, 0.4, 3.0, 99.0)]
    assert seen == [0, 5, 5, 25, 10, 75, 75]
    reader.close()


def test_closing_early_ends_ffmpeg(film_of: FilmOf, tmp_path: Path) -> None:
    """A generator that is closed after its first frame leaves no process."""
    path = tmp_path / "long.mkv"
    source = "testsrc=size=320x240:rate=25:duration=60"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "mpeg4", str(path))
    stream = frames(path, probe(path), every_s=0.04)
    next(stream)
    assert len(running(path)) == 1
    stream.close()
    assert running(path) == []


def test_reading_to_the_end_ends_ffmpeg(film_of: FilmOf) -> None:
    """So does taking every frame."""
    path = film_of(PLAIN)
    assert len(list(frames(path, probe(path)))) == 4
    assert running(path) == []


def test_a_decoder_that_dies_is_no_end_of_the_film(film_of: FilmOf) -> None:
    """A crash half-way is an error, never a shorter film."""
    path = film_of(PLAIN)
    reader = SampledReader(path, probe(path), every_s=0.04, size=(1920, 1440))
    assert reader.proc is not None
    reader.proc.kill()
    with pytest.raises(MediaError, match="broke down"):
        list(iter(reader.read_next, None))
    reader.close()


def test_a_file_that_lost_its_pictures_is_said(film_of: FilmOf, tmp_path: Path) -> None:
    """Damaged since it was probed: an error at the first frame."""
    facts = probe(film_of(PLAIN))
    path = tmp_path / "gone.mp4"
    path.write_bytes(b"nothing like a film any more" * 100)
    with pytest.raises(NoPictureError):
        next(frames(path, facts))


@pytest.mark.parametrize(
    ("size", "short_px", "expected"),
    [((1920, 1080), 224, (398, 224)), ((1080, 1920), 224, (224, 398)), ((1, 1), 224, (224, 224)),
     ((4000, 10), 224, (896, 224)), ((10, 4000), 100, (100, 400))],
)  # fmt: skip
def test_the_short_side_decides(
    film_of: FilmOf, size: tuple[int, int], short_px: int, expected: tuple[int, int]
) -> None:
    """Proportions stay, up to four times the short side."""
    from dataclasses import replace

    facts = replace(probe(film_of(PLAIN)), width_px=size[0], height_px=size[1])
    assert scaled_size(facts, short_px) == expected
