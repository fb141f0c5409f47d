"""Frames as JPEG, and which of them say nothing."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from core.errors import MediaError
from core.media.stills import is_dull, jpeg, read_picture
from tests.media.counter import picture, read


def test_a_jpeg_shows_the_frame() -> None:
    """The picture survives, in its size or scaled down, never up."""
    rgb = picture(0b1010_0110_0101)
    for max_px, size in ((None, (192, 144)), (96, (96, 72)), (5000, (192, 144))):
        image = Image.open(io.BytesIO(jpeg(rgb, max_px=max_px)))
        assert image.format == "JPEG"
        assert image.size == size
        assert read(np.asarray(image)) == 0b1010_0110_0101


def test_quality_is_paid_in_bytes() -> None:
    """A lower quality is smaller."""
    rgb = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
    assert len(jpeg(rgb, quality=40)) < len(jpeg(rgb))


@pytest.mark.parametrize(
    ("rgb", "dull"),
    [
        (np.zeros((48, 64, 3), np.uint8), True),
        (np.full((48, 64, 3), 200, np.uint8), True),
        (np.full((1, 1, 3), 200, np.uint8), True),
        (picture(0b0101_1010_0101), False),
    ],
    ids=["black", "one colour", "one pixel", "a picture"],
)
def test_dull_frames_are_told(rgb: np.ndarray, dull: bool) -> None:
    """Black and flat frames make no poster."""
    assert is_dull(rgb) is dull


def test_what_is_no_picture_is_said_plainly() -> None:
    """Without the names of Python's objects, and their addresses."""
    with pytest.raises(MediaError, match=r"can be read \(its format is unknown\)"):
        read_picture(b"no picture")
    with pytest.raises(MediaError, match="truncated"):
        read_picture(jpeg(picture(5))[:-40])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_damaged_picture_is_said_to_be_one(kind: str) -> None:
    """Cut off, or with other bytes in it: a sentence or a picture, whatever the decoder raises."""
    out = io.BytesIO()
    Image.fromarray(picture(0b1010_0110_0101)).save(out, kind)
    lot, whole = np.random.default_rng(5), out.getvalue()
    damaged = [whole[: len(whole) * k // 40] for k in range(40)]
    for _ in range(60):
        other = bytearray(whole)
        for at in lot.integers(0, min(len(whole), 400), 4):
            other[at] = lot.integers(0, 256)
        damaged.append(bytes(other))
    n_refused = 0
    for content in damaged:
        try:
            read_picture(content)
        except MediaError:
            n_refused += 1
    assert n_refused >= 20


def test_a_large_picture_has_a_sentence_and_no_warning_beside_it() -> None:
    """Pillow would warn of its size while it opens it, on the terminal."""
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(MediaError, match="10000 × 10000 pixels"):
            read_picture(out.getvalue())
