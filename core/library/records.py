"""What the library is handed and what it hands back, where core.model has no record for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.model import Span, Video


@dataclass(frozen=True, slots=True)
class Added:
    """The outcome of adding a video; `already`: its content was there, and `video` is that one."""

    video: Video
    already: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A state of a file: its size, and when it was last written, in microseconds since 1970."""

    size_bytes: int
    modified_us: int


@dataclass(frozen=True, slots=True, eq=False)
class NewClip:
    """A clip to save: its stretch, the instant it was seen at, its vectors, its picture.

    `vectors` is float32 of shape (n_views, dimensions), rows of unit length; `jpeg` the encoded
    picture at `best_s`. `seen_until_s` and `shot` are those of core.model.Hit.
    """

    span: Span
    best_s: float
    vectors: NDArray[np.float32]
    jpeg: bytes
    seen_until_s: float
    shot: int
