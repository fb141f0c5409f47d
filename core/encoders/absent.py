"""Stands where a model should be whose weights nobody can find: it says so, whatever it is asked.

So that everything that needs no model goes on. Knows the sentence, not where was looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from core.errors import WeightsMissingError
from core.model import EncoderInfo, EncoderStatus


class AbsentEncoder:
    """The encoder of the model `made_by`, which is not on this machine, as `sentence` says."""

    def __init__(self, made_by: EncoderInfo, sentence: str) -> None:
        self._made_by, self._sentence = made_by, sentence

    @property
    def input_px(self) -> int:
        """Raise WeightsMissingError, as all that follows."""
        self._refuse()

    @property
    def batch_size(self) -> int:
        """Raise WeightsMissingError."""
        self._refuse()

    def info(self) -> EncoderInfo:
        """Say which model it would be."""
        return self._made_by

    def identity(self) -> tuple[str, str, str]:
        """Say which model it would be."""
        return self._made_by.model, self._made_by.pretrained, self._made_by.framing

    def status(self) -> EncoderStatus:
        """Say that it is not there."""
        return EncoderStatus("absent", self._sentence, None, "")

    @property
    def is_loaded(self) -> bool:
        """Say that it is not."""
        return False

    def load(self) -> None:
        """Raise WeightsMissingError."""
        self._refuse()

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:  # noqa: ARG002 - the protocol's
        """Raise WeightsMissingError."""
        self._refuse()

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:  # noqa: ARG002 - the protocol's
        """Raise WeightsMissingError."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise WeightsMissingError(self._sentence)
