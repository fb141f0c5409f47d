"""A frame as a JPEG, and whether it is worth looking at."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_DARK = 24  # mean of 0..255 below which a picture says nothing
_FLAT = 8  # standard deviation below which it is one colour


def jpeg(rgb: NDArray[np.uint8], *, max_px: int | None = None, quality: int = 82) -> bytes:
    """Encode uint8 RGB (height, width, 3), scaled down to a long side of at most `max_px`."""
    image = Image.fromarray(rgb)
    if max_px is not None:
        image.thumbnail((max_px, max_px), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def is_dull(rgb: NDArray[np.uint8]) -> bool:
    """Say whether a picture is black or one flat colour, as films often begin."""
    return bool(rgb.mean() < _DARK or rgb.std() < _FLAT)
