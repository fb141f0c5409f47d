"""Tells a lack of memory from all else that torch may end in, and says so: it may pass.

Knows no model.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from typing import Final

from core.errors import EncoderMemoryError

_WORDS: Final = ("out of memory", "can't allocate memory", "annot allocate memory", "ALLOC_FAILED")


@contextlib.contextmanager
def shortage_told(doing: str, device: str) -> Iterator[None]:
    """Let every error pass but a lack of memory.

    Raises:
        EncoderMemoryError: there was not enough memory on `device` for `doing`.
    """
    outer = sys.exception()
    try:
        yield
    except Exception as error:
        # The first error counts: `clip.load` tries a file that did not fit as another kind.
        short = _of_memory(error, outer)
        if short is None:
            raise
        reason = str(short).partition("\n")[0][:300]
        raise EncoderMemoryError(
            f"There is not enough memory on {device} to {doing} ({reason}). Close other "
            "programs that use it, or set REELSEEK_MODEL to a smaller model."
        ) from error


def _of_memory(error: BaseException | None, outer: BaseException | None) -> BaseException | None:
    """Find a lack of memory among an error and those it came after, up to `outer`."""
    while error is not None and error is not outer:
        if _is_of_memory(error):
            return error
        error = error.__context__
    return None


def _is_of_memory(error: BaseException) -> bool:
    """Tell it by class; on the CPU, and where CUDA's libraries lack memory, by the words."""
    if isinstance(error, (MemoryError, importlib.import_module("torch").OutOfMemoryError)):
        return True
    is_of_torch = isinstance(error, (RuntimeError, OSError))
    return is_of_torch and any(words in str(error) for words in _WORDS)
