"""Servers that tests switch off, cables that tear, machines that say nothing, and a clock."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from core.wire.server import Server


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def said(port: int) -> str:
    return json.dumps(
        {
            "host": "127.0.0.1", "port": port, "username": "admin", "password": "hunter2",
            "use_ssl": False,
        }
    )  # fmt: skip


class Database:
    """Answers everything, and counts what reached it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def query(self, commands: Any, _blobs: Sequence[Any] = ()) -> tuple[Any, list[bytes]]:
        names = [name for command in json.loads(commands) for name in command]
        self.asked += names
        return [{name: {"status": 0}} for name in names], []

    @property
    def n_writes(self) -> int:
        return self.asked.count("AddEntity")


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def serve(database: Database, port: int) -> Server:
    return Server(database, port=port, password="hunter2")  # noqa: S106 - of this test


class Cable(threading.Thread):
    """Passes bytes on to the server, and tears as soon as a write has gone through to it."""

    def __init__(self, port: int, server_port: int, database: Database) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", port))
        self._server_port, self._database = server_port, database

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._server_port))
        back = threading.Thread(target=self._pass, args=(server, client), daemon=True)
        back.start()
        self._pass(client, server)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self._database.n_writes:
                    break  # the answer to it is lost
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def close(self) -> None:
        self._listener.close()


class Silent:
    """Accepts nobody: its queue of connections is full, as where a network swallows packets."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=0)
        self._fillers = [socket.socket() for _ in range(4)]
        for filler in self._fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))

    def close(self) -> None:
        for end in (*self._fillers, self._listener):
            end.close()
