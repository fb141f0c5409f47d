"""Threads that look closer: two for all who visit, so that many clicks start no more decoders.

What nobody waits for any more can be cancelled as long as it was not begun. Closing the app waits
for nothing that goes on here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Final

from core.model import Moment

AT_ONCE: Final = 2

_Look = tuple[Future[Moment], Callable[[], Moment]]

_queue: SimpleQueue[_Look] = SimpleQueue()
_lookers: list[threading.Thread] = []
_lock = threading.Lock()


def begin(look: Callable[[], Moment]) -> Future[Moment]:
    """Call this as soon as a thread is free; what it gives or raises."""
    with _lock:
        while len(_lookers) < AT_ONCE:
            # A daemon: this process ends, and its decoders with it, without waiting for edges.
            looker = threading.Thread(target=_work, name="lookers", daemon=True)
            looker.start()
            _lookers.append(looker)
    found: Future[Moment] = Future()
    _queue.put((found, look))
    return found


def _work() -> None:
    while True:
        _call(*_queue.get())


def _call(found: Future[Moment], look: Callable[[], Moment]) -> None:
    if not found.set_running_or_notify_cancel():
        return
    try:
        exact = look()
    except BaseException as error:  # noqa: BLE001 - raised where it is waited for
        found.set_exception(error)
    else:
        found.set_result(exact)
