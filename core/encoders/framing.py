"""How a frame of any proportions meets a model's square input. Pillow and numpy only.

The framing is recorded with an index, because vectors made with different framings do not compare.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import EncoderError

_LONGEST: Final = 8  # times the short side; frames of videos are far below it
N_VIEWS: Final = {"whole": 1, "centre": 1, "thirds": 3}
_MOST_THREADS: Final = 16


def squares(
    images: Sequence[NDArray[np.uint8]], framing: str, size_px: int, *, on_threads: bool
) -> Generator[NDArray[np.uint8], None, None]:
    """Yield the squares of all images, as `frame` makes them, in their order.

    Raises:
        EncoderError: as `frame`.
    """

    def framed(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return frame(image, framing, size_px)

    if not on_threads:
        yield from itertools.chain.from_iterable(map(framed, images))
        return
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as threads:
        yield from itertools.chain.from_iterable(threads.map(framed, images))


def frame(image: NDArray[np.uint8], framing: str, size_px: int) -> NDArray[np.uint8]:
    """Cut or squeeze one frame into the squares that the model sees.

    Args:
        image: uint8 RGB of shape (height, width, 3), any size.
        framing: `whole` squeezes the frame into one square, so that nothing at the edges is lost;
            `centre` is CLIP's own preprocessing, the short side scaled to the square and the rest
            cut off; `thirds` takes three squares along the longer side: at its start (left or top),
            its middle and its end.
        size_px: side of the square.

    Returns:
        uint8 of shape (n_views, size_px, size_px, 3), views in the order above.

    Raises:
        EncoderError: no such framing, or this is no RGB image.
    """
    if framing not in N_VIEWS:
        raise EncoderError(f"There is no framing {framing!r}. Use one of {', '.join(N_VIEWS)}.")
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise EncoderError(
            f"A frame must be uint8 of shape (height, width, 3), not {image.dtype} of shape "
            f"{image.shape}. Convert it to RGB first."
        )
    picture = Image.fromarray(image)
    views = _whole(picture, size_px) if framing == "whole" else _crops(picture, framing, size_px)
    return np.stack([np.asarray(view) for view in views])


def _whole(picture: Image.Image, size_px: int) -> list[Image.Image]:
    if picture.size == (size_px, size_px):
        return [picture]
    return [picture.resize((size_px, size_px), Image.Resampling.BICUBIC)]


def _crops(picture: Image.Image, framing: str, size_px: int) -> list[Image.Image]:
    """Scale the short side to the square, then cut; rounded as torchvision's Resize, CenterCrop."""
    short = min(picture.size)
    if max(picture.size) > _LONGEST * short:  # scaling all of it first could fill the memory
        return _squares(picture, framing, short, size_px)
    across, down = (side * size_px // short for side in picture.size)
    if (across, down) != picture.size:
        picture = picture.resize((across, down), Image.Resampling.BICUBIC)
    return _squares(picture, framing, size_px, size_px)


def _squares(picture: Image.Image, framing: str, side_px: int, size_px: int) -> list[Image.Image]:
    """Cut the framing's squares of this side, then scale them to the model's size."""
    spare_x, spare_y = picture.width - side_px, picture.height - side_px
    places = (0.5,) if framing == "centre" else (0.0, 0.5, 1.0)
    corners = [(round(spare_x * place), round(spare_y * place)) for place in places]
    cut = [picture.crop((x, y, x + side_px, y + side_px)) for x, y in corners]
    return [view for square in cut for view in _whole(square, size_px)]
