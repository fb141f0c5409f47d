"""What is decoded of images for a client: operations, formats, and bytes that are none."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from tests.contract.conftest import Client


def _image(blob: bytes) -> Image.Image:
    return Image.open(io.BytesIO(blob))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty engine that decodes."""
    opened = Engine(tmp_path / "database", probe_video=probe, studio=edits)
    yield opened
    opened.close()


def _png(size: tuple[int, int] = (40, 20)) -> bytes:
    """Left half red, right half dark blue."""
    image = Image.new("RGB", size, (0, 0, 60))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("operation", "size", "corner"),
    [
        ({"type": "resize", "width": 20}, (20, 10), (255, 0, 0)),
        ({"type": "resize", "height": 10, "width": 10}, (10, 10), (255, 0, 0)),
        ({"type": "resize", "scale": 0.5}, (20, 10), (255, 0, 0)),
        ({"type": "crop", "x": 20, "y": 0, "width": 20, "height": 20}, (20, 20), (0, 0, 60)),
        ({"type": "flip", "code": 1}, (40, 20), (0, 0, 60)),
        ({"type": "flip", "code": 0}, (40, 20), (255, 0, 0)),
        ({"type": "flip", "code": -1}, (40, 20), (0, 0, 60)),
        ({"type": "rotate", "angle": 90, "resize": True}, (20, 40), (0, 0, 60)),
        ({"type": "rotate", "angle": 180}, (40, 20), (0, 0, 60)),
    ],
)
def test_operations_on_images(
    ask: Client, operation: dict[str, Any], size: tuple[int, int], corner: tuple[int, int, int]
) -> None:
    """Each operation changes what is returned and not what is stored."""
    ask({"AddImage": {}}, blobs=[_png()])
    ask({"FindImage": {"blobs": True, "operations": [operation]}})
    image = _image(ask.blobs[0])
    assert image.size == size
    assert image.getpixel((1, 1)) == corner
    ask({"FindImage": {"blobs": True}})
    assert ask.blobs == [_png()]


def test_threshold_and_format_as_an_image_comes(ask: Client) -> None:
    """AddImage stores what its operations and format make of the bytes."""
    threshold = [{"type": "threshold", "value": 100}]
    ask({"AddImage": {"operations": threshold, "format": "jpg"}}, blobs=[_png()])
    ask({"FindImage": {"blobs": True, "as_format": "png"}})
    image = _image(ask.blobs[0])
    assert image.format == "PNG"
    assert sum(image.getpixel((35, 10))) < 20  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [{"type": "blur"}],
        [{"type": "resize"}],
        [{"type": "resize", "width": 10, "scale": 2}],
        [{"type": "crop", "x": 0, "y": 0, "width": 41, "height": 1}],
        [{"type": "resize", "width": 60_000, "height": 60_000}],
        [{"type": "interval", "start": 0, "stop": 1}],
        [{"type": "rotate"}],
    ],
)
def test_operations_that_mean_nothing(ask: Client, operations: list[dict[str, Any]]) -> None:
    """What is no operation on an image, or does not fit it, fails the query."""
    ask({"AddImage": {}}, blobs=[_png()])
    assert ask.failing({"FindImage": {"blobs": True, "operations": operations}})["status"] == -1


def test_bytes_that_are_no_image(ask: Client) -> None:
    """They are stored as they come, and fail only where they must be decoded."""
    if ask.is_real:
        pytest.skip("What a real server does with them is not documented.")
    ask({"AddImage": {}}, blobs=[b"no image"])
    ask({"FindImage": {"blobs": True}})
    assert ask.blobs == [b"no image"]
    find = {"FindImage": {"blobs": True, "as_format": "png"}}
    ask.failing(find, words="decoded (their format is unknown)")
