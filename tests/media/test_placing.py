"""Cuts between key frames, where key frames alone are decoded: placed to the frame."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import numpy as np
import pytest

from core.ingest.stretches import looks
from core.media import placing
from core.media.frames import Sampling, read_samples
from core.media.placing import KeyFrameCuts
from core.media.probe import probe
from core.media.shots import N_BYTES, CutFinder
from core.media.stretch import Goal, Stretch
from tests.media.counter import AAC, TONE, ffmpeg
from tests.media.shot_films import FPS, KINDS, Score, ShotFilm, draw, joined, joined_shots, swung
from tests.media.test_reader import running

AUTO = Sampling(1.0)
LENGTHS = (40, 62, 15, 90, 35, 70, 33, 57, 18, 11)  # of shots, in frames; the last is the tail
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params",
        "log-level=error:keyint=25:min-keyint=25:scenecut=0")  # fmt: skip


def fixed(fps: int) -> tuple[str, ...]:
    """A key frame every second, and none at cuts."""
    return ("-g", str(fps), "-keyint_min", str(fps), "-sc_threshold", "0")


class Way(NamedTuple):
    """How a film is encoded."""

    suffix: str
    encode: tuple[str, ...]
    fps: int = 25
    turn_deg: int = 0
    has_sound: bool = False


WAYS = {
    "25 fps": Way(".mp4", (*X264, "-bf", "0", *fixed(25))),
    "30 fps, B-frames": Way(".mp4", (*X264, "-bf", "3", *fixed(30)), fps=30),
    "60 fps": Way(".mp4", (*X264, *fixed(60)), fps=60),
    "turned": Way(".mp4", (*X264, *fixed(25)), turn_deg=90),
    "mkv": Way(".mkv", (*X264, "-bf", "3", *fixed(25))),
    "late start": Way(".mkv", (*X264, *fixed(25), "-output_ts_offset", "0.5")),
    "HEVC": Way(".mp4", X265),
    "transport stream": Way(".ts", (*X264, "-bf", "3", *fixed(25)), has_sound=True),
    "flv": Way(".flv", (*X264, *fixed(25))),
    "key frames at cuts": Way(".mp4", (*X264, "-g", "25")),
}


def encoded(film: ShotFilm, way: Way, folder: Path) -> Path:
    """Draw it in a way."""
    path = draw(film, folder / f"film{way.suffix}", *way.encode, fps=way.fps)
    if way.turn_deg:
        plain = path.rename(folder / f"plain{way.suffix}")
        ffmpeg("-display_rotation", str(way.turn_deg), "-i", str(plain), "-c", "copy", str(path))
    if way.has_sound:
        plain = path.rename(folder / f"silent{way.suffix}")
        ffmpeg("-i", str(plain), *TONE, "-map", "0:v", "-map", "1:a", "-c:v", "copy", *AAC,
               "-shortest", str(path))  # fmt: skip
    return path


def cuts_of(path: Path, sampling: Sampling) -> list[float]:
    """The cuts, of which each was known when the next sample came."""
    with read_samples(probe(path), path, sampling, size_px=(32, 18)) as samples:
        assert samples.mode == ("exact" if sampling.mode == "exact" else "keyframes")
        known = [(sample.time_s, list(samples.cuts_s)) for sample in samples]
        cuts_s = samples.cuts_s
    for time_s, so_far in known:
        assert [s for s in so_far if s <= time_s] == [s for s in cuts_s if s <= time_s]
    return cuts_s


@pytest.fixture
def film() -> ShotFilm:
    return joined(np.random.default_rng(5), LENGTHS)


@pytest.mark.parametrize("name", WAYS)
def test_cuts_between_key_frames_are_exact(film: ShotFilm, tmp_path: Path, name: str) -> None:
    """All, with the times that they have where everything is decoded; after the last key, too."""
    way = WAYS[name]
    path = encoded(film, way, tmp_path)
    cuts_s = cuts_of(path, AUTO)
    late_s = probe(path).duration_s - sum(LENGTHS) / way.fps if way.has_sound else 0.0
    at_s = [from_s * FPS / way.fps + late_s for from_s, _ in film.boundaries_s]
    slack_s = 1e-3 if way.fps <= 30 else 1 / way.fps + 1e-3  # every second frame is looked at
    assert cuts_s == pytest.approx(at_s, abs=max(slack_s, late_s))
    by_all_s = cuts_of(path, Sampling(1.0, "exact"))
    assert all(min(abs(cut_s - other_s) for other_s in by_all_s) < 2e-6 for cut_s in cuts_s)


def test_clips_do_not_cross_them(film: ShotFilm, tmp_path: Path) -> None:
    """No stretch that a sample stands for holds pictures of two shots."""
    path = encoded(film, WAYS["25 fps"], tmp_path)
    facts = probe(path)
    with read_samples(facts, path, AUTO, size_px=(32, 18)) as samples:
        spans = [look.span for look in looks(samples, lambda: samples.cuts_s, every_s=1.0,
                                             facts=facts)]  # fmt: skip
    for cut_s, _ in film.boundaries_s:
        assert not [span for span in spans if span.start_s < cut_s - 1e-3 < span.end_s - 2e-3]
    assert all(a.end_s <= b.start_s for a, b in pairwise(spans))


@pytest.mark.parametrize("kind", ["shaken", "fast pan", "whip", "flashes", "strobe", "zoom"])
def test_nothing_is_made_up(tmp_path: Path, kind: str) -> None:
    """What key frames alone take for a cut (a camera that moves, a flash) is none by its frames."""
    film = KINDS[kind](np.random.default_rng([7, 3]))
    assert cuts_of(draw(film, tmp_path / "film.mp4", *X264, *fixed(25)), AUTO) == []


def test_a_flash_at_a_key_frame_is_none(tmp_path: Path) -> None:
    """It differs from the key frames before and after it like a cut, and is gone at once."""
    film = joined(np.random.default_rng(6), [150])
    for number in (74, 75, 76):
        film.pictures[number] = film.pictures[number] * 0.1 + 220
    assert cuts_of(draw(film, tmp_path / "film.mp4", *X264, *fixed(25)), AUTO) == []


@pytest.mark.parametrize("kind", ["dissolves", "fades through black"])
def test_dissolves_between_key_frames(tmp_path: Path, kind: str) -> None:
    """Where two key frames differ, one between them is found; none is made up."""
    score = Score()
    for lot in range(2):
        film = KINDS[kind](np.random.default_rng([7, lot]))
        path = draw(film, tmp_path / f"{lot}.mp4", *X264, *fixed(25))
        score.add(film, cuts_of(path, AUTO))
    assert score.n_wrong == 0
    assert score.n_found > 0


def test_what_cannot_be_read_leaves_cuts_at_key_frames(
    film: ShotFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seek that leads elsewhere is seen; after a few nobody tries again."""
    tried: list[CutFinder] = []

    def leads_elsewhere(stretch: Stretch, finder: CutFinder, *_: object) -> bool:
        stretch.close()
        tried.append(finder)
        return False

    monkeypatch.setattr(Stretch, "read_into", leads_elsewhere)
    cuts_s = cuts_of(encoded(film, WAYS["25 fps"], tmp_path), AUTO)
    assert cuts_s
    assert all(cut_s.is_integer() for cut_s in cuts_s)
    assert len(tried) == 3


def test_another_picture_is_not_the_key_frame(film: ShotFilm, tmp_path: Path) -> None:
    """A stretch says no where it begins with other than was seen there."""
    path = encoded(film, WAYS["25 fps"], tmp_path)
    stretch = Stretch(path, probe(path), 3.0, 4.0, 4.5)
    assert not stretch.read_into(CutFinder(), bytes(N_BYTES))


class Seen(CutFinder):
    """Notes what it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: dict[float, bytes] = {}

    def add(self, time_s: float, planes: bytes) -> None:
        self.pictures[time_s] = planes
        super().add(time_s, planes)


def test_behind_a_cut_nothing_more_is_decoded(film: ShotFilm, tmp_path: Path) -> None:
    """It is at 1.6 s: when half a second of the shot was seen that the next key frame shows."""
    path = draw(film, tmp_path / "film.mp4", *X264, *fixed(100))
    whole, short = Seen(), Seen()
    assert Stretch(path, probe(path), 0.0, 4.0, 4.06).read_into(whole, key := first_of(path))
    goal = Goal(0.0, whole.pictures[max(whole.pictures)])
    assert Stretch(path, probe(path), 0.0, 4.0, 4.06).read_into(short, key, goal)
    assert max(whole.pictures) == pytest.approx(4.04)
    assert max(short.pictures) < 2.6
    assert short.cuts_s == whole.cuts_s == pytest.approx([1.6])


def first_of(path: Path) -> bytes:
    """The small picture of the first frame."""
    seen = Seen()
    with read_samples(probe(path), path, AUTO, size_px=(32, 18)) as samples:
        samples._reader._cuts = seen
        list(samples)
    return seen.pictures[0.0]


def test_a_swung_camera_is_decoded_in_vain_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key frames differ like cuts all the time; what differs more than they do is seen."""
    lot = np.random.default_rng(3)
    film = joined_shots([swung(lot, 90, mean=60), swung(lot, 10.4, mean=170)])
    decoded_s: list[float] = []
    begin = Stretch.__init__

    def counts(stretch: Stretch, path: Path, facts: Any, key_s: float, *ends: Any) -> None:
        decoded_s.append((ends[1] or facts.duration_s) - key_s)
        begin(stretch, path, facts, key_s, *ends)

    monkeypatch.setattr(Stretch, "__init__", counts)
    assert cuts_of(draw(film, tmp_path / "film.mp4", *X264, *fixed(25)), AUTO) == [90]
    assert len(decoded_s) > 5
    assert sum(decoded_s) < 50  # of 100; 110 if all that differ were


def test_key_frames_far_apart_stay_alone(film: ShotFilm, tmp_path: Path) -> None:
    """Who asks for nothing else gets what is at them, fast: ten seconds are not decoded."""
    path = draw(film, tmp_path / "film.mp4", *X264, *fixed(100))
    cuts_s = cuts_of(path, Sampling(1.0, "keyframes"))
    assert cuts_s[:-2] == [4, 8, 12, 16]
    assert cuts_s[-2:] == pytest.approx([16.08, 16.8])  # near the end, after the last key frame


def test_closing_ends_both(film: ShotFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops while a stretch is decoded leaves no ffmpeg and no thread that waits."""
    path = encoded(film, WAYS["25 fps"], tmp_path)
    has_begun, is_closed = Event(), Event()
    read_into = Stretch.read_into

    def waits(stretch: Stretch, finder: CutFinder, *more: Any) -> bool:
        has_begun.set()
        assert is_closed.wait(20)
        return read_into(stretch, finder, *more)

    monkeypatch.setattr(Stretch, "read_into", waits)
    samples = read_samples(probe(path), path, AUTO, size_px=(32, 18))
    reading = Thread(target=lambda: list(samples))
    reading.start()
    assert has_begun.wait(20)
    assert running(path)
    samples.close()
    assert running(path) == []
    is_closed.set()
    reading.join(20)
    assert not reading.is_alive()


def test_memory_does_not_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour with a cut at every key frame: stretches end, and key frames are forgotten."""
    facts = probe(draw(joined(np.random.default_rng(1), [30]), tmp_path / "film.mp4"))
    read: list[tuple[float, float]] = []

    def found(_: KeyFrameCuts, start_s: float, end_s: float, *__: object, **___: object) -> None:
        read.append((start_s, end_s))

    monkeypatch.setattr(placing.KeyFrameCuts, "_found", found)
    finder = KeyFrameCuts(tmp_path / "film.mp4", facts, 2.5)
    pictures = [bytes(N_BYTES), b"\xff" * N_BYTES]
    most, behind_s = 0, 0.0
    for second in range(3600):
        finder.add(float(second), pictures[second % 2])
        finder.look(float(second))
        most = max(most, len(finder._keys_s))
        behind_s = max(behind_s, second - finder.known_until_s)
    finder.look(is_end=True)
    assert finder.cuts_s == [float(second) for second in range(1, 3600)]
    assert most < 30
    assert behind_s < 20
    assert max(end_s - start_s for start_s, end_s in read[:-1]) <= 10
