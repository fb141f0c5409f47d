"""What every encoder can do, whatever model is behind it.

Search, indexing and the pages know this protocol and no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.model import EncoderInfo, EncoderStatus


class Encoder(Protocol):
    """Turns pictures and words into vectors of one space; safe to use from several threads."""

    @property
    def input_px(self) -> int:
        """Side of the square the model sees; frames need no more on their short side."""

    @property
    def batch_size(self) -> int:
        """Frames that are best handed to `encode_images` at once, so that its device is kept busy.

        It may change from call to call: it shrinks where memory ran out, and grows again when that
        is over.

        Raises:
            WeightsMissingError, EncoderError: as `load`, which it may need to know the device.
        """

    def info(self) -> EncoderInfo:
        """Say which model makes the vectors; loads it if that is needed to know.

        Raises:
            WeightsMissingError, EncoderError: as `load`.
        """

    def identity(self) -> tuple[str, str, str]:
        """Say which model it is, (model, pretrained, framing) as in EncoderInfo; loads nothing.

        Raises:
            WeightsMissingError: that cannot be told without its file, which is not here.
        """

    def status(self) -> EncoderStatus:
        """Say whether the model can be used now; answers at once, loads nothing."""

    @property
    def is_loaded(self) -> bool:
        """Say whether the model is in memory, so that nobody has to wait for its file; at once."""

    def load(self) -> None:
        """Bring the model into memory, fetching its weights first if need be; repeatable.

        Raises:
            WeightsMissingError: the weights are not on this machine and cannot be fetched.
            EncoderMemoryError: its device has no memory left for it; that may pass.
            EncoderError: what is there is no model that can be used.
        """

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode frames, framing them first.

        Args:
            images: uint8 RGB arrays (height, width, 3), each of any size.

        Returns:
            float32 (n_images, n_views, dimensions), every row of unit length, in the order given.

        Raises:
            WeightsMissingError, EncoderError: as `load`, or an array is no RGB image.
            EncoderMemoryError: there is no memory even for one; that may pass.
        """

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words.

        Returns:
            float32 (n_texts, dimensions), every row of unit length, in the order given. A text
            longer than the model reads is cut, not refused.

        Raises:
            WeightsMissingError, EncoderError: as `load`.
            EncoderMemoryError: there is no memory even for one; that may pass.
        """
