"""How many threads torch computes with: lowered for what is short, and never for longer.

torch keeps a number for the process and one for each thread, which a thread copies from the former
when it first computes. Lowering writes both, so a thread that began meanwhile would stay low. Knows
no model.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Iterator
from typing import Final

_lowering: Final = threading.Lock()  # held as long as the process's number is lowered
_settled: Final = threading.local()


def settle() -> None:
    """Let the calling thread have its number of threads before it first computes."""
    if not getattr(_settled, "is_done", False):
        with _lowering:
            importlib.import_module("torch").get_num_threads()  # which copies it
        _settled.is_done = True


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Compute with the calling thread alone; one caller at a time, and others as they did."""
    torch = importlib.import_module("torch")
    with _lowering:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)
