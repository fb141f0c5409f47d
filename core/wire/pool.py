"""An ApertureDB server as a database: the official client's connections, shared by threads.

Knows no schema. Which server it is, the client itself reads from the environment and from its own
configurations; see core.wire.configured.

A lost connection heals by itself. A query that only reads is asked again at once; one that writes
is not, because nobody knows whether it was done before the connection broke. (The client alone
would send it again, up to three times.) So a write first sees whether its connection is good.
"""

from __future__ import annotations

import json
import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from core.errors import AccessDeniedError, DatabaseAwayError, DatabaseError
from core.wire.client import import_client
from core.wire.configured import configured
from core.wire.refused import is_of_client, is_refusal, trouble

N_CONNECTIONS = 4  # a Connector is one socket that answers one query at a time
MAX_MESSAGE_BYTES = 256 * 2**20  # the server's default for a query with its blobs
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0  # between two tries while the server is away
_SURE_FOR_S = 5.0  # after an answer, that its connection is good
_CONNECT_S = 5.0  # for a machine to accept a connection; the client itself waits two minutes
_SILENT_S = 20.0  # after which a machine that acknowledges nothing counts as gone
_READING = ("Find", "Get", "Extract")
_ARE_YOU_THERE: list[dict[str, Any]] = [{"GetStatus": {}}]

log = logging.getLogger("reelseek.wire")

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

        Raises:
            SettingsError: what names the server cannot be used.
        """
        self._first = configured(chosen_by)
        self._first.config.retry_max_attempts = 1
        self._first.config.retry_interval_seconds = 0
        self._chosen_by = chosen_by
        self._max_message_bytes = max_message_bytes
        self._now_s = now_s
        self._lock = threading.Lock()
        self._pool: Any = None
        self._sure_until_s: dict[int, float] = {}  # by the id of a connection of this pool
        self._pause_s = 0.0
        self._away: DatabaseAwayError | None = None
        self._try_again_s = 0.0
        self._since: datetime | None = None

    @property
    def name(self) -> str:
        """Say which server it is, without its secrets."""
        config = self._first.config
        return f"the ApertureDB server at {config.host}:{config.port}, chosen by {self._chosen_by}"

    @property
    def since(self) -> datetime | None:
        """When it began to answer without a break; None while it is away."""
        return self._since

    def query(self, commands: list[dict[str, Any]] | str, blobs: Sequence[bytes] = ()) -> Answer:
        """Answer as the server does; a failing query answers with an object, and is not raised.

        Raises:
            AccessDeniedError: the server refuses this user, this password or this protocol.
            DatabaseAwayError: the server cannot be reached. A query that writes may have been done
                all the same, if the connection broke under it.
            DatabaseError: the query is larger than the server takes.
        """
        self._check_size(commands, blobs)
        self._check_pause()
        try:
            return self._ask(commands, blobs)
        except DatabaseAwayError:
            raise
        except Exception as error:  # the client raises nothing narrower
            if not is_of_client(error):
                raise
            raise self._lost(error) from error

    def _check_pause(self) -> None:
        with self._lock:
            if self._away is not None and self._now_s() < self._try_again_s:
                raise type(self._away)(str(self._away))

    def close(self) -> None:
        """Let go of the connections; a later query makes new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
            self._sure_until_s.clear()
        if pool is not None:
            pool.close()

    def _ask(self, commands: Any, blobs: Sequence[bytes]) -> Answer:
        with self._connected().get_connection() as connection:
            self._check_pause()  # others may have found out while this one waited
            if _only_reads(commands):
                response, out = _ask_twice(connection, commands, blobs)
            else:
                if self._now_s() >= self._sure_until_s.get(id(connection), float("-inf")):
                    _ask_twice(connection, _ARE_YOU_THERE, ())
                response, out = _ask_once(connection, commands, blobs)
            self._sure_until_s[id(connection)] = self._now_s() + _SURE_FOR_S
        with self._lock:
            self._away, self._pause_s = None, 0.0
            self._since = self._since or datetime.now(UTC)
        return response, list(out or [])

    def _connected(self) -> Any:
        with self._lock:
            if self._pool is None:
                self._pool = self._make_pool()
            return self._pool

    def _make_pool(self) -> Any:
        _, connection_pool = import_client()
        # What it raises becomes a sentence of ours; its traces on the terminal say no more.
        logging.getLogger("aperturedb").setLevel(logging.CRITICAL)
        # Clones share one login.
        return connection_pool(N_CONNECTIONS, connection_factory=self._first.clone)

    def _lost(self, error: Exception) -> DatabaseAwayError:
        """Note that the server is away, and for how long nobody need try."""
        away = trouble(error, self.name, self._chosen_by, self._first.config)
        with self._lock:
            if str(away) != str(self._away):  # once: who looks every few seconds has no news
                # Maybe it is to blame; where a server is away, nobody is: a traceback would alarm.
                log.info("The client of the database failed: %r", error)
                log.debug("It failed here.", exc_info=error)
            self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, 2 * self._pause_s))
            if isinstance(away, AccessDeniedError):
                self._pause_s = _LONGEST_PAUSE_S  # a server may lock out who tries often
            self._try_again_s = self._now_s() + self._pause_s
            self._away, self._since = away, None
        return away

    def _check_size(self, commands: Any, blobs: Sequence[bytes]) -> None:
        text = commands if isinstance(commands, str) else json.dumps(commands, default=str)
        n_bytes = len(text) + sum(map(len, blobs))
        if n_bytes > self._max_message_bytes:
            raise DatabaseError(too_large(n_bytes, self._max_message_bytes))


def _ask_twice(connection: Any, commands: Any, blobs: Sequence[bytes]) -> Answer:
    """Ask; where the connection was broken, it is made anew and asked again."""
    try:
        return _ask_once(connection, commands, blobs)
    except Exception as error:
        if is_refusal(error):
            raise
        return _ask_once(connection, commands, blobs)


def _ask_once(connection: Any, commands: Any, blobs: Sequence[bytes]) -> Answer:
    try:
        _connect(connection)
        answer: Answer = connection.query(commands, list(blobs))
    except BaseException:  # an answer that was not read would be taken for that of the next query
        connection.close()
        raise
    return answer


def _connect(connection: Any) -> None:
    """Connect, if it is not; a machine that is gone is noticed in seconds, not in minutes.

    The client sets no limit to connecting, and sent bytes wait a quarter of an hour for a network
    that swallows them.
    """
    if connection.config.use_rest:
        return
    if connection.conn is not None and not _is_hung_up(connection.conn):
        return
    connection.close()
    socket.create_connection((connection.host, connection.port), _CONNECT_S).close()
    connection.connect()
    if connection.connected and hasattr(socket, "TCP_USER_TIMEOUT"):  # not on every system
        _limit_silence(connection.conn)


def _limit_silence(connected: socket.socket) -> None:
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(_SILENT_S * 1000))


def _is_hung_up(connected: socket.socket) -> bool:
    """Say whether there is something to read though nothing was asked: as a rule, its end."""
    with selectors.DefaultSelector() as selector:
        selector.register(connected, selectors.EVENT_READ)
        return bool(selector.select(timeout=0))


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
