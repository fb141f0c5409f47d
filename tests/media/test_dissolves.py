"""Dissolves between pictures that stand still, whose repeats nobody hands on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.media.dissolves import DissolveFinder
from core.media.frames import Sampling, read_samples
from core.media.likeness import Picture, coarse
from core.media.probe import probe
from core.media.shots import HEIGHT_PX, WIDTH_PX, CutFinder
from tests.media import shot_films

STANDS_S, MELTS_S = 5, 1  # then the second slide stands as long
MIDDLE_S = STANDS_S + MELTS_S / 2


def slide(number: int, width_px: int, height_px: int) -> Picture:
    """A picture that has nothing in common with that of another number."""
    parts = np.random.default_rng([3, number]).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    image = Image.fromarray(parts).resize((width_px, height_px), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32)


def melted(one: Picture, other: Picture, time_s: float) -> Picture:
    """What is shown then: the one, the other, or both."""
    part = np.float32(min(1.0, max(0.0, (time_s - STANDS_S) / MELTS_S)))
    return one * (1 - part) + other * part


@pytest.mark.parametrize("fps", [5, 10, 12, 15, 19, 20, 25, 30])
def test_a_dissolve_between_slides_is_found_at_any_rate(tmp_path: Path, fps: int) -> None:
    """Pictures as good as the last are left out before any is compared, up to three in a row."""
    one, other = (slide(n, shot_films.WIDTH_PX, shot_films.HEIGHT_PX) for n in range(2))
    times_s = np.arange((2 * STANDS_S + MELTS_S) * fps) / fps
    film = shot_films.ShotFilm([melted(one, other, time_s) for time_s in times_s], [])
    path = shot_films.draw(film, tmp_path / "slides.mp4", fps=fps)
    with read_samples(probe(path), path, Sampling(1.0, "exact"), size_px=32) as samples:
        list(samples)
    assert samples.cuts_s == [pytest.approx(MIDDLE_S, abs=0.2)]


def found(times_s: list[float]) -> list[float]:
    """Show the finder the slides at these times."""
    finder = DissolveFinder()
    one, other = (coarse(slide(n, WIDTH_PX, HEIGHT_PX)) for n in range(2))
    return [s for now_s in times_s for s in finder.add(now_s, melted(one, other, now_s))]


def test_a_dissolve_is_found_where_nothing_is_written_while_nothing_changes() -> None:
    """As in recordings of a screen; its time is that of a picture, and it is told once."""
    melting_s = [STANDS_S + k / 10 for k in range(11)]
    (middle_s,) = found([0.0, 2.0, *melting_s, 8.0, 10.0])
    assert middle_s == pytest.approx(MIDDLE_S, abs=0.2)
    assert middle_s in melting_s


@pytest.mark.parametrize("every_s", [0.5, 1.0, 2.0])
def test_key_frames_alone_are_no_dissolve(every_s: float) -> None:
    """A picture between two others may be their average by chance."""
    assert found([n * every_s for n in range(20)]) == []


def test_what_stood_before_a_long_silence_is_forgotten() -> None:
    """All before it was called known meanwhile; what comes after begins anew."""
    assert found([*np.arange(0, 5.4, 0.1), 60.0, 60.1, 70.0, 80.0]) == []


def show_to(finder: CutFinder, time_s: float, picture: Picture) -> None:
    """Show the finder of all cuts a picture, and see that it revises nothing that it has told."""
    n_told, known_until_s = len(finder.cuts_s), finder.known_until_s
    planes = picture.clip(0, 255).astype(np.uint8).transpose(2, 0, 1)
    finder.add(time_s, planes.tobytes())
    finder.look(time_s)
    assert all(cut_s >= known_until_s for cut_s in finder.cuts_s[n_told:])
    assert finder.cuts_s == sorted(finder.cuts_s)


@pytest.mark.parametrize("n_after", range(12))
def test_a_dissolve_before_a_long_silence_is_told_in_its_turn(n_after: int) -> None:
    """Or never: not after cuts that come later, however many pictures follow the dissolve."""
    slides = [slide(n, WIDTH_PX, HEIGHT_PX) for n in range(6)]
    finder = CutFinder()
    for at in range(STANDS_S * 10 + 10 + n_after):
        show_to(finder, at / 10, melted(slides[0], slides[1], at / 10))
    cuts_s = [STANDS_S + MELTS_S + n_after / 10 + 6 * n for n in (1, 2, 3)]
    for number, cut_s in enumerate(cuts_s, start=2):
        finder.look(cut_s - 0.5)
        show_to(finder, cut_s, slides[number])
    for at in range(40):
        now_s = cuts_s[-1] + 6 + at / 10
        show_to(finder, now_s, melted(slides[4], slides[5], STANDS_S + at / 10))
    finder.look(is_end=True)
    assert finder.cuts_s == sorted(finder.cuts_s)
    assert set(cuts_s) <= set(finder.cuts_s)
