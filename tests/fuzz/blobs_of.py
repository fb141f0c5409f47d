"""Makes blobs: vectors, images and noise, whole and damaged."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Iterator
from typing import Any

from PIL import Image


def blob(rng: random.Random, one: dict[str, Any]) -> bytes:
    """Make a blob for a command, mostly one that it can use."""
    if any("Image" in name for name in one) and rng.random() < 0.8:
        return image(rng)
    if rng.random() < 0.7:
        return struct.pack("<2f", rng.gauss(0, 1), rng.gauss(0, 1))
    floats = [rng.choice((0.0, 1.0, -2.0, 1e-40, 3e38, float("nan"))) for _ in range(2)]
    noise = rng.randbytes(rng.randrange(40))
    return rng.choice((struct.pack("<2f", *floats), b"", b"refuse me", rng.randbytes(8), noise))


def image(rng: random.Random) -> bytes:
    """Make an image of one of many forms, whole, cut short, or with some bytes of chance."""
    made = bytearray(rng.choice(_IMAGES))
    if rng.random() < 0.5:
        for _ in range(rng.choice((1, 2, 10))):
            made[rng.randrange(len(made))] = rng.randrange(256)
    return bytes(made[: len(made) if rng.random() < 0.8 else 30])


def _pictures() -> Iterator[bytes]:
    for said in ("RGB PNG", "RGBA PNG", "P PNG", "I;16 PNG", "L JPEG", "CMYK JPEG", "RGB JPEG",
                 "P GIF", "RGB TIFF", "RGB WEBP", "1 BMP"):  # fmt: skip
        mode, form = said.split()
        out = io.BytesIO()
        Image.new(mode, (12, 8)).save(out, form)
        yield out.getvalue()


_IMAGES = tuple(_pictures())
