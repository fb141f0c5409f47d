"""Puts the rooms together: the one place that knows which database and which model there are.

Opening is quick and imports nothing heavy; torch comes with the first search or the first video to
index, the client of a server with the first query.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from core.encoders.base import Encoder
from core.encoders.clip import ClipEncoder
from core.engine.engine import Engine
from core.ingest.intake import Intake
from core.ingest.worker import Worker
from core.library.library import Library
from core.media import edits
from core.media.probe import probe
from core.model import PlayState, Video
from core.search.search import Searcher
from core.settings import Settings, from_environment
from core.wire.client import connector_to, import_client
from core.wire.pool import ServerPool


class Closable(Protocol):
    """A database that can be asked and let go."""

    def query(
        self, commands: list[dict[str, Any]], blobs: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Answer as ApertureDB does."""

    def close(self) -> None:
        """Let go of files and sockets."""


class App:
    """Everything that a page, a route or a command needs, opened on one data folder."""

    def __init__(self, settings: Settings, database: Closable, encoder: Encoder) -> None:
        self.settings = settings
        self.encoder = encoder
        self.library = Library(database)
        self.intake = Intake(
            self.library,
            videos_folder=settings.videos_folder,
            proxies_folder=settings.proxies_folder,
        )
        self.searcher = Searcher(self.library, encoder)
        self.is_closed = False
        self._database = database

    def worker(self) -> Worker:
        """Make a worker under a name of its own."""
        return Worker(
            self.library, self.encoder,
            every_s=self.settings.every_s, proxy_of=self.intake.proxy_of,
        )  # fmt: skip

    def playable(self, video: Video) -> Path | None:
        """Give the file to serve to browsers; None while there is none that they can play."""
        if video.play_state is PlayState.DIRECT and video.path is not None:
            path = Path(video.path)
        elif video.play_state is PlayState.READY:
            path = self.intake.proxy_of(video.video_id)
        else:
            return None
        return path if path.is_file() else None

    def database_name(self) -> str:
        """Say in words which database this is."""
        variable = self.settings.database_variable
        if variable is not None:
            return f"the ApertureDB server that {variable} names"
        return f"embedded, in {self.settings.database_folder}"

    def close(self) -> None:
        """Let go of the database; harmless to repeat."""
        if not self.is_closed:
            self.is_closed = True
            self._database.close()


def open_app(
    settings: Settings, *, database: Closable | None = None, encoder: Encoder | None = None
) -> App:
    """Open the app on what the settings name, or on the database and encoder given.

    Raises:
        DatabaseAwayError: the database cannot be opened or reached.
    """
    database = database or _database(settings)
    encoder = encoder or ClipEncoder(settings.model, framing=settings.framing)
    app = App(settings, database, encoder)
    try:
        app.library.prepare()
    except BaseException:
        app.close()
        raise
    return app


def connect(settings: Settings | None = None) -> Any:
    """Give an `aperturedb` Connector: the embedded engine where the environment names no server.

    Raises:
        DatabaseAwayError: the embedded database cannot be opened.
    """
    settings = settings or from_environment()
    if settings.database_variable is None:
        return connector_to(embedded(settings))
    create_connector, _ = import_client()
    return create_connector()


def _database(settings: Settings) -> Closable:
    if settings.database_variable is not None:
        return ServerPool(settings.database_variable)
    return embedded(settings)


def embedded(settings: Settings) -> Engine:
    """Open the engine of the settings' own folder, with everything that it can do.

    Raises:
        DatabaseAwayError: the folder cannot be opened.
    """
    return Engine(settings.database_folder, probe_video=probe, studio=edits)


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


_shared = _Shared(lambda: open_app(from_environment()))


def shared_app() -> App:
    """Give the App of this process, as its environment asks; safe from any thread.

    Raises:
        SettingsError: a variable holds what cannot be used.
        DatabaseAwayError: the database cannot be opened or reached; the next call tries again.
    """
    return _shared.get()
