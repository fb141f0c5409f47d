"""Opens the database that the settings name: a server, or the embedded engine in their folder.

Both answer the same `query()`. The client of a server is imported only where one is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from core.settings import Settings, from_environment
from core.wire.client import connector_to
from core.wire.configured import configured
from core.wire.pool import ServerPool


class Closable(Protocol):
    """A database that can be asked and let go."""

    def query(
        self, commands: list[dict[str, Any]], blobs: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Answer as ApertureDB does."""

    def close(self) -> None:
        """Let go of files and sockets."""


def connect(settings: Settings | None = None) -> Any:
    """Give an `aperturedb` Connector: the embedded engine where the environment names no server.

    Raises:
        SettingsError: what names the server cannot be used.
        DatabaseAwayError: the embedded database cannot be opened.
    """
    settings = settings or from_environment()
    if settings.server is None:
        return connector_to(embedded(settings))
    return configured(settings.server)


def database_of(settings: Settings) -> Closable:
    """Open it; a server is not asked anything yet.

    Raises:
        SettingsError: what names the server cannot be used.
        DatabaseAwayError: the embedded database cannot be opened.
    """
    if settings.server is not None:
        return ServerPool(settings.server, max_message_bytes=settings.message_mb * 2**20)
    return embedded(settings)


def embedded(settings: Settings) -> Engine:
    """Open the engine of the settings' own folder, with everything that it can do.

    Raises:
        DatabaseAwayError: the folder cannot be opened.
    """
    return Engine(settings.database_folder, probe_video=probe, studio=edits)
