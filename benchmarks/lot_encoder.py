"""An encoder whose vectors are drawn by lot, one for each picture: no two clips are folded.

For measurements of everything but the model. Knows no video, no database.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.model import EncoderInfo, EncoderStatus

DIMENSIONS = 512


class LotEncoder:
    """Encodes nothing: the same picture gets the same vector, another picture another one."""

    input_px = 224
    batch_size = 32
    is_loaded = True

    def info(self) -> EncoderInfo:
        return EncoderInfo("benchmarks", "by lot", "drawn", "whole", DIMENSIONS, 1)

    def identity(self) -> tuple[str, str, str]:
        info = self.info()
        return info.model, info.pretrained, info.framing

    def status(self) -> EncoderStatus:
        return EncoderStatus("ready", "Vectors by lot are ready.", None, "cpu")

    def load(self) -> None:
        """There is nothing to load."""

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        rows = np.empty((len(images), 1, DIMENSIONS), np.float32)
        for row, image in zip(rows, images, strict=True):
            rng = np.random.default_rng(zlib.crc32(np.ascontiguousarray(image[::4])))
            row[:] = rng.standard_normal(DIMENSIONS)
        return rows / np.linalg.norm(rows, axis=-1, keepdims=True)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise NotImplementedError
