"""Still pictures: what operations do to them, and their encoding as JPEG or PNG.

Knows no command and no database.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.editing import Crop, Resize, Threshold, VideoOperation
from core.engine import messages as say
from core.engine.messages import fail
from core.engine.operations import Flip, ImageOperation, Rotate

MOST_PIXELS = 8192 * 8192
_QUALITY = 92  # of a JPEG
_NAMES = {"jpg": "JPEG", "png": "PNG"}
# Of the many others that Pillow knows, some start programs (EPS) or are hardly ever read.
_READ = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
_LONGEST_JPEG_SIDE_PX = 65_500


def edited(content: bytes, operations: Sequence[ImageOperation], as_format: str | None) -> bytes:
    """Give an encoded image after these operations, in its own format unless another is named.

    Raises:
        QueryFailedError: it is no image, is too large, or an operation does not fit it.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_READ) as image:
            _check_size(*image.size)
            own = "png" if image.format == "PNG" else "jpg"
            return _encoded(_after(image, operations), as_format or own)
    except UnidentifiedImageError:  # Pillow's own text shows an object of Python
        raise fail(say.NOT_AN_IMAGE, error="their format is unknown") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise fail(say.NOT_AN_IMAGE, error=error) from None


def encoded(rgb: NDArray[np.uint8], operations: Sequence[ImageOperation], as_format: str) -> bytes:
    """Encode a picture, uint8 RGB (height, width, 3), after these operations.

    Raises:
        QueryFailedError: an operation does not fit its size.
    """
    return _encoded(_after(Image.fromarray(rgb), operations), as_format)


def of_video_first(
    operations: Sequence[ImageOperation],
) -> tuple[list[VideoOperation], list[ImageOperation]]:
    """Split operations: as many as the decoder can do itself, and what remains after those."""
    first = list(takewhile(lambda one: not isinstance(one, Flip | Rotate), operations))
    decoded = [one for one in first if not isinstance(one, Flip | Rotate)]
    return decoded, list(operations[len(first) :])


def _encoded(image: Image.Image, as_format: str) -> bytes:
    out = io.BytesIO()
    if as_format == "jpg" and max(image.size) > _LONGEST_JPEG_SIDE_PX:
        raise fail(say.IMAGE_TOO_LARGE, width=image.width, height=image.height)
    if as_format == "jpg" and image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    image.save(out, _NAMES[as_format], quality=_QUALITY)
    return out.getvalue()


def _after(image: Image.Image, operations: Sequence[ImageOperation]) -> Image.Image:
    if operations and image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGB")
    for operation in operations:
        image = _operate(image, operation)
    return image


def _operate(image: Image.Image, operation: ImageOperation) -> Image.Image:
    if isinstance(operation, Resize):
        return _resize(image, operation)
    if isinstance(operation, Crop):
        return _crop(image, operation)
    if isinstance(operation, Threshold):
        return image.point(lambda value: 0 if value < operation.value else value)
    if isinstance(operation, Flip):
        return _flip(image, operation)
    assert isinstance(operation, Rotate)  # noqa: S101 - an interval is no operation on images
    if operation.grows:
        _check_size(*_size_turned(image.size, operation.angle_deg))
    return image.rotate(operation.angle_deg, Image.Resampling.BICUBIC, expand=operation.grows)


def _resize(image: Image.Image, to: Resize) -> Image.Image:
    if to.scale is not None:
        width, height = image.width * to.scale, image.height * to.scale
    elif to.width_px is None:
        assert to.height_px is not None  # noqa: S101 - one of the three is there
        width, height = image.width * to.height_px / image.height, to.height_px
    else:
        width, height = to.width_px, to.height_px or image.height * to.width_px / image.width
    size = max(1, round(width)), max(1, round(height))
    _check_size(*size)
    return image.resize(size, Image.Resampling.BICUBIC)


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise fail(say.IMAGE_TOO_LARGE, width=width, height=height)


def _size_turned(size: tuple[int, int], angle_deg: float) -> tuple[int, int]:
    """Give the size of the rectangle that holds a turned one."""
    turn = math.radians(angle_deg)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    return math.ceil(size[0] * cos + size[1] * sin), math.ceil(size[0] * sin + size[1] * cos)


def _crop(image: Image.Image, to: Crop) -> Image.Image:
    right, bottom = to.x_px + to.width_px, to.y_px + to.height_px
    if right > image.width or bottom > image.height:
        raise fail(say.CROP_OUTSIDE, right=right, bottom=bottom, size=image.size)
    return image.crop((to.x_px, to.y_px, right, bottom))


def _flip(image: Image.Image, how: Flip) -> Image.Image:
    if how.is_vertical:
        image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if how.is_horizontal:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image
