"""How many pictures or texts go through a model at once: by memory, fewer where that ran out.

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


class Batches:
    """Cuts work into batches of `size`, which halves whenever memory runs out on the way."""

    def __init__(self, size: int) -> None:
        """Begin with this size; `on_less` is called before a batch is tried again, halved."""
        self.size = size
        self.on_less: Callable[[], None] = lambda: None

    def each(self, items: Sequence[Item], work: Callable[[Sequence[Item]], Result]) -> list[Result]:
        """Give what `work` makes of all items, batch by batch, in their order.

        Raises:
            EncoderMemoryError: `work` did even for a single item.
        """
        results: list[Result] = []
        at = 0
        while at < len(items):
            batch = items[at : at + self.size]
            try:
                results.append(work(batch))
            except EncoderMemoryError:
                if len(batch) == 1:
                    raise
                self.size = len(batch) // 2
            else:
                at += len(batch)
                continue
            self.on_less()  # only here: until then, the error holds on to what was computed
        return results


class OnCuda(Protocol):
    """A model on a CUDA device, as far as its memory goes."""

    device: str

    def try_out(self, n: int) -> None:
        """Encode so many pictures of nothing."""


def fitting_on_cuda(model: OnCuda) -> int:
    """Say how many pictures fit into half of the free memory of the model's device.

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
        return 1
    each_bytes = (cuda.max_memory_allocated(model.device) - before_bytes) / _TRIAL
    free_bytes, _ = cuda.mem_get_info(model.device)
    # What torch has set aside and does not use counts as taken there, and is free for us.
    own_bytes = cuda.memory_reserved(model.device) - cuda.memory_allocated(model.device)
    return fitting(free_bytes + own_bytes, each_bytes)


def fitting(free_bytes: float, each_bytes: float) -> int:
    """Give the power of two that fits into half of what is free, 1 to MOST_ON_CUDA."""
    n = int(_SHARE * free_bytes / max(1.0, each_bytes))
    return min(MOST_ON_CUDA, 1 << max(0, n.bit_length() - 1))
