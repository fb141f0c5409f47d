"""How frames meet the square."""

from __future__ import annotations

import numpy as np
import pytest

from core.encoders.framing import N_VIEWS, frame
from core.errors import EncoderError


def stripes(height: int, width: int) -> np.ndarray:
    """A frame whose red rises from left to right and whose green rises from top to bottom."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(0, 255, width).astype(np.uint8)
    image[..., 1] = np.linspace(0, 255, height).astype(np.uint8)[:, None]
    return image


@pytest.mark.parametrize("framing", N_VIEWS)
@pytest.mark.parametrize(
    "size", [(224, 398), (398, 224), (224, 224), (1, 1), (3, 500), (2, 60_000), (1080, 1920)]
)
def test_every_frame_becomes_squares(framing: str, size: tuple[int, int]) -> None:
    """Whatever its size, a frame becomes the framing's number of uint8 squares."""
    views = frame(stripes(*size), framing, 224)
    assert views.shape == (N_VIEWS[framing], 224, 224, 3)
    assert views.dtype == np.uint8


def test_whole_keeps_the_edges() -> None:
    """`whole` shows the frame from its first column to its last, and row likewise."""
    view = frame(stripes(224, 398), "whole", 224)[0]
    assert view[:, 0, 0].max() <= 2
    assert view[:, -1, 0].min() >= 253
    assert view[0, :, 1].max() <= 2
    assert view[-1, :, 1].min() >= 253


def test_centre_drops_the_sides_alone() -> None:
    """`centre` of a 16:9 frame shows its middle nine sixteenths, at full height."""
    view = frame(stripes(224, 398), "centre", 224)[0]
    assert abs(int(view[0, 0, 0]) - 255 * 87 / 398) < 2
    assert abs(int(view[0, -1, 0]) - 255 * 311 / 398) < 2
    assert view[0, 0, 1] <= 2
    assert view[-1, 0, 1] >= 253


@pytest.mark.parametrize(("size", "channel"), [((224, 398), 0), ((398, 224), 1)])
def test_thirds_lie_along_the_longer_side(size: tuple[int, int], channel: int) -> None:
    """`thirds` begins at the left or top edge, has the centre crop second, and ends at the last."""
    image = stripes(*size)
    first, middle, last = frame(image, "thirds", 224)
    assert first[0, 0, channel] == 0
    assert last[-1, -1, channel] == 255
    assert np.array_equal(middle, frame(image, "centre", 224)[0])
    assert first.mean() < middle.mean() < last.mean()


def test_a_square_frame_looks_the_same_in_every_framing() -> None:
    """A square of the model's size is passed through untouched, thrice for `thirds`."""
    image = stripes(224, 224)
    for framing in N_VIEWS:
        for view in frame(image, framing, 224):
            assert np.array_equal(view, image)


@pytest.mark.parametrize("size", [(224, 399), (300, 401), (500, 224), (224, 224), (97, 150)])
def test_centre_is_the_crop_of_clip_itself(size: tuple[int, int]) -> None:
    """`centre` gives pixel for pixel what torchvision's Resize and CenterCrop give."""
    from PIL import Image

    from core.encoders.clip import import_clip

    import_clip()
    from torchvision.transforms import CenterCrop, InterpolationMode, Resize

    picture = Image.fromarray(stripes(*size))
    theirs = CenterCrop(224)(Resize(224, interpolation=InterpolationMode.BICUBIC)(picture))
    assert np.array_equal(frame(stripes(*size), "centre", 224)[0], np.asarray(theirs))


@pytest.mark.parametrize(
    "image",
    [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3), np.float32),
     np.zeros((0, 5, 3), np.uint8)],
    ids=["gray", "alpha", "float", "empty"],
)  # fmt: skip
def test_what_is_no_rgb_frame_is_refused(image: np.ndarray) -> None:
    """Anything but uint8 RGB is refused with its shape, before it can be misread."""
    with pytest.raises(EncoderError, match="uint8 of shape"):
        frame(image, "whole", 224)


def test_an_unknown_framing_names_those_there_are() -> None:
    """The sentence says which framings exist."""
    with pytest.raises(EncoderError, match=r"'square'.*whole, centre, thirds"):
        frame(stripes(8, 8), "square", 224)
