"""A frame as a JPEG, whether it is worth looking at, and a picture that a person hands in."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import MediaError

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_MOST_PX = 64_000_000
# What Pillow's decoders raise; AVIF's a RuntimeError.
_DAMAGED = (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError)
_DARK = 24  # mean of 0..255 below which a picture says nothing
_FLAT = 8  # standard deviation below which it is one colour


def jpeg(rgb: NDArray[np.uint8], *, max_px: int | None = None, quality: int = 82) -> bytes:
    """Encode uint8 RGB (height, width, 3), scaled down to a long side of at most `max_px`.

    With the usual tables: tables made for the picture save 5 % of its bytes for three times the
    time.
    """
    image = Image.fromarray(rgb)
    if max_px is not None:
        image.thumbnail((max_px, max_px), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def is_dull(rgb: NDArray[np.uint8]) -> bool:
    """Say whether a picture is black or one flat colour, as films often begin."""
    return bool(rgb.mean() < _DARK or rgb.std() < _FLAT)


def read_picture(content: bytes) -> NDArray[np.uint8]:
    """Decode a picture that somebody handed in, upright: uint8 RGB (height, width, 3).

    Raises:
        MediaError: it is no picture, damaged, or larger than 64 million pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata, and about sizes that we check
            return _decoded(content)
    except UnidentifiedImageError as error:  # whose own text shows an object of Python
        raise _unreadable("its format is unknown") from error
    except _DAMAGED as error:
        raise _unreadable(str(error)) from error


def _decoded(content: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        width_px, height_px = image.size
        if width_px * height_px > _MOST_PX:
            raise MediaError(
                f"This picture has {width_px} × {height_px} pixels, more than "
                f"{_MOST_PX // 10**6} million. Make it smaller."
            )
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def _unreadable(reason: str) -> MediaError:
    return MediaError(f"This is no picture that can be read ({reason}). Try a JPEG or PNG.")
