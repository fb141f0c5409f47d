"""Vectors of the texts that were asked for lately, so that a query is read by the model once.

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

_MOST_KEPT: Final = 4096  # texts; some 8 MB at 512 dimensions


class Remembered:
    """Keeps the rows of the latest batches of texts; safe to use from several threads.

    Whole batches, not single texts: the last bit of a row depends on what it was computed beside,
    and an answer must not depend on what this process was asked before.
    """

    def __init__(self, most_kept: int = _MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._batches: OrderedDict[tuple[str, ...], Rows] = OrderedDict()

    def rows(self, texts: Sequence[str], encode: Callable[[Sequence[str]], Rows]) -> Rows:
        """Give one row for each text, in their order; `encode` is asked for an unknown batch.

        Raises:
            Whatever `encode` does; then nothing is kept.
        """
        batch = tuple(texts)
        with self._lock:
            known = self._batches.get(batch)
            if known is not None:
                self._batches.move_to_end(batch)
                return known.copy()
        rows = encode(texts)
        self._keep(batch, rows.copy())
        return rows

    def _keep(self, batch: tuple[str, ...], rows: Rows) -> None:
        with self._lock:
            self._batches[batch] = rows
            self._batches.move_to_end(batch)
            while sum(map(len, self._batches)) > self._most_kept:
                self._batches.popitem(last=False)
