"""A client made of a bare socket, which can also do what no proper client would."""

from __future__ import annotations

import json
import socket
from typing import Any, Self

from core.wire.codec import HELLO, LENGTH, TCP, VERSION, Message, decode, encode

GREETING = LENGTH.pack(HELLO.size) + HELLO.pack(VERSION, TCP)
PASSWORD = "secret"  # noqa: S105 - of servers that live as long as a test


class Raw:
    """One connection; everything that waits, waits `patience_s` at most."""

    def __init__(self, address: tuple[str, int], *, patience_s: float = 10) -> None:
        self.socket = socket.create_connection(address, timeout=patience_s)
        self.token = ""

    def hello(self) -> Self:
        """Agree on TCP."""
        self.socket.sendall(GREETING)
        assert HELLO.unpack(self.read_frame()) == (VERSION, TCP)
        return self

    def log_in(self, password: str = PASSWORD) -> Self:
        """Agree, and get a token."""
        login = {"Authenticate": {"username": "admin", "password": password}}
        (answer,), _ = self.hello().ask(login)
        self.token = answer["Authenticate"]["session_token"]
        return self

    def ask(self, *commands: Any, blobs: tuple[bytes, ...] = ()) -> tuple[Any, list[bytes]]:
        """Send a query and read its answer."""
        self.socket.sendall(self.frame_of(list(commands), blobs))
        return self.read()

    def frame_of(self, query: Any, blobs: tuple[bytes, ...] = ()) -> bytes:
        """Give the frame of a query with this connection's token."""
        return b"".join(encode(Message(json.dumps(query), list(blobs), self.token)))

    def read(self) -> tuple[Any, list[bytes]]:
        """Read one answer."""
        message = decode(self.read_frame())
        return json.loads(message.json), [bytes(blob) for blob in message.blobs]

    def read_frame(self) -> bytes:
        """Read one frame; EOFError where the other side has closed."""
        return self._exactly(LENGTH.unpack(self._exactly(LENGTH.size))[0])

    def is_hung_up(self) -> bool:
        """Wait for the other side to close, and say whether it did without another byte."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:  # it had not read all that we had sent
            return True

    def _exactly(self, n_bytes: int) -> bytes:
        out = bytearray()
        while len(out) < n_bytes:
            got = self.socket.recv(n_bytes - len(out))
            if not got:
                raise EOFError
            out += got
        return bytes(out)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
