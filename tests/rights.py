"""Takes the right to read folders away, from root as well, who may read everything otherwise.

By dropping the two capabilities of this thread, and of those that it starts; Linux only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_VERSION_3 = 0x20080522
_READ_ANYTHING = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; capabilities(7)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable"))


@contextmanager
def like_anybody() -> Iterator[None]:
    """Have no more rights than the owner of a file has, while the block lasts."""
    if sys.platform != "linux":
        pytest.skip("rights cannot be taken from root here")
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = _Header(_VERSION_3, 0), (_Data * 2)()
    assert libc.capget(ctypes.byref(header), data) == 0, os.strerror(ctypes.get_errno())
    before = data[0].effective
    try:
        data[0].effective = before & ~_READ_ANYTHING
        assert libc.capset(ctypes.byref(header), data) == 0, os.strerror(ctypes.get_errno())
        yield
    finally:
        data[0].effective = before
        libc.capset(ctypes.byref(header), data)


@pytest.fixture
def forbid() -> Iterator[Callable[[Path], None]]:
    """Make folders unreadable, until the end of the test."""
    shut: list[Path] = []

    def shut_one(folder: Path) -> None:
        shut.append(folder)
        folder.chmod(0)

    with like_anybody():
        yield shut_one
    for folder in shut:
        folder.chmod(0o700)
