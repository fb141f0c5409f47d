"""Lets one stage of work run ahead of the next, in a thread of its own, by a few items only.

So decoding, encoding and writing overlap, and none piles up what the next cannot take yet. Knows
nothing of what the items are.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_S = 0.2  # between two questions whether the waiting should end
_END = object()


class Ahead(Generic[T]):
    """The items of `source`, made in a thread that is at most `n_items` ahead of its reader.

    Iterate once, inside the `with` block; its end stops the thread after the item it is making. An
    error of the source comes to the reader after the items before it.

    Attributes:
        made_s: how long the source took for its items, in seconds.
        waited_s: how long the reader waited for them.
    """

    def __init__(self, source: Iterable[T], n_items: int, *, name: str) -> None:
        self.made_s = self.waited_s = 0.0
        self._source, self._n_items = source, n_items
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._is_over = self._is_closed = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Ahead[T]:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._is_closed = True
            self._items.clear()
            self._changed.notify_all()
        self._thread.join()

    def __iter__(self) -> Generator[T, None, None]:
        """Give the items; ends early where the block was left."""
        return self.until(None)

    def until(self, ends: Callable[[], None] | None) -> Generator[T, None, None]:
        """Give the items; `ends` is called before each and while one is awaited; it may raise."""
        while (item := self._next(ends)) is not _END:
            yield item  # type: ignore[misc]  # _END is no T
        if self._error is not None and not self._is_closed:
            raise self._error

    def _next(self, ends: Callable[[], None] | None) -> T | object:
        began = time.perf_counter()
        if ends is not None:
            ends()
        with self._changed:
            while not (self._items or self._is_over or self._is_closed):
                self._changed.wait(None if ends is None else _LOOK_S)
                if ends is not None:
                    ends()
            self.waited_s += time.perf_counter() - began
            if not self._items:
                return _END
            self._changed.notify_all()
            return self._items.popleft()

    def _run(self) -> None:
        try:
            self._make(iter(self._source))
        except BaseException as error:  # noqa: BLE001 - the reader's thread raises it
            self._error = error
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _make(self, source: Iterator[T]) -> None:
        try:
            while self._has_room():
                began = time.perf_counter()
                item = next(source, _END)
                self.made_s += time.perf_counter() - began
                if item is _END:
                    return
                self._hand_over(item)  # type: ignore[arg-type]  # not _END
        finally:
            if isinstance(source, Generator):
                source.close()

    def _has_room(self) -> bool:
        """Wait for room; False when nobody wants any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or len(self._items) < self._n_items)
            return not self._is_closed

    def _hand_over(self, item: T) -> None:
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()
