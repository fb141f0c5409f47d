"""Makes a calibration once for a model and an index, keeps it with the index, and knows it again.

Made anew when the library has grown or shrunk by a quarter: what impossible queries reach depends
on how much there is to look through.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import DatabaseError
from core.library.background import Background
from core.model import EncoderInfo
from core.search import prompts
from core.search.calibration import (
    Calibration,
    Rows,
    deviation_of,
    likeness_of,
    unit_of,
)

FEWEST_CLIPS: Final = 16  # of fewer, nobody can say what is usual
_SAMPLE: Final = 512
_CHANGED: Final = 1.25

log = logging.getLogger("reelseek.search")


class TextEncoder(Protocol):
    """What search needs of an encoder; see core.encoders.base."""

    def info(self) -> EncoderInfo:
        """Say which model it is."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words as unit-length rows."""


class Calibrator:
    """Gives the calibration of one index; safe to use from several threads."""

    def __init__(
        self, background: Background, encoder: TextEncoder, wrapped: TextEncoder | None = None
    ) -> None:
        """Calibrate this index; for this process alone, where queries are read by `wrapped`."""
        self._background, self._encoder = background, encoder
        self._of_queries, self._keeps = wrapped or encoder, wrapped is None
        self._lock = threading.Lock()
        self._known: Calibration | None = None

    def get(self, n_clips: int) -> Calibration | None:
        """Give the calibration for an index of this many clips; None while it has too few.

        The first call for an index asks the model for some hundred texts and the database for
        the nearest to each of some forty.
        """
        if n_clips < FEWEST_CLIPS:
            return None
        with self._lock:
            if not _fits(self._known, n_clips):
                self._known = self._kept(n_clips) or self._make(n_clips)
            return self._known

    def _kept(self, n_clips: int) -> Calibration | None:
        content = self._background.kept() if self._keeps else None
        kept = None if content is None else Calibration.from_bytes(content)
        return kept if _fits(kept, n_clips) else None

    def _make(self, n_clips: int) -> Calibration | None:
        sample = self._background.some_rows(_SAMPLE)
        if len(sample) < FEWEST_CLIPS:
            return None
        everyday = self._encoder.encode_texts(prompts.EVERYDAY)
        made = Calibration(
            everyday, self._encoder.encode_texts(prompts.NEUTRAL), sample,
            unit=unit_of(everyday, sample), likeness=likeness_of(sample),
            null_mean=0.0, null_deviation=1.0, n_clips=n_clips,
        )  # fmt: skip
        null = self._evidence_of_the_impossible(made)
        made = Calibration(
            made.everyday, made.neutral, made.sample, made.unit, made.likeness,
            null_mean=float(null.mean()), null_deviation=deviation_of(null), n_clips=n_clips,
        )  # fmt: skip
        content = made.to_bytes()
        if self._keeps:
            self._keep(content)
        return Calibration.from_bytes(content)  # as every other process will read it

    def _evidence_of_the_impossible(self, made: Calibration) -> NDArray[np.float64]:
        queries = self._of_queries.encode_texts(prompts.IMPOSSIBLE)
        _, nearest = self._background.nearest_to_each(queries)
        found = [
            made.evidence(query, self._parts(text), row[None])[0]
            for text, query, row in zip(prompts.IMPOSSIBLE, queries, nearest, strict=True)
        ]
        return np.array(found)

    def _parts(self, text: str) -> Rows:
        return self._of_queries.encode_texts(prompts.without_each_word(text))

    def _keep(self, content: bytes) -> None:
        try:
            self._background.keep(content)
        except DatabaseError as error:  # a database that may only be read can still be searched
            log.warning("The calibration could not be kept with the index: %s", error)


def _fits(known: Calibration | None, n_clips: int) -> bool:
    return known is not None and n_clips / _CHANGED <= known.n_clips <= n_clips * _CHANGED
