"""For which index a worker works and with which model: the one that serves, and one in the making.

Knows no settings; who decides which models there are hands in a `Models`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.ingest.pipeline import ImageEncoder
from core.library.library import Library


class Target(Protocol):
    """An index, the model that makes its vectors, and what names that in REELSEEK_MODEL."""

    @property
    def library(self) -> Library | None:
        """The library with this index and no other; None: there is no such index yet."""

    @property
    def encoder(self) -> ImageEncoder:
        """Its model."""

    @property
    def source(self) -> str:
        """What names the model; "" where that is not known."""


class Models(Protocol):
    """What there is to index for; asked anew for every video, as it may change at any time."""

    def now(self) -> Target:
        """The index that serves, which is always named."""

    def next(self) -> Target | None:
        """The index that is to serve later; None: the one that serves is all that is wanted."""


@dataclass(frozen=True, slots=True)
class OneTarget:
    """An index and its model."""

    library: Library
    encoder: ImageEncoder
    source: str = ""


@dataclass(frozen=True, slots=True)
class OneModel:
    """A library whose every index is made by one model."""

    library: Library
    encoder: ImageEncoder

    def now(self) -> OneTarget:
        """The index that serves."""
        return OneTarget(self.library.serving(), self.encoder)

    def next(self) -> None:
        """Nothing."""


def opened(target: Target, library: Library) -> Library:
    """Give the library with the target's index, which is added if it is not there yet.

    Loads the model first: a download may take minutes, and nobody should hold a claim meanwhile.

    Raises:
        WeightsMissingError, EncoderError: the model cannot be used.
        LibraryError: the index was made with another model, or is being removed.
    """
    target.encoder.load()
    info = target.encoder.info()
    own = target.library or library.at(library.indexes.add(info, target.source))
    own.ensure_index(info, target.source)
    return own
