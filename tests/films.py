"""Draws films whose every second is known, from scenes: a shape of one colour before a background.

For tests, the demo and the screenshots. Knows the drawing of the tiny model's training pictures and
the bundled ffmpeg; knows nothing of Reelseek, so that it can be believed when Reelseek is wrong.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from tests.data.tiny_clip.pictures import Picture, draw

# The pictures move twice a second and ffmpeg repeats each up to the film's rate: a film of 30 s
# costs 60 drawings. Scenes begin and end on this grid.
DRAWN_PER_S = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """One shape before one background, in [start_s, end_s), moving slowly."""

    colour: str
    shape: str
    background: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Codec:
    """How a film is encoded; `audio` is the codec used when the film has sound."""

    suffix: str
    video: tuple[str, ...]
    audio: str


H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p")
HVC1 = ("-tag:v", "hvc1", "-pix_fmt", "yuv420p")
CODECS = {
    "h264": Codec(".mp4", (*H264, "-movflags", "+faststart"), "aac"),
    "h264 mkv": Codec(".mkv", H264, "aac"),
    "mpeg4 avi": Codec(".avi", ("-c:v", "mpeg4", "-q:v", "4"), "libmp3lame"),
    "hevc": Codec(
        ".mp4",
        ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", *HVC1),
        "aac",
    ),
    "vp9": Codec(
        ".webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), "libopus"
    ),
}


@dataclass(frozen=True, slots=True)
class Film:
    """A film to draw: its name without ending, its picture, and what happens in it."""

    name: str
    scenes: tuple[Scene, ...]
    size_px: tuple[int, int] = (640, 360)  # width, height; even numbers
    fps: float = 12
    sound: bool = False
    codec: str = "h264"

    @property
    def filename(self) -> str:
        return self.name + CODECS[self.codec].suffix

    @property
    def duration_s(self) -> float:
        return self.scenes[-1].end_s


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """Words, and the one stretch of the one film that shows what they say."""

    text: str
    film: str  # Film.name
    start_s: float
    end_s: float


def scenes(spec: str, *, seconds_each: float) -> tuple[Scene, ...]:
    """Scenes one after the other from "red star/black, blue ring/gray"."""
    words = [part.replace("/", " ").split() for part in spec.split(",")]
    return tuple(
        Scene(colour, shape, background, at * seconds_each, (at + 1) * seconds_each)
        for at, (colour, shape, background) in enumerate(words)
    )


def draw_film(film: Film, folder: Path) -> Path:
    """Draw and encode one film into `folder`; its path. The same film gives the same pictures."""
    _check(film)
    path = folder / film.filename
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *_inputs(film)]
    command += ["-r", str(film.fps), *CODECS[film.codec].video, "-threads", "2"]
    command += ["-c:a", CODECS[film.codec].audio] if film.sound else ["-an"]
    with subprocess.Popen(
        [*command, str(path)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as encoder:
        assert encoder.stdin is not None
        assert encoder.stderr is not None
        for picture in _pictures(film):
            encoder.stdin.write(picture.tobytes())
        encoder.stdin.close()
        complaint = encoder.stderr.read().decode(errors="replace")
    assert encoder.returncode == 0, f"ffmpeg could not encode {film.filename}: {complaint}"
    return path


def _check(film: Film) -> None:
    assert film.scenes[0].start_s == 0
    assert all(a.end_s == b.start_s for a, b in pairwise(film.scenes)), "a gap between scenes"
    assert all(float(s.end_s * DRAWN_PER_S).is_integer() for s in film.scenes), (
        "off the drawing grid"
    )
    assert all(side % 2 == 0 for side in film.size_px), "H.264 in 4:2:0 needs even sides"


def _inputs(film: Film) -> list[str]:
    width, height = film.size_px
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={film.duration_s}"]
    return [*raw, "-r", str(DRAWN_PER_S), "-i", "pipe:0", *(sound if film.sound else [])]


def _pictures(film: Film) -> Iterator[Image.Image]:
    for scene in film.scenes:
        path = _Path.by_lot(random.Random(f"{film.name} {scene.start_s}"))
        n_pictures = round((scene.end_s - scene.start_s) * DRAWN_PER_S)
        for number in range(n_pictures):
            yield draw(path.picture(scene, number / n_pictures), *film.size_px)


@dataclass(frozen=True, slots=True)
class _Path:
    """Where a shape goes in one scene: from one place and turn to another, at one size."""

    start: tuple[float, float]  # of the frame's width and height
    end: tuple[float, float]
    size: float  # of the frame's shorter side
    turn_deg: tuple[float, float]

    @classmethod
    def by_lot(cls, lot: random.Random) -> _Path:
        start, end = ((lot.uniform(0.3, 0.7), lot.uniform(0.3, 0.7)) for _ in range(2))
        turn_deg = (lot.uniform(-12, 12), lot.uniform(-12, 12))
        return cls(start, end, lot.uniform(0.4, 0.65), turn_deg)

    def picture(self, scene: Scene, done: float) -> Picture:
        x, y, turn_deg = (
            a + (b - a) * done
            for a, b in zip(
                (*self.start, self.turn_deg[0]), (*self.end, self.turn_deg[1]), strict=True
            )
        )
        return Picture(scene.colour, scene.shape, scene.background, x, y, self.size, turn_deg)
