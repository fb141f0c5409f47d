"""The official client, `aperturedb`: imported without its side effects, and with another transport.

aperturedb/__init__.py opens `error.<time>.log` in the working folder unless ADB_LOG_FILE is empty,
and asks PyPI for its own newest version; it takes a failure of that for an answer, and warns of it.
It is a second to import, so nobody does before it is needed.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

_importing = threading.Lock()


class Answering(Protocol):
    """Anything that answers ApertureDB's queries."""

    def query(self, commands: Any, blobs: Sequence[bytes] = ()) -> tuple[Any, list[bytes]]:
        """Answer as the server does."""


def import_client() -> tuple[Any, Any]:
    """Give aperturedb's `create_connector` and `ConnectionPool`."""
    _import_quietly()
    from aperturedb.CommonLibrary import create_connector
    from aperturedb.ConnectionPool import ConnectionPool

    return create_connector, ConnectionPool


@cache
def _import_quietly() -> None:
    os.environ.setdefault("ADB_LOG_FILE", "")
    import requests  # noqa: PLC0415 - comes with the client and is as slow

    with _importing:
        asked, its_log = requests.get, logging.getLogger("aperturedb")
        requests.get, its_log.disabled = _refuse, True  # type: ignore[assignment]
        try:
            import aperturedb  # noqa: F401 - its __init__ is what asks
        finally:
            requests.get, its_log.disabled = asked, False  # what it says later is heard


def _refuse(*_: object, **__: object) -> None:
    raise ConnectionError("Reelseek does not ask for newer versions.")


def connector_to(database: Answering) -> Any:
    """Give an `aperturedb.Connector.Connector` whose server is this database.

    Only the transport is replaced: statuses, bookkeeping, clones, pools and loaders are the
    client's own code and work on it unchanged.
    """
    return _connector_class()(database)


@cache
def _connector_class() -> Any:
    _import_quietly()
    from aperturedb.Connector import Connector

    class InProcessConnector(Connector):  # type: ignore[misc]  # the client has no types
        """A Connector without a socket; `clone()` shares the database."""

        def __init__(self, database: Answering | None = None, **kept: Any) -> None:
            is_clone = "config" in kept
            about = {} if is_clone else {"host": "embedded"}
            super().__init__(authenticate=False, **about, **kept)
            if not is_clone:
                self.shared_data.database = database
            self.connected = True

        def authenticate(self, shared_data: Any, *_: object, **__: object) -> None:
            """Let everybody in: it is the user's own process."""
            self.shared_data = shared_data
            self.authenticated = True

        def connect(self, details: str | None = None) -> None:
            """Do nothing: there is no socket."""

        def _query(
            self, query: Any, blob_array: Sequence[bytes] | None = None,
            try_resume: bool = True,  # noqa: ARG002, FBT001, FBT002 - the base's signature
        ) -> tuple[Any, list[bytes]]:  # fmt: skip
            # As on the wire: tuples become lists, and what JSON cannot say becomes a string.
            text = query if isinstance(query, str) else json.dumps(query, default=str)
            response, blobs = self.shared_data.database.query(text, blob_array or ())
            self.last_response = response
            return response, blobs

    return InProcessConnector
