"""Vectors of the texts that were asked for lately, so that a text is read by the model once.

A page asks for the same words again at each click, and an address that is shared asks for them
once more. Knows no model.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.float32]

_MOST_KEPT: Final = 4096  # some 8 MB at 512 dimensions


class Remembered:
    """Keeps the rows of the latest texts; safe to use from several threads."""

    def __init__(self, most_kept: int = _MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._rows: OrderedDict[str, Rows] = OrderedDict()

    def rows(self, texts: Sequence[str], encode: Callable[[Sequence[str]], Rows]) -> Rows:
        """Give one row for each text, in their order; `encode` is asked for unknown ones, once.

        Raises:
            Whatever `encode` does; then nothing is kept.
        """
        known = self._known(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing or not texts:
            encoded = encode(missing)
            if not texts:
                return encoded
            known.update(zip(missing, encoded, strict=True))
            self._keep({text: known[text] for text in missing})
        return np.stack([known[text] for text in texts])

    def _known(self, texts: Sequence[str]) -> dict[str, Rows]:
        with self._lock:
            found = {text: self._rows[text] for text in texts if text in self._rows}
            for text in found:
                self._rows.move_to_end(text)
        return found

    def _keep(self, rows: dict[str, Rows]) -> None:
        with self._lock:
            self._rows.update({text: row.copy() for text, row in rows.items()})
            while len(self._rows) > self._most_kept:
                self._rows.popitem(last=False)
