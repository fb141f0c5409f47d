"""The server and clients made of bare sockets: the protocol, its refusals, and its end."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from core.engine.engine import Engine
from core.errors import DatabaseAwayError, SettingsError
from core.wire.codec import HELLO, LENGTH, Message, encode
from core.wire.server import Server
from core.wire.sessions import NOT_AUTHENTICATED, Sessions
from tests.wire.raw import PASSWORD, Raw

STATUS = {"GetStatus": {}}
MIB = 2**20


def status_of(client: Raw) -> Any:
    return client.ask(STATUS)[0][0]["GetStatus"]["info"]


def test_a_query_and_its_blobs(server: Server) -> None:
    """Blobs come back as they went, in order, on a connection that is asked again and again."""
    with Raw(server.address).log_in() as client:
        blobs = (b"", b"\0" * 100_000, bytes(range(256)))
        adds = [{"AddBlob": {"properties": {"n": n}}} for n in range(3)]
        answers, none = client.ask(*adds, blobs=blobs)
        assert [one["AddBlob"]["status"] for one in answers] == [0, 0, 0]
        assert none == []
        answers, found = client.ask({"FindBlob": {"blobs": True, "sort": "n"}})
        assert tuple(found) == blobs
        assert status_of(client) == "OK"


def test_without_a_token_nothing_is_answered(server: Server) -> None:
    """Neither without a token nor with a made-up one, in the words that the client knows."""
    with Raw(server.address).hello() as client:
        assert client.ask(STATUS) == (NOT_AUTHENTICATED, [])
        client.token = "adbs_" + "x" * 43
        assert client.ask(STATUS) == (NOT_AUTHENTICATED, [])


def test_a_token_is_good_on_any_connection(server: Server) -> None:
    """Also after the connection that got it has gone, and not on another server."""
    with Raw(server.address).log_in() as first:
        token = first.token
    with Raw(server.address).hello() as second:
        second.token = token
        assert status_of(second) == "OK"


def test_an_expired_token(engine: Engine) -> None:
    """Its queries are not authenticated; its refresh token gives another."""
    now_s = [0.0]
    sessions = Sessions("admin", PASSWORD, session_s=10, clock_s=lambda: now_s[0])
    with (
        Server(engine, port=0, password="", sessions=sessions) as server,
        Raw(server.address).hello() as client,
    ):
        login = {"Authenticate": {"username": "admin", "password": PASSWORD}}
        given = client.ask(login)[0][0]["Authenticate"]
        client.token = given["session_token"]
        assert status_of(client) == "OK"
        now_s[0] = 10.0
        assert client.ask(STATUS)[0] == NOT_AUTHENTICATED
        renew = {"RefreshToken": {"refresh_token": given["refresh_token"]}}
        client.token = client.ask(renew)[0][0]["RefreshToken"]["session_token"]
        assert status_of(client) == "OK"


def test_a_query_that_comes_byte_by_byte(server: Server) -> None:
    """Frames are read exactly, however they are cut, and however many come at once."""
    with Raw(server.address).log_in() as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        frame = client.frame_of([STATUS])
        for byte in frame:
            client.socket.sendall(bytes([byte]))
        assert client.read()[0][0]["GetStatus"]["info"] == "OK"
        client.socket.sendall(frame * 3)
        assert [client.read()[0][0]["GetStatus"]["info"] for _ in range(3)] == ["OK"] * 3


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00",
        LENGTH.pack(9) + bytes(9),
        LENGTH.pack(2**32 - 1) + bytes(8),
    ],
    ids=["HTTP", "TLS", "nine bytes", "four GiB"],
)
def test_whoever_does_not_say_hello_is_hung_up(server: Server, said: bytes) -> None:
    """Other protocols and noise get no answer."""
    with Raw(server.address) as client:
        client.socket.sendall(said)
        assert client.is_hung_up()


def test_tls_is_declined(server: Server) -> None:
    """The answer to a wish for TLS alone is protocol 0, then the connection ends."""
    with Raw(server.address) as client:
        client.socket.sendall(LENGTH.pack(HELLO.size) + HELLO.pack(1, 2))
        assert HELLO.unpack(client.read_frame()) == (1, 0)
        assert client.is_hung_up()


@pytest.mark.parametrize(
    "payload",
    [b"\xff" * 20, b"\x0a\x7f{", b"\x0a\x01\xff", b"\x00", b"\x12\x00" * 300_000],
    ids=["noise", "cut short", "not UTF-8", "field 0", "many parts"],
)
def test_a_payload_that_is_no_message(server: Server, payload: bytes) -> None:
    """It is answered by an object with `info`, and the connection goes on."""
    with Raw(server.address).log_in() as client:
        client.socket.sendall(LENGTH.pack(len(payload)) + payload)
        answer, _ = client.read()
        assert sorted(answer) == ["info", "status"]
        assert answer["status"] == -1
        assert status_of(client) == "OK"


@pytest.mark.parametrize("text", ["", "null", "{}", "[", "nonsense", "[" * 100_000, "[1e999]",
                                  "[" + "9" * 5000 + "]", '[{"GetStatus": NaN}]'])  # fmt: skip
def test_a_query_that_is_no_query(server: Server, text: str) -> None:
    """Whatever the text is, there is an answer with `info`, and the connection goes on."""
    with Raw(server.address).log_in() as client:
        client.socket.sendall(b"".join(encode(Message(text, token=client.token))))
        answer, _ = client.read()
        assert sorted(answer) == ["info", "status"]
        assert "an error of its own" not in answer["info"]
        assert status_of(client) == "OK"


def test_a_message_above_the_limit(engine: Engine) -> None:
    """It is answered by an error that names both sizes; the limit itself still fits."""
    with (
        Server(engine, port=0, password=PASSWORD, max_message_bytes=MIB) as server,
        Raw(server.address).log_in() as client,
    ):
        add = {"AddBlob": {}}
        room = MIB - len(client.frame_of([add], (bytes(MIB),))) + LENGTH.size + MIB
        answer, _ = client.ask(add, blobs=(bytes(room + 1),))
        assert answer["status"] == -1
        assert f"{MIB + 1} bytes" in answer["info"]
        assert f"takes {MIB}" in answer["info"]
        answer, _ = client.ask(add, blobs=(bytes(room),))
        assert answer[0]["AddBlob"]["status"] == 0
        _, (blob,) = client.ask({"FindBlob": {"blobs": True}})
        assert blob == bytes(room)


class Stand:
    """A database that answers by a function of the test."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self._answer = answer

    def query(self, _commands: Any, _blobs: Sequence[Any] = ()) -> tuple[Any, list[bytes]]:
        return self._answer(), []


def _fail(error: Exception) -> Callable[[], Any]:
    def raise_it() -> Any:
        raise error

    return raise_it


@pytest.mark.parametrize(
    ("answer", "info"),
    [
        (_fail(DatabaseAwayError("The database is closed.")), "The database is closed."),
        (_fail(ZeroDivisionError("private")), "an error of its own"),
        (lambda: {1, 2}, "an error of its own"),
    ],
    ids=["away", "a bug", "no JSON"],
)
def test_a_database_that_raises(answer: Callable[[], Any], info: str) -> None:
    """The client gets an answer, without what only a log should have, and may ask again."""
    with (
        Server(Stand(answer), port=0, password=PASSWORD) as server,
        Raw(server.address).log_in() as client,
    ):
        for _ in range(2):
            failed, _ = client.ask(STATUS)
            assert failed["status"] == -1
            assert info in failed["info"]
            assert "private" not in failed["info"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "8.8.8.8"])  # noqa: S104 - it is refused
def test_hosts_that_others_could_reach_are_refused(engine: Engine, host: str) -> None:
    """With a sentence that says why, before anything listens."""
    with pytest.raises(SettingsError, match=r"listens on 127\.0\.0\.1 only"):
        Server(engine, host=host, password=PASSWORD)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_hosts_of_this_machine(engine: Engine, host: str) -> None:
    """All names of the loopback serve."""
    with (
        Server(engine, host=host, port=0, password=PASSWORD) as server,
        Raw(server.address).log_in() as client,
    ):
        assert status_of(client) == "OK"


def test_a_port_that_is_taken(server: Server, engine: Engine) -> None:
    """One sentence with the port."""
    _, port = server.address
    with pytest.raises(SettingsError, match=f"Port {port} of 127.0.0.1 is taken"):
        Server(engine, port=port, password=PASSWORD).start()
