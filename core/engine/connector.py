"""The engine behind `aperturedb`'s own Connector, so that the client's tools work on it unchanged.

Only the transport is replaced: a query is handed to the engine instead of a socket. Statuses, response
bookkeeping, clones, pools and loaders are the client's own code.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any
from unittest.mock import patch

from core.engine.engine import Engine


def embedded_connector(engine: Engine) -> Any:
    """Give an `aperturedb.Connector.Connector` whose server is this engine."""
    return _connector_class()(engine)


@cache
def _connector_class() -> type:
    base = _import_connector()

    class EmbeddedConnector(base):  # type: ignore[misc, valid-type] - only known once imported
        """A Connector without a socket; `clone()` shares the engine."""

        def __init__(self, engine: Engine | None = None, **kept: Any) -> None:
            shared = kept.get("shared_data")
            super().__init__(host="embedded", authenticate=False, **kept)
            if shared is None:
                self.shared_data.engine = engine
            self.connected = True

        def connect(self, details: str | None = None) -> None:
            """Do nothing: the engine is in this process."""

        def _query(
            self, query: Any, blob_array: Sequence[bytes] | None = None, try_resume: bool = True  # noqa: ARG002, FBT001, FBT002 - the base's signature
        ) -> tuple[Any, list[bytes]]:  # fmt: skip
            response, blobs = self.shared_data.engine.query(query, blob_array or ())
            self.last_response = response
            return response, blobs

    return EmbeddedConnector


def _import_connector() -> type:
    """Import the client without the log file and the call home that its import makes.

    aperturedb/__init__.py opens `error.<time>.log` unless ADB_LOG_FILE is empty, and asks PyPI for its
    own newest version by `requests.get`; it takes a failure of that for an answer.
    """
    os.environ.setdefault("ADB_LOG_FILE", "")
    import requests  # noqa: PLC0415 - comes with the client

    with patch.object(requests, "get", side_effect=ConnectionError("not asked")):
        from aperturedb.Connector import Connector
    return Connector  # type: ignore[no-any-return]
