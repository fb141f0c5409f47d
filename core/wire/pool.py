"""An ApertureDB server as a database: the official client's connections, shared by threads.

Knows no schema. Which server it is, the client itself reads from the environment and from its own
configurations; see `aperturedb.CommonLibrary.create_connector`.

A lost connection heals by itself. A query that only reads is asked again at once; one that writes
is not, because nobody knows whether it was done before the connection broke. (The client alone
would send it again, up to three times.) So a write first sees whether the server is there.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from core.errors import DatabaseAwayError, DatabaseError
from core.wire.client import import_client

N_CONNECTIONS = 4  # a Connector is one socket that answers one query at a time
MAX_MESSAGE_BYTES = 256 * 2**20  # the server's default for a query with its blobs
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0  # between two tries while the server is away
_SURE_FOR_S = 5.0  # after an answer, that the connections are good
_READING = ("Find", "Get", "Extract")
_ARE_YOU_THERE: list[dict[str, Any]] = [{"GetStatus": {}}]

Answer = tuple[Any, list[bytes]]


class ServerPool:
    """Connections to a server, made by the first query and again after they broke."""

    def __init__(
        self, chosen_by: str, *, max_message_bytes: int = MAX_MESSAGE_BYTES,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Prepare a pool; nothing is connected yet.

        Args:
            chosen_by: the variable or configuration that names the server, for sentences.
            max_message_bytes: what the server takes in one message, as it is set there.
            now_s: a clock that never goes back.
        """
        self._chosen_by = chosen_by
        self._max_message_bytes = max_message_bytes
        self._now_s = now_s
        self._lock = threading.Lock()
        self._pool: Any = None
        self._address = ""
        self._answered_s: float | None = None
        self._pause_s = 0.0
        self._away: DatabaseAwayError | None = None
        self._try_again_s = 0.0
        self._since: datetime | None = None

    @property
    def name(self) -> str:
        """Say which server it is, without its secrets."""
        where = f" at {self._address}" if self._address else ""
        return f"the ApertureDB server{where}, chosen by {self._chosen_by}"

    @property
    def since(self) -> datetime | None:
        """When it began to answer without a break; None while it is away."""
        return self._since

    def query(self, commands: list[dict[str, Any]] | str, blobs: Sequence[bytes] = ()) -> Answer:
        """Answer as the server does; a failing query answers with an object, and is not raised.

        Raises:
            DatabaseAwayError: the server cannot be reached or does not let us in. A query that
                writes may have been done all the same, if the connection broke under it.
            DatabaseError: the query is larger than the server takes.
        """
        self._check_size(commands, blobs)
        with self._lock:
            if self._away is not None and self._now_s() < self._try_again_s:
                raise DatabaseAwayError(str(self._away))
        if _only_reads(commands):
            return self._ask_twice(commands, blobs)
        if self._answered_s is None or self._now_s() - self._answered_s > _SURE_FOR_S:
            self._ask_twice(_ARE_YOU_THERE, ())
        try:
            return self._ask(commands, blobs)
        except Exception as error:  # the client raises nothing narrower
            raise self._lost(error) from error

    def close(self) -> None:
        """Let go of the connections; a later query makes new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _ask_twice(self, commands: Any, blobs: Sequence[bytes]) -> Answer:
        """Ask; where a connection was broken, all are made anew, and it is asked again."""
        try:
            return self._ask(commands, blobs)
        except Exception:  # noqa: BLE001 - as above; the second try says what it is
            self.close()
        try:
            return self._ask(commands, blobs)
        except Exception as error:  # as above
            raise self._lost(error) from error

    def _ask(self, commands: Any, blobs: Sequence[bytes]) -> Answer:
        with self._connected().get_connection() as connection:
            response, out = connection.query(commands, list(blobs))
        with self._lock:
            self._answered_s = self._now_s()
            self._away, self._pause_s = None, 0.0
            self._since = self._since or datetime.now(UTC)
        return response, list(out or [])

    def _connected(self) -> Any:
        with self._lock:
            if self._pool is None:
                self._pool = self._make_pool()
            return self._pool

    def _make_pool(self) -> Any:
        create_connector, connection_pool = import_client()
        # What it raises becomes a sentence of ours; its traces on the terminal say no more.
        logging.getLogger("aperturedb").setLevel(logging.CRITICAL)
        first = create_connector()
        first.config.retry_max_attempts, first.config.retry_interval_seconds = 1, 0
        self._address = f"{first.config.host}:{first.config.port}"
        return connection_pool(N_CONNECTIONS, connection_factory=first.clone)  # one login for all

    def _lost(self, error: Exception) -> DatabaseAwayError:
        """Note that the server is away, and for how long nobody need try."""
        self.close()
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(". ")
        away = DatabaseAwayError(
            f"{self.name[0].upper()}{self.name[1:]}, does not answer ({reason}). Reelseek tries "
            "again by itself. Check that the server runs and that its address and password are "
            "right; REELSEEK_DATABASE=embedded uses the database on this machine instead."
        )
        with self._lock:
            self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, 2 * self._pause_s))
            self._try_again_s = self._now_s() + self._pause_s
            self._away, self._since, self._answered_s = away, None, None
        return away

    def _check_size(self, commands: Any, blobs: Sequence[bytes]) -> None:
        text = commands if isinstance(commands, str) else json.dumps(commands, default=str)
        n_bytes = len(text) + sum(map(len, blobs))
        if n_bytes > self._max_message_bytes:
            raise DatabaseError(too_large(n_bytes, self._max_message_bytes))


def too_large(n_bytes: int, most_bytes: int) -> str:
    """Say that something does not fit into a message, which limit that is, and who sets it."""
    return (
        f"This has {n_bytes / 2**20:,.0f} MB, and the server takes {most_bytes / 2**20:,.0f} MB in "
        "one message. Raise ADB_MAX_CONNECTION_MESSAGE_SIZE_MB on the server and "
        "REELSEEK_MESSAGE_MB here, or make it smaller."
    )


def _only_reads(commands: Any) -> bool:
    if isinstance(commands, str):
        return False
    return all(name.startswith(_READING) for command in commands for name in command)
