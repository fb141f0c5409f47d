"""Words in a few templates, "a photo of …", as the mean of their vectors; off unless asked for.

OpenAI's CLIP is known to answer better to such sentences (Radford et al. 2021, 3.1.4). The tiny
models that could be measured here do not: docs/search.md. `python -m core evaluate --settings
templates=true` tells on one's own videos.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.model import EncoderInfo
from core.search.aiming import Encoder

FORM: Final = "in templates"  # the name under which what was calibrated so is kept
TEMPLATES: Final = ("{}", "a photo of {}", "a frame of a video of {}", "a scene with {}")


class Wrapped:
    """An encoder that reads words in templates."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def info(self) -> EncoderInfo:
        """Say which model it is."""
        return self._encoder.info()

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode pictures, as the encoder itself."""
        return self._encoder.encode_images(images)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words as unit-length rows (n_texts, dimensions), means over the templates."""
        said = [template.format(text) for text in texts for template in TEMPLATES]
        rows = self._encoder.encode_texts(said).reshape(len(texts), len(TEMPLATES), -1).mean(axis=1)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
