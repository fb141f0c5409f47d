"""The one App of this process, for pages, routes and whatever else runs in it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.bootstrap import App, open_app
from core.settings import from_environment


class _Shared:
    """The one App of this process, opened when first asked for and again after it was closed."""

    def __init__(self, open_it: Callable[[], App]) -> None:
        self._open = open_it
        self._lock = threading.Lock()
        self._app: App | None = None

    def get(self) -> App:
        with self._lock:
            if self._app is None or self._app.is_closed:
                self._app = self._open()
            return self._app


_shared = _Shared(lambda: open_app(from_environment(), must_answer=False))


def opened_app() -> App:
    """Give the App of this process, as its environment asks, whether or not a server answers.

    Raises:
        SettingsError: a variable holds what cannot be used.
        DatabaseAwayError: the embedded database cannot be opened.
    """
    return _shared.get()


def shared_app() -> App:
    """Give the App of this process with a database that answers; safe from any thread.

    Raises:
        SettingsError: a variable holds what cannot be used.
        DatabaseAwayError: the database cannot be opened or reached; the next call tries again.
    """
    app = _shared.get()
    app.prepare()
    return app
