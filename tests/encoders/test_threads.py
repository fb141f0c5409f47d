"""A short text is read by one thread, and nothing else becomes slower by that: not for ever."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from core.encoders import threads
from core.encoders.blocks import Blocks
from core.encoders.clip import ClipEncoder
from tests.conftest import TINY_MODEL

N = 3  # threads of torch in these tests, whatever the machine has


@pytest.fixture(autouse=True)
def three_threads() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(N)
    yield
    torch.set_num_threads(before)


class Watched:
    """A lock that says when somebody has to wait for it."""

    def __init__(self) -> None:
        self._lock, self.is_waited_for = threading.Lock(), threading.Event()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self.is_waited_for.set()
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def another() -> ClipEncoder:
    encoder = ClipEncoder(str(TINY_MODEL), device="cpu")
    encoder.load()
    return encoder


def read(encoder: ClipEncoder) -> None:
    encoder.encode_texts(["a blue cross"])


def see(encoder: ClipEncoder) -> None:
    encoder.encode_images([np.zeros((224, 224, 3), np.uint8)])


def load(_: ClipEncoder) -> None:
    another()


@pytest.mark.parametrize("beside", [read, see, load])
def test_who_begins_while_a_text_is_read_keeps_all_threads(
    beside: Callable[[ClipEncoder], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two models, each in a thread of its own: afterwards, all have as many threads as before."""
    first, second = another(), another()
    lock, inside, counts = Watched(), threading.Event(), []
    monkeypatch.setattr(threads, "_lowering", lock)
    really = Blocks.read

    def meanwhile(self: Blocks, x: Any, sees: Any = None, *, only: Any) -> Any:
        if self is first._loaded()._text_tower._blocks:
            inside.set()
            # Until the other has to wait; where nothing makes it wait, until it has begun too.
            assert lock.is_waited_for.wait(60)
        else:
            lock.is_waited_for.set()
            with contextlib.suppress(RuntimeError):
                one.join(60)  # it gives back what it found before this one does
        return really(self, x, sees, only=only)

    def work(encoder: ClipEncoder, what: Callable[[ClipEncoder], None]) -> None:
        what(encoder)
        lock.is_waited_for.set()
        counts.append(n_threads())

    monkeypatch.setattr(Blocks, "read", meanwhile)
    one = threading.Thread(target=work, args=(first, read))
    two = threading.Thread(target=work, args=(second, beside))
    one.start()
    assert inside.wait(60)
    two.start()
    one.join()
    two.join()
    new = threading.Thread(target=lambda: counts.append(n_threads()))
    new.start()
    new.join()
    assert counts == [N, N, N], "of the two, and of a thread that begins later"


def test_a_short_text_is_read_by_one_thread_and_a_long_one_by_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So it is meant; and an error gives them back as well."""
    encoder, counts = another(), []
    really = Blocks.read

    def counted(self: Blocks, x: Any, sees: Any, *, only: Any) -> Any:
        counts.append(n_threads())
        return really(self, x, sees, only=only)

    monkeypatch.setattr(Blocks, "read", counted)
    read(encoder)
    encoder.encode_texts([f"{word} star " * 30 for word in ("red", "blue", "a", "the")])
    assert counts == [1, N]
    monkeypatch.setattr(Blocks, "read", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        encoder.encode_texts(["a green ring"])
    assert n_threads() == N


def n_threads() -> int:
    import torch

    return int(torch.get_num_threads())
