"""Makes a calibration once for a model and an index, keeps it with the index, and knows it again.

Made anew when the library has grown or shrunk by a quarter: what impossible queries reach depends
on how much there is to look through. The model is asked once for its references; all else is
arithmetic.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Final

from core.errors import DatabaseError
from core.library.background import Background
from core.search import references
from core.search.calibration import Calibration, calibrated
from core.search.references import Encoder, References, TextEncoder

__all__ = ["Calibrator", "Encoder", "TextEncoder"]

_SAMPLE: Final = 512
_CHANGED: Final = 1.25
# Sentences that share most of their words lie closer together: in templates, what is there lies so
# much fewer deviations above the impossible, on the tuning part with the first tiny model.
_WRAPPED: Final = 1.78

log = logging.getLogger("reelseek.search")


class Calibrator:
    """Gives the calibration of one index; safe to use from several threads."""

    def __init__(self, background: Background, encoder: Encoder, *, form: str = "") -> None:
        """Calibrate this index.

        Args:
            background: of the index.
            encoder: reads words as queries are read, and made the vectors of the index.
            form: how it reads words; what is kept is of one form, "" of words as they are.
        """
        self._background, self._encoder = background, encoder
        self._form = f" {form}" if form else ""
        self._lock = threading.Lock()
        self._known: Calibration | None = None
        self._references: References | None = None

    def get(self, n_clips: int) -> Calibration | None:
        """Give the calibration for an index of this many clips.

        None while it has none, or where the model tells no words apart.

        The first call for an index asks the model for some hundreds of texts, and the database for
        the nearest to each of some sixty; a later one, when the library has changed, the database.
        """
        if n_clips < 1:
            return None
        with self._lock:
            if not _fits(self._known, n_clips):
                self._known = self._kept(n_clips) or self._make(n_clips)
            return self._known

    def _kept(self, n_clips: int) -> Calibration | None:
        content = self._background.kept(f"background{self._form}")
        kept = None if content is None else Calibration.from_bytes(content)
        return kept if _fits(kept, n_clips) else None

    def _make(self, n_clips: int) -> Calibration | None:
        own = self._background.some_rows(_SAMPLE)
        if not len(own):
            return None
        refer = self._references = self._references or self._kept_references() or self._ask()
        if not refer.tells_words_apart:
            return None
        _, nearest = self._background.nearest_to_each(refer.impossible)
        made = calibrated(refer, own, nearest, n_clips)
        if self._form:
            made = replace(made, null_deviation=made.null_deviation / _WRAPPED)
        content = made.to_bytes()
        self._keep(content, "background")
        return Calibration.from_bytes(content)  # as every other process will read it

    def _kept_references(self) -> References | None:
        content = self._background.kept(f"references{self._form}")
        return None if content is None else References.from_bytes(content)

    def _ask(self) -> References:
        made = references.made_by(self._encoder)
        content = made.to_bytes()
        self._keep(content, "references")
        return References.from_bytes(content) or made

    def _keep(self, content: bytes, what: str) -> None:
        try:
            self._background.keep(content, f"{what}{self._form}")
        except DatabaseError as error:  # a database that may only be read can still be searched
            log.warning("The calibration could not be kept with the index: %s", error)


def _fits(known: Calibration | None, n_clips: int) -> bool:
    return known is not None and n_clips / _CHANGED <= known.n_clips <= n_clips * _CHANGED
