"""Draws videos whose shots are known: cuts, dissolves, and what is easily mistaken for them.

A shot is a large blurred random texture with a few shapes, over which a window moves. Every video
says where its shots begin, each as a stretch in which a boundary may be reported. Knows ffmpeg and
numpy, nothing of Reelseek.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from numpy.typing import NDArray
from PIL import Image, ImageDraw

WIDTH_PX, HEIGHT_PX, FPS = 192, 108, 25
Picture = NDArray[np.float32]  # (HEIGHT_PX, WIDTH_PX, 3), 0..255
Lot = np.random.Generator


@dataclass(frozen=True)
class ShotFilm:
    """Pictures at FPS, and the stretches [from_s, to_s] that each hold one boundary."""

    pictures: list[Picture]
    boundaries_s: list[tuple[float, float]]


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-pix_fmt", "yuv420p")


def draw(film: ShotFilm, path: Path, *encode: str, fps: int = FPS) -> Path:
    """Encode it as H.264, or as it is said; at another rate, boundaries come at other times."""
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH_PX}x{HEIGHT_PX}", "-r", str(fps)]
    data = b"".join(p.clip(0, 255).astype(np.uint8).tobytes() for p in film.pictures)
    subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-y", *raw, "-i", "pipe:0", *(encode or H264), str(path)],
        input=data, check=True,
    )  # fmt: skip
    return path


class _Scene:
    """A texture larger than the frame, of which a window is seen."""

    def __init__(self, lot: Lot, *, mean: float | None = None, grain_px: int = 12) -> None:
        coarse = lot.uniform(0, 255, (HEIGHT_PX * 3 // grain_px, WIDTH_PX * 3 // grain_px, 3))
        tint = lot.uniform(0.3, 1.0, 3)
        image = Image.fromarray((coarse * tint).astype(np.uint8))
        image = image.resize((WIDTH_PX * 3, HEIGHT_PX * 3), Image.Resampling.BICUBIC)
        paper = ImageDraw.Draw(image)
        for _ in range(12):
            x, y, size = lot.uniform(0, WIDTH_PX * 3), lot.uniform(0, HEIGHT_PX * 3), 40
            colour = tuple(int(c) for c in lot.uniform(0, 255, 3))
            paper.ellipse((x, y, x + size, y + lot.uniform(10, 60)), fill=colour)
        self._wide = np.asarray(image, np.float32)
        if mean is not None:
            self._wide = self._wide * (mean / self._wide.mean())

    def at(self, x: float, y: float, scale: float = 1.0) -> Picture:
        """The window whose upper left corner is at x, y in 0..1 of the room there is."""
        width, height = int(WIDTH_PX * scale), int(HEIGHT_PX * scale)
        left = int(np.clip(x, 0, 1) * (WIDTH_PX * 3 - width))
        top = int(np.clip(y, 0, 1) * (HEIGHT_PX * 3 - height))
        window = self._wide[top : top + height, left : left + width]
        rows = np.arange(HEIGHT_PX) * height // HEIGHT_PX
        columns = np.arange(WIDTH_PX) * width // WIDTH_PX
        return window[rows][:, columns].copy()


def _shot(lot: Lot, n: int, *, speed: float = 0.05, mean: float | None = None) -> list[Picture]:
    """N pictures of a new scene; `speed` is how far the window goes in a second."""
    scene = _Scene(lot, mean=mean)
    x, y, turn = lot.uniform(0.2, 0.8), lot.uniform(0.2, 0.8), lot.uniform(0, 6.28)
    step = speed / FPS
    dx, dy = np.cos(turn) * step, np.sin(turn) * step
    return [scene.at(x + dx * k, y + dy * k) for k in range(n)]


def swung(lot: Lot, seconds: float, *, mean: float) -> list[Picture]:
    """A scene over which the camera is swung about all the time."""
    scene = _Scene(lot, mean=mean)
    times_s = np.arange(round(seconds * FPS)) / FPS
    return [scene.at(0.5 + 0.5 * np.sin(1.3 * t), 0.5 + 0.5 * np.cos(1.7 * t)) for t in times_s]


def joined(lot: Lot, lengths: Sequence[int]) -> ShotFilm:
    """Shots of so many pictures each, joined by hard cuts."""
    return joined_shots([_shot(lot, n) for n in lengths])


def joined_shots(shots: list[list[Picture]]) -> ShotFilm:
    """These shots, joined by hard cuts."""
    pictures: list[Picture] = []
    boundaries: list[tuple[float, float]] = []
    for shot in shots:
        if pictures:
            boundaries.append((len(pictures) / FPS, len(pictures) / FPS))
        pictures += shot
    return ShotFilm(pictures, boundaries)


def _cuts(lot: Lot, n: int, *, speed: float = 0.05, longest: int = 50) -> ShotFilm:
    return joined_shots([_shot(lot, int(lot.integers(10, longest)), speed=speed) for _ in range(n)])


def _equally_bright(lot: Lot) -> ShotFilm:
    return joined_shots([_shot(lot, int(lot.integers(15, 45)), mean=90) for _ in range(6)])


def _blended(lot: Lot, lengths: list[int], *, through_black: bool = False) -> ShotFilm:
    pictures = _shot(lot, 40)
    boundaries: list[tuple[float, float]] = []
    for length in lengths:
        after = _shot(lot, 40 + length)
        start = len(pictures) - length
        for k in range(length):
            part = (k + 1) / (length + 1)
            if through_black:
                pictures[start + k] = pictures[start + k] * max(0, 1 - 2 * part) + after[k] * max(
                    0, 2 * part - 1
                )
            else:
                pictures[start + k] = pictures[start + k] * (1 - part) + after[k] * part
        boundaries.append((start / FPS, len(pictures) / FPS))
        pictures += after[length:]
    return ShotFilm(pictures, boundaries)


def _flashes(lot: Lot) -> ShotFilm:
    pictures = _shot(lot, 200)
    for n_pictures, at in ((1, 30), (2, 60), (3, 95), (1, 130), (1, 133), (4, 165)):
        for k in range(n_pictures):
            pictures[at + k] = pictures[at + k] * 0.25 + 190
    return ShotFilm(pictures, [])


def _strobe(lot: Lot) -> ShotFilm:
    """Lights that go on and off many times a second, as on a stage."""
    pictures = _shot(lot, 150)
    for k in range(20, 130):
        pictures[k] = pictures[k] * (1.0 if k % 6 < 3 else 0.15)
    return ShotFilm(pictures, [])


def _zoom(lot: Lot) -> ShotFilm:
    scene = _Scene(lot)
    return ShotFilm([scene.at(0.5, 0.5, 3 - 2.6 * k / 100) for k in range(100)], [])


def _shaken(lot: Lot) -> ShotFilm:
    scene = _Scene(lot)
    at = 0.5 + np.cumsum(lot.normal(0, 0.012, (150, 2)), axis=0).clip(-0.3, 0.3)
    at += lot.normal(0, 0.008, at.shape)
    return ShotFilm([scene.at(x, y) for x, y in at], [])


def _grainy(lot: Lot) -> ShotFilm:
    film = _cuts(lot, 5)
    noisy = [p + lot.normal(0, 25, p.shape).astype(np.float32) for p in film.pictures]
    return ShotFilm(noisy, film.boundaries_s)


def _dark(lot: Lot) -> ShotFilm:
    film = _cuts(lot, 6)
    return ShotFilm([p * 0.2 for p in film.pictures], film.boundaries_s)


def _crossed(lot: Lot) -> ShotFilm:
    """A bus goes by, close to the camera: most of the picture changes, and comes back."""
    pictures = _shot(lot, 120, speed=0)
    for start in (20, 70):
        for k in range(25):
            left = int(-WIDTH_PX * 0.7 + k / 25 * WIDTH_PX * 1.7)
            right = left + int(WIDTH_PX * 0.7)
            pictures[start + k][10:, max(0, left) : max(0, right)] = (30, 60, 200)
    return ShotFilm(pictures, [])


def _titles(lot: Lot) -> ShotFilm:
    """Words come and go at the bottom; a box pops up in the corner."""
    pictures = _shot(lot, 120)
    for k in range(120):
        if k // 20 % 2:
            pictures[k][80:100, 20:170] = 240
        if k > 60:
            pictures[k][5:45, 130:185] = (20, 120, 40)
    return ShotFilm(pictures, [])


def _whip(lot: Lot) -> ShotFilm:
    """The camera is torn aside: half a second of blur within one shot."""
    scene = _Scene(lot)
    at = [0.1] * 40 + [0.1 + 0.8 * k / 12 for k in range(12)] + [0.9] * 40
    return ShotFilm([scene.at(x, 0.5) for x in at], [])


KINDS: dict[str, Callable[[Lot], ShotFilm]] = {
    "cuts": lambda lot: _cuts(lot, 8),
    "cuts between pans": lambda lot: _cuts(lot, 7, speed=0.5),
    "quick cuts": lambda lot: _cuts(lot, 12, longest=16),
    "equally bright": _equally_bright,
    "cuts with grain": _grainy,
    "cuts in the dark": _dark,
    "dissolves": lambda lot: _blended(lot, [12, 20, 25, 30]),
    "fades through black": lambda lot: _blended(lot, [16, 24, 30], through_black=True),
    "flashes": _flashes,
    "strobe": _strobe,
    "pan": lambda lot: ShotFilm(_shot(lot, 100, speed=0.3), []),
    "fast pan": lambda lot: ShotFilm(_shot(lot, 50, speed=0.8), []),
    "whip": _whip,
    "zoom": _zoom,
    "shaken": _shaken,
    "something crosses": _crossed,
    "titles": _titles,
}


def films(n_each: int = 1, *, first: int = 0) -> Iterator[tuple[str, ShotFilm]]:
    """Every kind, several times with other scenes; always the same ones."""
    for number, (kind, make) in enumerate(KINDS.items()):
        for lot in range(first, first + n_each):
            yield kind, make(np.random.default_rng([number, lot]))


@dataclass
class Score:
    """How many boundaries were found, missed, and made up."""

    n_found: int = 0
    n_missed: int = 0
    n_wrong: int = 0

    def add(self, film: ShotFilm, cuts_s: list[float], *, slack_s: float = 0.5 / FPS) -> None:
        """Count one video's cuts; several within one blend count as one."""
        for from_s, to_s in film.boundaries_s:
            is_found = any(from_s - slack_s <= cut_s <= to_s + slack_s for cut_s in cuts_s)
            self.n_found += is_found
            self.n_missed += not is_found
        self.n_wrong += sum(
            not any(
                from_s - slack_s <= cut_s <= to_s + slack_s for from_s, to_s in film.boundaries_s
            )
            for cut_s in cuts_s
        )

    @property
    def precision(self) -> float:
        """Of those reported, how many are real; 1 where none was reported."""
        n_told = self.n_found + self.n_wrong
        return self.n_found / n_told if n_told else 1.0

    @property
    def recall(self) -> float:
        """Of the real ones, how many were reported; 1 where there is none."""
        n_real = self.n_found + self.n_missed
        return self.n_found / n_real if n_real else 1.0
