"""What a model says of itself, whatever the library: vectors of fixed words and fixed pictures.

Made once for a model and a form of words, and kept: a calibration is made from them without asking
the model again.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from core.model import EncoderInfo
from core.search import prompts, still_lifes

Rows = NDArray[np.float32]

_SAME: Final = 1e-3
VERSION: Final = 1  # of the words and the pictures; others are encoded anew


class TextEncoder(Protocol):
    """What reads words; see core.encoders.base."""

    def info(self) -> EncoderInfo:
        """Say which model it is."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words as unit-length rows."""


class Encoder(TextEncoder, Protocol):
    """What references are made by; see core.encoders.base."""

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode pictures as rows of shape (n_images, n_views, dimensions)."""


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Unit rows of one model, float32 (n, dimensions) each.

    Attributes:
        everyday: of everyday words.
        neutral: of words that say nothing.
        impossible: of what no film shows.
        parts: of the impossible ones without each of their words, all in one.
        part_of: int (n_parts,): of which impossible one each part is.
        pictures: of pictures that show nothing in particular.
    """

    everyday: Rows
    neutral: Rows
    impossible: Rows
    parts: Rows
    part_of: NDArray[np.int64]
    pictures: Rows

    @property
    def tells_words_apart(self) -> bool:
        """Whether everyday words are not all the same to the model, so that it can be measured."""
        return bool(self.everyday.std(axis=0).max() > _SAME)

    def parts_of(self, number: int) -> Rows:
        """Give the rows of one impossible text without each of its words."""
        rows: Rows = self.parts[self.part_of == number]
        return rows

    def to_bytes(self) -> bytes:
        """Pack for storing; vectors in half precision."""
        out = io.BytesIO()
        vectors = {name: getattr(self, name).astype(np.float16) for name in _VECTORS}
        np.savez(out, version=VERSION, part_of=self.part_of, **vectors)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> References | None:
        """Unpack what `to_bytes` packed; None where another version did, or it is damaged."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                if int(kept["version"]) != VERSION:
                    return None
                vectors = {name: kept[name].astype(np.float32) for name in _VECTORS}
                return cls(part_of=kept["part_of"].astype(np.int64), **vectors)
        except (ValueError, KeyError, OSError, EOFError, BadZipFile):
            return None


_VECTORS: Final = ("everyday", "neutral", "impossible", "parts", "pictures")


def made_by(encoder: Encoder) -> References:
    """Ask the model for all of them: some 300 texts and 64 pictures.

    Raises:
        WeightsMissingError, EncoderError: the model cannot be used.
    """
    parts = [prompts.without_each_word(text) for text in prompts.IMPOSSIBLE]
    part_of = [number for number, of_one in enumerate(parts) for _ in of_one]
    return References(
        everyday=encoder.encode_texts(prompts.EVERYDAY),
        neutral=encoder.encode_texts(prompts.NEUTRAL),
        impossible=encoder.encode_texts(prompts.IMPOSSIBLE),
        parts=encoder.encode_texts([part for of_one in parts for part in of_one]),
        part_of=np.array(part_of, np.int64),
        pictures=encoder.encode_images(still_lifes.pictures())[:, 0],
    )
