"""Draws the pictures that the tiny CLIP learns from, and the scenes of the test and demo films.

One coloured shape on a plain background, any size, place and slight rotation, on frames of the
usual proportions. Nothing here knows the model.
"""

from __future__ import annotations

import colorsys
import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

COLOURS = {
    "red": (220, 30, 35),
    "green": (40, 170, 60),
    "blue": (35, 70, 220),
    "yellow": (245, 220, 40),
    "purple": (135, 45, 170),
    "orange": (245, 135, 25),
    "white": (248, 248, 248),
    "pink": (250, 135, 185),
}
SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
BACKGROUNDS = {
    "black": (12, 12, 14),
    "gray": (125, 125, 128),
    "brown": (100, 62, 35),
    "cyan": (70, 205, 215),
}
PAIRS = [(colour, shape) for colour in COLOURS for shape in SHAPES]
PROPORTIONS = ((16, 9), (16, 9), (4, 3), (1, 1), (9, 16))
_OVERSAMPLING = 2  # drawn this much larger, then averaged: smooth edges at little cost


@dataclass(frozen=True, slots=True)
class Picture:
    """What to draw; without a shape, an empty background.

    `x`, `y` are the shape's centre as fractions of the frame, `size` its diameter as a fraction of
    the frame's shorter side.
    """

    colour: str
    shape: str | None
    background: str
    x: float = 0.5
    y: float = 0.5
    size: float = 0.5
    turn_deg: float = 0.0


def draw(
    picture: Picture,
    width_px: int,
    height_px: int,
    *,
    colour_rgb: tuple[int, int, int] | None = None,
    background_rgb: tuple[int, int, int] | None = None,
) -> Image.Image:
    """Draw one picture, RGB, of exactly this size; the two colours default to the named ones."""
    scale = _OVERSAMPLING
    ink = colour_rgb or COLOURS[picture.colour]
    ground = background_rgb or BACKGROUNDS[picture.background]
    image = Image.new("RGB", (width_px * scale, height_px * scale), ground)
    if picture.shape is not None:
        _draw_shape(image, picture, ink, ground)
    return image.reduce(scale)


def _draw_shape(
    image: Image.Image, picture: Picture, ink: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    pen = ImageDraw.Draw(image)
    radius = picture.size * min(image.size) / 2
    x, y = picture.x * image.width, picture.y * image.height
    box = (x - radius, y - radius, x + radius, y + radius)
    if picture.shape == "circle":
        pen.ellipse(box, fill=ink)
    elif picture.shape == "ring":
        inner = radius * 0.58
        pen.ellipse(box, fill=ink)
        pen.ellipse((x - inner, y - inner, x + inner, y + inner), fill=ground)
    else:
        turn = math.radians(picture.turn_deg)
        pen.polygon(
            [
                (x + radius * r * math.cos(a + turn), y + radius * r * math.sin(a + turn))
                for r, a in _outline(str(picture.shape))
            ],
            fill=ink,
        )


def _outline(shape: str) -> list[tuple[float, float]]:
    """Give a polygon's corners as (radius, angle in radians), upright at no rotation."""
    up = -math.pi / 2
    if shape == "square":
        return [(1.0, math.pi / 4 + i * math.pi / 2) for i in range(4)]
    if shape == "triangle":
        return [(1.0, up + i * 2 * math.pi / 3) for i in range(3)]
    if shape == "star":
        return [(1.0 if i % 2 == 0 else 0.42, up + i * math.pi / 5) for i in range(10)]
    if shape == "cross":
        arm = 0.3
        corners = [(arm, -1), (arm, -arm), (1, -arm), (1, arm), (arm, arm), (arm, 1)]
        corners += [(-x, -y) for x, y in corners]
        return [(math.hypot(x, y), math.atan2(y, x)) for x, y in corners]
    raise ValueError(f"{shape!r} is no shape; use one of {', '.join(SHAPES)}.")


def random_picture(rng: np.random.Generator, *, empty: bool = False) -> Picture:
    """Choose a colour, a shape, a background, a place and a size."""
    size = float(rng.uniform(0.22, 0.85))
    margin = min(0.5, size * 0.28)
    return Picture(
        colour=str(rng.choice(list(COLOURS))),
        shape=None if empty else str(rng.choice(SHAPES)),
        background=str(rng.choice(list(BACKGROUNDS))),
        x=float(rng.uniform(margin, 1 - margin)),
        y=float(rng.uniform(margin, 1 - margin)),
        size=size,
        turn_deg=float(rng.uniform(-18, 18)),
    )


def random_frame(
    rng: np.random.Generator,
    picture: Picture,
    *,
    short_side_px: int,
    proportions: tuple[int, int] | None = None,
) -> Image.Image:
    """Draw a picture on a frame of some proportions, its colours a little off as in real films."""
    across, down = proportions or PROPORTIONS[rng.integers(len(PROPORTIONS))]
    unit = short_side_px / min(across, down)
    return draw(
        picture,
        round(across * unit),
        round(down * unit),
        colour_rgb=_near(rng, COLOURS[picture.colour]),
        background_rgb=_near(rng, BACKGROUNDS[picture.background]),
    )


def _near(rng: np.random.Generator, rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    hue, light, strength = colorsys.rgb_to_hls(*(v / 255 for v in rgb))
    hue = (hue + rng.uniform(-0.012, 0.012)) % 1
    light = min(0.99, max(0.01, light + rng.uniform(-0.04, 0.04)))
    strength = min(1.0, max(0.0, strength + rng.uniform(-0.08, 0.08)))
    red, green, blue = colorsys.hls_to_rgb(hue, light, strength)
    return round(red * 255), round(green * 255), round(blue * 255)


_RESAMPLERS = (
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.BOX,
)


def weathered(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Give a frame what scaling and codecs do to it: blur, block edges, smeared colours, noise."""
    if rng.random() < 0.4:
        factor = float(rng.uniform(0.6, 1.6))
        scaled_px = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        resampler = _RESAMPLERS[rng.integers(len(_RESAMPLERS))]
        image = image.resize(scaled_px, resampler)
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.2))))
    if rng.random() < 0.5:
        packed = io.BytesIO()
        image.save(packed, "JPEG", quality=int(rng.integers(35, 92)), subsampling=2)
        image = Image.open(packed).convert("RGB")
    if rng.random() < 0.4:
        noise = rng.normal(0, rng.uniform(1, 6), (image.height, image.width, 1))
        pixels = np.asarray(image, np.float32) + noise.astype(np.float32)
        image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return image
