"""Slow clients, too many clients, clients that die, and the server's own end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from core.engine.engine import Engine
from core.wire.codec import LENGTH
from core.wire.conversation import Patience
from core.wire.server import Server
from core.wire.sessions import NOT_AUTHENTICATED
from tests.wire.raw import GREETING, PASSWORD, Raw

STATUS = {"GetStatus": {}}
MIB = 2**20
HASTY = Patience(hello_s=0.2, login_s=0.2, stalled_s=0.2, least_bytes_per_s=1e9)
# For a server that has to take a large message whole: on a busy machine that is not done in 0.2 s.
LESS_HASTY = Patience(hello_s=5, login_s=5, stalled_s=1.0)


def resident_kib() -> int:
    """How much memory this process has now; where only Linux tells, the test is Linux's."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("There is no /proc here.")
    return int(status.read_text().split("VmRSS:")[1].split()[0])


def status_of(client: Raw) -> Any:
    return client.ask(STATUS)[0][0]["GetStatus"]["info"]


@pytest.mark.parametrize(
    "said",
    [b"", GREETING[:7], GREETING, GREETING + b"\x01", GREETING + LENGTH.pack(100) + b"x" * 99,
     GREETING + LENGTH.pack(300_000_000), GREETING + LENGTH.pack(10 * MIB) + bytes(MIB)],
    ids=["nothing", "half a hello", "no query", "half a length", "half a query",
         "too large", "half a large query"],
)  # fmt: skip
def test_the_slow_are_hung_up(engine: Engine, said: bytes) -> None:
    """Whoever stops in the middle of anything is let go, while others are served."""
    with (
        Server(engine, port=0, password=PASSWORD, patience=HASTY) as server,
        Raw(server.address).log_in() as other,
        Raw(server.address) as slow,
    ):
        slow.socket.sendall(said)
        if len(said) >= len(GREETING):
            slow.read_frame()
        assert status_of(other) == "OK"
        assert slow.is_hung_up()
        assert status_of(other) == "OK"


@pytest.mark.parametrize("they_stay", [True, False])
def test_large_messages_that_never_end(engine: Engine, they_stay: bool) -> None:
    """Many more of them than memory is set aside for hold up a whole one for a moment only."""
    n_bytes = 16 * MIB
    with (
        Server(engine, port=0, password=PASSWORD, max_message_bytes=n_bytes, patience=LESS_HASTY)
        as server,
        ExitStack() as all_,
    ):  # fmt: skip
        good = all_.enter_context(Raw(server.address).log_in())
        slow = [all_.enter_context(Raw(server.address).hello()) for _ in range(12)]
        for client in slow:
            client.socket.sendall(LENGTH.pack(n_bytes) + bytes(MIB))
        if not they_stay:
            for client in slow:
                client.close()
        answer, _ = good.ask({"AddBlob": {}}, blobs=(bytes(n_bytes - 1000),))
        assert answer[0]["AddBlob"]["status"] == 0


def test_what_is_announced_is_not_memory(engine: Engine) -> None:
    """A hundred clients that announce the largest message and send its beginning cost little."""
    before_kib = resident_kib()
    with Server(engine, port=0, password=PASSWORD) as server, ExitStack() as all_:
        good = all_.enter_context(Raw(server.address).log_in())
        for _ in range(100):
            client = all_.enter_context(Raw(server.address).hello())
            client.socket.sendall(LENGTH.pack(256 * MIB) + bytes(300_000))
        assert status_of(good) == "OK"
        assert resident_kib() - before_kib < 100 * 1024


def test_who_was_let_in_may_think(engine: Engine) -> None:
    """Between two queries there is no limit of time."""
    with (
        Server(engine, port=0, password=PASSWORD, patience=HASTY) as server,
        Raw(server.address).log_in() as thinking,
        Raw(server.address).hello() as slow,
    ):
        assert slow.is_hung_up()  # twice the time of a first query is over
        assert status_of(thinking) == "OK"


def test_who_only_failed_to_log_in_may_not(engine: Engine) -> None:
    """Answers to queries that were not authenticated give no right to stay."""
    with (
        Server(engine, port=0, password=PASSWORD, patience=HASTY) as server,
        Raw(server.address).hello() as client,
    ):
        assert client.ask(STATUS) == (NOT_AUTHENTICATED, [])
        assert client.is_hung_up()


def test_who_does_not_read_is_hung_up(engine: Engine) -> None:
    """An answer that is not taken is held for a while, then it is let go."""
    big = 32 * MIB
    with (
        Server(engine, port=0, password=PASSWORD, patience=HASTY) as server,
        Raw(server.address).log_in() as client,
        Raw(server.address).log_in() as other,
    ):
        client.ask({"AddBlob": {}}, blobs=(bytes(big),))
        client.socket.sendall(client.frame_of([{"FindBlob": {"blobs": True}}]))
        assert status_of(other) == "OK"
        n_read = 0
        threading.Event().wait(HASTY.for_bytes(big) + 0.3)
        while got := client.socket.recv(MIB):
            n_read += len(got)
        assert n_read < big


def test_no_more_clients_than_there_may_be(engine: Engine) -> None:
    """One too many is hung up; when somebody leaves there is room again."""
    with Server(engine, port=0, password=PASSWORD, max_clients=2) as server, ExitStack() as all_:
        clients = [all_.enter_context(Raw(server.address).log_in()) for _ in range(2)]
        with Raw(server.address) as third:
            assert third.is_hung_up()
        clients.pop().close()
        assert status_of(clients[0]) == "OK"
        _until(lambda: _is_let_in(server))


def _is_let_in(server: Server) -> bool:
    try:
        with Raw(server.address).log_in():
            return True
    except (EOFError, ConnectionError):
        return False


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        threading.Event().wait(0.02)
    raise AssertionError


class Slow:
    """A database that answers when it is told to, and counts how many wait in it."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.entered = threading.Semaphore(0)
        self.n_inside = self.most_inside = 0
        self._lock = threading.Lock()

    def query(self, _commands: Any, _blobs: Sequence[Any] = ()) -> tuple[Any, list[bytes]]:
        with self._lock:
            self.n_inside += 1
            self.most_inside = max(self.most_inside, self.n_inside)
        self.entered.release()
        self.go.wait(10)
        with self._lock:
            self.n_inside -= 1
        return [{"GetStatus": {"status": 0, "info": "OK"}}], []


@pytest.fixture
def slow() -> Iterator[Slow]:
    """A slow database that is let go in the end."""
    database = Slow()
    yield database
    database.go.set()


def test_closing_lets_running_queries_finish(slow: Slow) -> None:
    """The one that runs is answered; the idle, and those that wait for their turn, are hung up."""
    server = Server(slow, port=0, password=PASSWORD)
    server.start()
    with ExitStack() as all_:
        clients = [all_.enter_context(Raw(server.address).log_in()) for _ in range(6)]
        for client in clients[:5]:
            client.socket.sendall(client.frame_of([STATUS]))
        for _ in range(4):
            assert slow.entered.acquire(timeout=5)
        closing = threading.Thread(target=server.close)
        closing.start()
        assert clients[5].is_hung_up()
        slow.go.set()
        closing.join(5)
        assert not closing.is_alive()
        assert [client.read()[0][0]["GetStatus"]["info"] for client in clients[:4]] == ["OK"] * 4
        assert clients[4].is_hung_up()
    assert slow.most_inside == 4
    server.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address, timeout=1)


def test_a_client_that_dies_while_it_waits(slow: Slow) -> None:
    """Its query ends in peace, and others are served after it."""
    with Server(slow, port=0, password=PASSWORD) as server:
        with Raw(server.address).log_in() as client:
            client.socket.sendall(client.frame_of([STATUS]))
            assert slow.entered.acquire(timeout=5)
        slow.go.set()
        with Raw(server.address).log_in() as other:
            assert status_of(other) == "OK"
