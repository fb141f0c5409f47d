"""A TCP server that speaks ApertureDB's protocol in front of anything with `query()`.

One thread holds all connections, a few more ask the database. On loopback only, on purpose: there
is no encryption and one user. Knows no engine and no schema.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Self

from core.errors import SettingsError
from core.wire.budget import Budget
from core.wire.codec import Buffer
from core.wire.conversation import Conversation, House, Patience
from core.wire.desk import Database, Desk, Reply, refuse_size
from core.wire.sessions import Sessions

DEFAULT_PORT = 55555
MAX_MESSAGE_BYTES = 256 * 2**20  # the server's default; a whole query with its blobs
MAX_CLIENTS = 500  # as the server's max_simultaneous_clients
N_THREADS = 4  # queries at once; SQLite has one writer, and readers share the processor
_N_LARGE = 2  # messages of the largest size that are held at once, in each direction
_LAST_ANSWERS_S = 2.0  # that clients have, after close(), to take them
_BREATH_S = 0.1  # when no more connections can be opened
_BACKLOG = 512

log = logging.getLogger(__name__)


class Server:
    """Serves a database that it does not own; a context manager, or start() and close()."""

    def __init__(
        self, database: Database, *, host: str = "127.0.0.1", port: int = DEFAULT_PORT,
        username: str = "admin", password: str, max_message_bytes: int = MAX_MESSAGE_BYTES,
        max_clients: int = MAX_CLIENTS, patience: Patience | None = None,
        sessions: Sessions | None = None,
    ) -> None:  # fmt: skip
        """Prepare a server; nothing listens yet.

        Args:
            database: what answers; asked from N_THREADS threads at most.
            host: of this machine only: 127.0.0.1, ::1 or localhost.
            port: 0 takes a free one.
            username: the one user.
            password: theirs.
            max_message_bytes: a larger query is answered by an error.
            max_clients: connections at once; further ones are closed at once.
            patience: how long slow clients are waited for.
            sessions: instead of the user's name and password.

        Raises:
            SettingsError: others could reach this host.
        """
        _refuse_unless_loopback(host)
        self._at = (host, port)
        self._desk = Desk(database, sessions or Sessions(username, password))
        self._max_message_bytes = max_message_bytes
        self._max_clients = max_clients
        self._patience = patience or Patience()
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._conversations: dict[asyncio.Task[None], Conversation] = {}
        self._at_database: set[asyncio.Task[None] | None] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; once started, the port that was chosen for port 0."""
        return self._at

    def start(self) -> None:
        """Listen, and answer from a thread of its own.

        Raises:
            SettingsError: the port is taken or not allowed.
        """
        self._listener = _listen(*self._at)
        self._at = self._listener.getsockname()[:2]
        is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[is_ready], name="wire", daemon=True)
        self._thread.start()
        is_ready.wait()

    def close(self) -> None:
        """End: running queries finish and are answered, all else is hung up; harmless to repeat."""
        if self._thread is not None:
            with contextlib.suppress(RuntimeError):  # its loop has ended already
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, is_ready: threading.Event) -> None:
        try:
            asyncio.run(self._serve(is_ready))
        finally:
            is_ready.set()  # nobody waits for a thread that failed

    async def _serve(self, is_ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._slots = asyncio.Semaphore(N_THREADS)
        self._outgoing = Budget(_N_LARGE * self._max_message_bytes)
        with ThreadPoolExecutor(N_THREADS, "wire-query") as self._threads:
            accepting = asyncio.create_task(self._accept())
            is_ready.set()
            await self._stop.wait()
            accepting.cancel()
            await asyncio.wait([accepting])
            await self._wind_down()

    async def _accept(self) -> None:
        house = House(
            self._answer, partial(refuse_size, most_bytes=self._max_message_bytes),
            self._max_message_bytes, self._patience, Budget(_N_LARGE * self._max_message_bytes),
        )  # fmt: skip
        assert self._listener is not None  # noqa: S101 - for the type checker; start() made it
        with self._listener:
            while True:
                try:
                    client, _ = await self._loop.sock_accept(self._listener)
                except OSError as error:  # no more files may be opened, or the client has gone
                    log.warning("A connection could not be accepted: %s", error)
                    await asyncio.sleep(_BREATH_S)
                    continue
                self._welcome(client, house)

    def _welcome(self, client: socket.socket, house: House) -> None:
        if len(self._conversations) >= self._max_clients:
            log.warning("There are %d clients already; one more was hung up.", self._max_clients)
            client.close()
            return
        with contextlib.suppress(OSError):  # it may have gone
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        conversation = Conversation(client, house)
        task = asyncio.create_task(conversation.run())
        self._conversations[task] = conversation
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._conversations[task]
        if not task.cancelled() and task.exception() is not None:
            log.error("A connection ended by an error of ours.", exc_info=task.exception())

    @contextlib.asynccontextmanager
    async def _answer(self, payload: Buffer) -> AsyncIterator[Reply]:
        """Ask the database when it is this query's turn.

        Whoever was answered stays in its place until there is room for its answer: so many answers
        may be waiting for slow readers, and not one more.
        """
        async with contextlib.AsyncExitStack() as held:
            async with self._slots:
                if self._stop.is_set():
                    raise EOFError
                reply = await self._ask(payload)
                del payload
                await held.enter_async_context(self._outgoing.lend(sum(map(len, reply.pieces))))
            yield reply

    async def _ask(self, payload: Buffer) -> Reply:
        task = asyncio.current_task()
        self._at_database.add(task)
        try:
            return await self._loop.run_in_executor(self._threads, self._desk.answer, payload)
        finally:
            self._at_database.discard(task)

    async def _wind_down(self) -> None:
        """Wait for the queries that run, then a moment for their answers."""
        for task, conversation in self._conversations.items():
            conversation.is_last = True
            if not conversation.is_asked:
                task.cancel()
        pending = set(self._conversations)
        while pending:
            were_at_database = set(self._at_database)
            _, pending = await asyncio.wait(pending, timeout=_LAST_ANSWERS_S)
            for task in pending - were_at_database - self._at_database:
                task.cancel()


def _refuse_unless_loopback(host: str) -> None:
    try:
        is_ours = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_ours = False
    if not is_ours:
        raise SettingsError(
            f"The host is {host!r}, which others could reach; this server has no encryption and "
            "listens on 127.0.0.1 only. For more than one machine, use an ApertureDB server."
        )


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.settimeout(0)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _translated(error, host, port) from error
    return listener


def _translated(error: Exception, host: str, port: int) -> SettingsError:
    number = getattr(error, "errno", None)
    why = (
        "is taken by another program" if number == errno.EADDRINUSE else f"cannot be used: {error}"
    )
    return SettingsError(f"Port {port} of {host} {why}. End that program, or choose another port.")
