"""The end of the server, told to the requests that would outlive it.

An ASGI server first waits for open requests and only then tells the app. A paused video or a half
sent upload would hold it up for as long as a tab stays open; so the signal is heard here too.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import uvicorn
from anyio import CancelScope

SIGNALS = (signal.SIGINT, signal.SIGTERM)
FLUSH_LIMIT_S = 1  # for what a browser that reads no further was already sent


class Closing:
    """Knows the open requests, and cancels them when the process is told to end.

    Belongs to one event loop; only the signal handler runs outside it.
    """

    def __init__(self) -> None:
        self.has_begun = False
        self._open: set[CancelScope] = set()

    @contextlib.contextmanager
    def ends(self) -> Iterator[None]:
        """Run the block until it is done or the server closes, whichever comes first."""
        with CancelScope() as scope:
            self._open.add(scope)
            try:
                yield
            finally:
                self._open.discard(scope)

    def begin(self) -> None:
        """Cancel what is open."""
        self.has_begun = True
        for scope in tuple(self._open):
            scope.cancel()

    @contextlib.contextmanager
    def on_signal(self) -> Iterator[None]:
        """Begin when the process gets SIGINT or SIGTERM, after whoever handled it before.

        Signals can only be heard in the main thread; elsewhere nothing happens.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before: dict[signal.Signals, Any] = {one: signal.getsignal(one) for one in SIGNALS}

        def heard(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.begin)
            earlier = before[signal.Signals(number)]
            if callable(earlier):
                earlier(number, frame)

        for one in SIGNALS:
            signal.signal(one, heard)
        _limit_flushing(before[signal.SIGTERM])
        try:
            yield
        finally:
            for one in SIGNALS:
                signal.signal(one, before[one])


def _limit_flushing(handler: object) -> None:
    """Set uvicorn's timeout_graceful_shutdown, where the handler is uvicorn's and it has none.

    Streamlit leaves it unset, and then a browser that paused a video can hold up the end for ever.
    """
    server = getattr(handler, "__self__", None)
    if isinstance(server, uvicorn.Server) and server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = FLUSH_LIMIT_S
