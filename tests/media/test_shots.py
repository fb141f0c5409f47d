"""Where shots begin, on videos whose shots are known, none of which the limits were chosen on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.media import shots
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.media.shot_films import KINDS, Score, ShotFilm, draw

UNSEEN = 7  # the limits were chosen on lots 0, 1 and 2
BLENDS = {"dissolves", "fades through black"}


def found(film: ShotFilm, folder: Path, sampling: Sampling) -> list[float]:
    """The cuts in the encoded video; each was known when the next sample came."""
    path = draw(film, folder / "film.mp4")
    with read_samples(probe(path), path, sampling, size_px=(32, 18)) as samples:
        known = [(sample.time_s, list(samples.cuts_s)) for sample in samples]
        cuts_s = samples.cuts_s
    for time_s, so_far in known:
        assert [s for s in so_far if s <= time_s] == [s for s in cuts_s if s <= time_s]
    assert cuts_s == sorted(cuts_s)
    return cuts_s


@pytest.mark.parametrize("kind", KINDS)
def test_shots_are_found(tmp_path: Path, kind: str) -> None:
    """No cut is made up; hard ones are exact to the frame, some dissolves are missed."""
    film = KINDS[kind](np.random.default_rng([UNSEEN, len(kind)]))
    score = Score()
    score.add(film, found(film, tmp_path, Sampling(0.5, "exact")))
    assert score.n_wrong == 0
    if kind in BLENDS:
        assert score.n_found > 0
    else:
        assert score.recall >= 0.8


def test_key_frames_alone_make_nothing_up(tmp_path: Path) -> None:
    """A second between two pictures of a moving camera is no cut."""
    film = KINDS["shaken"](np.random.default_rng([UNSEEN, 0]))
    assert found(film, tmp_path, Sampling(1.0, "keyframes")) == []


def test_the_end_of_the_video_is_looked_at_too(tmp_path: Path) -> None:
    """A cut after the last sample is among them in the end."""
    film = KINDS["cuts"](np.random.default_rng([UNSEEN, 1]))
    last_s = film.boundaries_s[-1][0]
    assert found(film, tmp_path, Sampling(10.0, "exact"))[-1] == pytest.approx(last_s)


def test_memory_does_not_grow_with_length() -> None:
    """After ten minutes at 25 frames a second it holds no more than a moment needs."""
    finder = shots.CutFinder()
    lot = np.random.default_rng(0)
    pictures = [lot.integers(0, 255, shots.N_BYTES, np.uint8).tobytes() for _ in range(3)]
    most = 0
    for number in range(25 * 600):
        finder.add(number / 25, pictures[number // 250 % 3])
        most = max(most, held(finder))
    assert len(finder.cuts_s) >= 25 * 600 // 250 - 2
    assert most < 100


def test_slides_are_not_waited_for() -> None:
    """Where no picture comes for long, all up to now is known, so that no samples pile up."""
    finder = shots.CutFinder()
    black, white = bytes(shots.N_BYTES), b"\xff" * shots.N_BYTES
    finder.add(0.0, black)
    finder.add(1.0, white)
    finder.look(2.0)
    assert finder.known_until_s < 1
    finder.look(10.0)
    assert finder.known_until_s == pytest.approx(10, abs=0.01)
    assert finder.cuts_s == [1.0]
    finder.add(100.0, black)
    finder.look(is_end=True)
    assert finder.cuts_s == [1.0, 100.0]


def held(finder: shots.CutFinder) -> int:
    """How many pictures it keeps."""
    return len(finder._pictures) + len(finder._new)
