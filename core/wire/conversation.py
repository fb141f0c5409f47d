"""One client's connection: the hello, then a query and its answer, again and again.

Reads exactly what was announced and waits for nobody for ever. Knows frames, but neither sessions
nor the database: it is handed a function that makes an answer's frame of a query's payload.
"""

from __future__ import annotations

import asyncio
import mmap
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from core.wire.budget import Budget
from core.wire.codec import HELLO, LENGTH, Buffer, answer_hello
from core.wire.desk import Reply

# What a client may make us hold before it has to share with the others.
SMALL_BYTES = 256 * 1024

# Gives the reply to a payload, and holds its part of the memory until it was sent.
Answering = Callable[[Buffer], AbstractAsyncContextManager[Reply]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client is waited for; between two queries of the user, for ever."""

    hello_s: float = 10.0
    login_s: float = 60.0  # for a query of who has not yet sent one with a password or token
    stalled_s: float = 30.0  # for a message that has begun, and beside that its bytes' time:
    least_bytes_per_s: float = 8e6

    def for_bytes(self, n_bytes: int) -> float:
        """Give the seconds that a message of so many bytes may take."""
        return self.stalled_s + n_bytes / self.least_bytes_per_s


@dataclass(frozen=True, slots=True)
class House:
    """What all conversations of a server share."""

    answer: Answering
    refuse: Callable[[int], Sequence[Buffer]]  # the answer to a message of too many bytes
    max_message_bytes: int
    patience: Patience
    incoming: Budget


class Conversation:
    """One connected socket."""

    def __init__(self, client: socket.socket, house: House) -> None:
        self._client = client
        self._house = house
        self._loop = asyncio.get_running_loop()
        self.is_asked = False  # a query has arrived whole and its answer has not left
        self.is_last = False  # set from outside: no query after this one

    async def run(self) -> None:
        """Talk until the client leaves, breaks the protocol or is too slow; then close."""
        try:
            await self._talk()
        except (OSError, TimeoutError, EOFError):
            pass  # it is the client's connection; whoever lost it knows better why
        finally:
            self._client.close()

    async def _talk(self) -> None:
        patience = self._house.patience
        if not await self._hello():
            return
        is_user = False
        while not self.is_last:
            n_bytes = await self._length(None if is_user else patience.login_s)
            if n_bytes > self._house.max_message_bytes:
                await self._drain(n_bytes)
                await self._send(self._house.refuse(n_bytes))
                continue
            is_user = await self._answer(n_bytes) or is_user
            self.is_asked = False

    async def _answer(self, n_bytes: int) -> bool:
        """Read a query and send its answer; say whether it came from the user."""
        async with AsyncExitStack() as outgoing:
            async with self._payload(n_bytes) as payload:
                self.is_asked = True
                reply = await outgoing.enter_async_context(self._house.answer(payload))
                del payload  # as large as the answer may be
            await self._send(reply.pieces)
        return reply.is_to_user

    async def _hello(self) -> bool:
        async with asyncio.timeout(self._house.patience.hello_s):
            head = bytearray(LENGTH.size + HELLO.size)
            await self._read_into(memoryview(head))
            if LENGTH.unpack_from(head)[0] != HELLO.size:  # HTTP, TLS, or noise
                return False
            answer = answer_hello(head[LENGTH.size :])
            await self._loop.sock_sendall(self._client, answer)
            return any(answer[-4:])

    async def _length(self, wait_s: float | None) -> int:
        head = memoryview(bytearray(LENGTH.size))
        n_read = await self._read_some(head, wait_s)
        await self._read_into(head[n_read:])
        return int(LENGTH.unpack(head)[0])

    @asynccontextmanager
    async def _payload(self, n_bytes: int) -> AsyncIterator[Buffer]:
        """Read a message; a large one holds its part of the memory until it was answered.

        What was merely announced costs nothing: the rest of a large message is not asked for, and
        not set aside, before its beginning has arrived.
        """
        beginning = bytearray(min(n_bytes, SMALL_BYTES))
        await self._read_into(memoryview(beginning))
        if n_bytes <= SMALL_BYTES:
            yield beginning
            return
        async with self._house.incoming.lend(n_bytes):
            # What nobody has written to is not memory yet; a bytearray would be, all at once.
            payload = memoryview(mmap.mmap(-1, n_bytes))
            payload[:SMALL_BYTES] = beginning
            await self._read_into(payload[SMALL_BYTES:])
            yield payload

    async def _drain(self, n_bytes: int) -> None:
        """Read a message that is too large and forget it: only then does a client read answers."""
        bin_ = memoryview(bytearray(SMALL_BYTES))
        patience = self._house.patience
        async with asyncio.timeout(patience.for_bytes(n_bytes)):
            while n_bytes:
                n_bytes -= await self._read_some(bin_[:n_bytes], patience.stalled_s)

    async def _send(self, pieces: Sequence[Buffer]) -> None:
        n_bytes = sum(map(len, pieces))
        async with asyncio.timeout(self._house.patience.for_bytes(n_bytes)):
            for piece in pieces:
                await self._loop.sock_sendall(self._client, piece)
                await asyncio.sleep(0)

    async def _read_into(self, view: memoryview) -> None:
        """Fill it, by somebody who has begun to send."""
        patience = self._house.patience
        async with asyncio.timeout(patience.for_bytes(len(view))):
            while view:
                view = view[await self._read_some(view, patience.stalled_s) :]

    async def _read_some(self, view: memoryview, wait_s: float | None) -> int:
        async with asyncio.timeout(wait_s):
            n_read = await self._loop.sock_recv_into(self._client, view)
        if not n_read:
            raise EOFError
        await asyncio.sleep(0)  # what is there already would be read without anybody else's turn
        return n_read
