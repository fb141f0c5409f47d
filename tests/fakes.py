"""An encoder that a person can compute: a picture's mean colour, a colour's word.

Real enough to search by (red is nearest to red), and needs no weights. Knows no video, no database.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import WeightsMissingError
from core.model import EncoderInfo, EncoderStatus

COLOURS = {
    "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0),
    "white": (255, 255, 255), "black": (0, 0, 0), "purple": (128, 0, 128), "orange": (255, 165, 0),
}  # fmt: skip
DIMENSIONS = 4


def vector_of(rgb: Sequence[float]) -> NDArray[np.float32]:
    """The unit vector of one colour: its distance from mid-grey, and a little of everything."""
    row = np.array([*(part / 255 - 0.5 for part in rgb), 0.1], np.float32)
    return row / np.linalg.norm(row)


class ColourEncoder:
    """Encodes pictures by their mean colour and texts by the first colour they name."""

    input_px = 32
    batch_size = 32

    def __init__(self, *, n_views: int = 1, model: str = "mean colour") -> None:
        self.n_views, self.model = n_views, model
        self.missing: str | None = None  # a sentence: as if the weights were not there
        self.n_loads = 0

    def info(self) -> EncoderInfo:
        framing = "thirds" if self.n_views == 3 else "whole"
        return EncoderInfo("tests", self.model, "computed", framing, DIMENSIONS, self.n_views)

    def identity(self) -> tuple[str, str, str]:
        info = self.info()
        return info.model, info.pretrained, info.framing

    def status(self) -> EncoderStatus:
        if self.missing:
            return EncoderStatus("absent", self.missing, None, "cpu")
        return EncoderStatus("ready", "Mean colours are ready.", None, "cpu")

    @property
    def is_loaded(self) -> bool:
        return not self.missing

    def load(self) -> None:
        if self.missing:
            raise WeightsMissingError(self.missing)
        self.n_loads += 1

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.load()
        parts = [np.array_split(image, self.n_views, axis=1) for image in images]
        rows = [[vector_of(view.mean(axis=(0, 1))) for view in views] for views in parts]
        return np.array(rows, np.float32).reshape(len(images), self.n_views, DIMENSIONS)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.load()
        return np.array([_row(text) for text in texts], np.float32)


def _row(text: str) -> NDArray[np.float32]:
    """Read the first colour; what names none is as far from every colour as from the next."""
    named = (COLOURS[word] for word in text.lower().split() if word in COLOURS)
    colour = next(named, None)
    return np.array([0, 0, 0, -1], np.float32) if colour is None else vector_of(colour)
