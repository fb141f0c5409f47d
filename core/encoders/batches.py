"""How many pictures or texts go through a model at once: by memory, fewer while that runs out.

Knows no model: what is done with a batch is the caller's affair.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from core.errors import EncoderMemoryError

Item = TypeVar("Item")
Result = TypeVar("Result")

ON_CPU: Final = 32  # more gains nothing there: docs/indexing.md
MOST_ON_CUDA: Final = 256  # more gains little there, and the frames wait in the main memory
_TRIAL: Final = 8
_SHARE: Final = 0.5  # of the free memory: others use the device, and parts of it lie between
_GOOD_BEFORE_MORE: Final = 32  # batches: if it is too early, one is done again in halves


class Batches:
    """Cuts work into batches of `size`, which halves whenever memory runs out on the way.

    It doubles again, up to what it began with, after some whole batches that went well.
    """

    def __init__(self, size: int) -> None:
        """Begin with this size; `on_less` is called before a batch is tried again, halved."""
        self.on_less: Callable[[], None] = lambda: None
        self.is_unknown = False  # because what fits could not be tried out
        self._begin(size)

    def _begin(self, size: int) -> None:
        self.size = self._most = size
        self._n_good = 0

    def fit(self, model: OnCuda) -> None:
        """Begin with what fits on the model's device; with one if there is no room to tell."""
        found = fitting_on_cuda(model)
        self.is_unknown = found is None
        self._begin(found or 1)
        if found is None:
            self.on_less()

    def each(self, items: Sequence[Item], work: Callable[[Sequence[Item]], Result]) -> list[Result]:
        """Give what `work` makes of all items, batch by batch, in their order.

        Raises:
            EncoderMemoryError: `work` did even for a single item; the next call begins as the first
                did, as the others who have the memory may be gone by then.
        """
        results: list[Result] = []
        at = 0
        while at < len(items):
            batch = items[at : at + self.size]
            try:
                results.append(work(batch))
            except EncoderMemoryError:
                if len(batch) == 1:
                    self._begin(self._most)
                    raise
                self.size, self._n_good = len(batch) // 2, 0
            else:
                at += len(batch)
                self._went_well(len(batch))
                continue
            self.on_less()  # only here: until then, the error holds on to what was computed
        return results

    def _went_well(self, n: int) -> None:
        self._n_good += n >= self.size
        if self._n_good >= _GOOD_BEFORE_MORE:
            self.size, self._n_good = min(self._most, 2 * self.size), 0


class OnCuda(Protocol):
    """A model on a CUDA device, as far as its memory goes."""

    device: str

    def try_out(self, n: int) -> None:
        """Encode so many pictures of nothing."""


def fitting_on_cuda(model: OnCuda) -> int | None:
    """Say how many pictures fit into half of the free memory of the model's device.

    None: there is too little at this moment to find out.

    By trial, as it depends on the model: a first batch makes what the libraries keep for
    themselves, a second is measured.
    """
    cuda = importlib.import_module("torch").cuda
    try:
        model.try_out(1)
        before_bytes = cuda.memory_allocated(model.device)
        cuda.reset_peak_memory_stats(model.device)
        model.try_out(_TRIAL)
    except EncoderMemoryError:
        return None
    each_bytes = (cuda.max_memory_allocated(model.device) - before_bytes) / _TRIAL
    free_bytes, _ = cuda.mem_get_info(model.device)
    # What torch has set aside and does not use counts as taken there, and is free for us.
    own_bytes = cuda.memory_reserved(model.device) - cuda.memory_allocated(model.device)
    return fitting(free_bytes + own_bytes, each_bytes)


def fitting(free_bytes: float, each_bytes: float) -> int:
    """Give the power of two that fits into half of what is free, 1 to MOST_ON_CUDA."""
    n = int(_SHARE * free_bytes / max(1.0, each_bytes))
    return min(MOST_ON_CUDA, 1 << max(0, n.bit_length() - 1))
