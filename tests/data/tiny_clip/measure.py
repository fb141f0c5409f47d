"""How often the model is right: through the product's own encoder, on pictures it never saw.

Also after what happens to a film: drawn at 1080p, encoded as H.264, scaled down by ffmpeg.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from numpy.typing import NDArray

from core.encoders.base import Encoder
from tests.data.tiny_clip.pictures import (
    PAIRS,
    PROPORTIONS,
    Picture,
    random_frame,
    random_picture,
    weathered,
)

Frames: TypeAlias = tuple[list[NDArray[np.uint8]], list[Picture]]


def accuracy(encoder: Encoder, frames: Frames) -> dict[str, float]:
    """Say how often a picture's own "a {colour} {shape}" comes first among the 48.

    `pair` is both right, `colour` and `shape` that part of the first caption.
    """
    images, drawn = frames
    texts = encoder.encode_texts([f"a {colour} {shape}" for colour, shape in PAIRS])
    best = (encoder.encode_images(images)[:, 0] @ texts.T).argmax(axis=1)
    said = [PAIRS[i] for i in best]
    colour = [s[0] == p.colour for s, p in zip(said, drawn, strict=True)]
    shape = [s[1] == p.shape for s, p in zip(said, drawn, strict=True)]
    figures = {"pair": np.logical_and(colour, shape), "colour": colour, "shape": shape}
    return {name: round(float(np.mean(values)), 4) for name, values in figures.items()}


def drawn_frames(n: int, *, seed: int, weather: bool = False) -> Frames:
    """Draw n pictures on frames of all proportions, short side 224 px, as decoding gives them."""
    rng = np.random.default_rng(seed)
    drawn = [random_picture(rng) for _ in range(n)]
    made = [random_frame(rng, picture, short_side_px=224) for picture in drawn]
    return [np.asarray(weathered(rng, image) if weather else image) for image in made], drawn


def film_frames(n: int, *, seed: int) -> Frames:
    """Draw n pictures at 1080p and put them through H.264 (crf 28) and ffmpeg's scaling to 224."""
    rng = np.random.default_rng(seed)
    frames: list[NDArray[np.uint8]] = []
    drawn: list[Picture] = []
    shares = np.array_split([random_picture(rng) for _ in range(n)], len(set(PROPORTIONS)))
    with tempfile.TemporaryDirectory() as folder:
        for proportions, share in zip(sorted(set(PROPORTIONS)), shares, strict=True):
            frames += _film(rng, list(share), proportions, Path(folder) / "film.mp4")
            drawn += list(share)
    return frames, drawn


def _film(rng: np.random.Generator, drawn: Sequence[Picture], proportions: tuple[int, int],
          path: Path) -> list[NDArray[np.uint8]]:  # fmt: skip
    """Encode one picture per frame and decode them, scaled."""
    wide, high = _sides(proportions, 1080)
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{wide}x{high}", "-r", "25", "-i", "-"]
    codec = ["-c:v", "libx264", "-crf", "28", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    with subprocess.Popen(
        [get_ffmpeg_exe(), "-v", "error", "-y", *source, *codec, str(path)], stdin=subprocess.PIPE
    ) as encoding:
        assert encoding.stdin is not None
        for picture in drawn:
            image = random_frame(rng, picture, short_side_px=1080, proportions=proportions)
            encoding.stdin.write(image.tobytes())
    wide, high = _sides(proportions, 224)
    raw = subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vf", f"scale={wide}:{high}",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], check=True, capture_output=True,
    ).stdout  # fmt: skip
    return list(np.frombuffer(raw, np.uint8).reshape(len(drawn), high, wide, 3))


def _sides(proportions: tuple[int, int], short_side_px: int) -> tuple[int, int]:
    unit = short_side_px / min(proportions)
    return round(proportions[0] * unit), round(proportions[1] * unit)
