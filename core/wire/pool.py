"""An ApertureDB server as a database: the official client's connections, shared by threads.

Knows no schema. Which server it is, the client itself reads from the environment; see
`aperturedb.CommonLibrary.create_connector`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from core.errors import DatabaseAwayError
from core.wire.client import import_client

N_CONNECTIONS = 4  # a Connector is one socket that answers one query at a time


class ServerPool:
    """Connections to the server that the environment names, made by the first query."""

    def __init__(self, variable: str) -> None:
        self._variable = variable
        self._making = threading.Lock()
        self._pool: Any = None

    @property
    def name(self) -> str:
        """Say which server it is, without its secrets."""
        return f"the ApertureDB server that {self._variable} names"

    def query(
        self, commands: list[dict[str, Any]] | str, blobs: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Answer as the server does; a failing query answers with an object, and is not raised.

        Raises:
            DatabaseAwayError: the server cannot be reached or does not let us in.
        """
        pool = self._connected()
        try:
            with pool.get_connection() as connection:
                response, out = connection.query(commands, list(blobs))
        except Exception as error:  # the client raises nothing narrower
            raise self._away(error) from error
        return response, list(out or [])

    def close(self) -> None:
        """Let go of the connections; a later query makes new ones."""
        with self._making:
            if self._pool is not None:
                self._pool.close()
            self._pool = None

    def _connected(self) -> Any:
        with self._making:
            if self._pool is None:
                self._pool = self._make_pool()
            return self._pool

    def _make_pool(self) -> Any:
        _, connection_pool = import_client()
        # What it raises becomes a sentence of ours; its traces on the terminal say no more.
        logging.getLogger("aperturedb").setLevel(logging.CRITICAL)
        try:
            return connection_pool(N_CONNECTIONS)
        except Exception as error:  # as above
            raise self._away(error) from error

    def _away(self, error: Exception) -> DatabaseAwayError:
        return DatabaseAwayError(
            f"The server that {self._variable} names cannot be reached ({error}). Check the "
            "variable and that the server runs, or unset it to use the embedded database."
        )
