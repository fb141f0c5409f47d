"""The official Connector and its sessions: shared, expired, refreshed, and broken off."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.engine.engine import Engine
from core.wire.client import import_client
from core.wire.server import Server
from core.wire.sessions import Answer, Sessions
from tests.wire.raw import PASSWORD

ROOT = Path(__file__).parents[2]
STATUS = [{"GetStatus": {}}]
COUNT = [{"FindEntity": {"with_class": "A", "results": {"count": True}}}]


class Watched(Sessions):
    """Sessions that note what was asked of them, on a clock that a test sets."""

    def __init__(self, **lives: int) -> None:
        self.now_s = 0.0
        self.asked: list[str] = []
        super().__init__("admin", PASSWORD, clock_s=lambda: self.now_s, **lives)

    def answer(self, query: str) -> Answer | None:
        answer = super().answer(query)
        if isinstance(answer, list):
            self.asked += answer[0]
        return answer


def serve(engine: Engine, sessions: Sessions, port: int = 0) -> Server:
    return Server(engine, port=port, password="", sessions=sessions)


@pytest.fixture
def sessions() -> Watched:
    return Watched()


@pytest.fixture
def server(engine: Engine, sessions: Watched) -> Iterator[Server]:
    with serve(engine, sessions) as started:
        yield started


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., Any]]:
    """Make Connectors to the server; they are closed in the end."""
    import_client()
    from aperturedb.Connector import Connector

    made: list[Any] = []

    def connect(**more: Any) -> Any:
        host, port = server.address
        given = {"user": "admin", "password": PASSWORD, "use_ssl": False, **more}
        made.append(Connector(host, port, retry_interval_seconds=0, **given))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def is_ok(connector: Any) -> bool:
    response, _ = connector.query(STATUS)
    return bool(response[0]["GetStatus"]["info"] == "OK")


def test_clones_share_one_session(connect: Callable[..., Any], sessions: Watched) -> None:
    """Threads with a clone each log in once together, and see each other's writes."""
    first = connect()
    clones = [first.clone() for _ in range(8)]
    add = [{"AddEntity": {"class": "A"}}]
    threads = [threading.Thread(target=lambda c=clone: [c.query(add) for _ in range(3)])
               for clone in clones]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first.query(COUNT)[0][0]["FindEntity"]["count"] == 24
    assert sessions.asked == ["Authenticate"]
    for clone in clones:
        clone.close()


def test_a_session_that_the_server_has_forgotten(
    connect: Callable[..., Any], sessions: Watched
) -> None:
    """The client refreshes and asks again; when that too is too late, it logs in again."""
    connector = connect()
    assert is_ok(connector)
    sessions.now_s += 3600
    assert is_ok(connector)
    assert sessions.asked == ["Authenticate", "RefreshToken"]
    sessions.now_s += 24 * 3600
    assert is_ok(connector)
    assert sessions.asked == ["Authenticate", "RefreshToken", "RefreshToken", "Authenticate"]


def test_the_client_says_nothing_while_it_is_imported() -> None:
    """That it could not ask for newer versions, and so recommends them; later it is heard."""
    script = """
import logging
logging.basicConfig(format="%(message)s")
from core.wire.client import import_client
import_client()
logging.getLogger("aperturedb").warning("a warning of its own")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert (done.stdout, done.stderr) == ("", "a warning of its own\n")


def test_a_session_that_is_about_to_end(engine: Engine) -> None:
    """The client refreshes before each query that comes within ten seconds of its session's end."""
    import_client()
    from aperturedb.Connector import Connector

    sessions = Watched(session_s=10)
    with serve(engine, sessions) as server:
        host, port = server.address
        connector = Connector(host, port, user="admin", password=PASSWORD, use_ssl=False)
        assert is_ok(connector)
        assert is_ok(connector)
        connector.close()
    assert sessions.asked == ["Authenticate", "RefreshToken"]


def test_a_server_that_comes_back(engine: Engine) -> None:
    """A client outlives its server: it connects again, logs in again, and is answered."""
    import_client()
    from aperturedb.Connector import Connector

    with serve(engine, Watched()) as server:
        host, port = server.address
        connector = Connector(
            host, port, user="admin", password=PASSWORD, use_ssl=False, retry_interval_seconds=0
        )
        assert is_ok(connector)
    again = Watched()
    with serve(engine, again, port):
        assert is_ok(connector)
        assert again.asked[-1] == "Authenticate"
        connector.close()


def test_a_wrong_password(connect: Callable[..., Any]) -> None:
    """The client raises with our sentence."""
    with pytest.raises(Exception, match="The user name or the password is wrong"):
        connect(password="wrong").query(STATUS)  # noqa: S106 - wrong on purpose


def test_a_wish_for_tls(connect: Callable[..., Any]) -> None:
    """The client says that the server did not accept its protocol."""
    with pytest.raises(Exception, match="Server did not accept protocol"):
        connect(use_ssl=True).query(STATUS)


def test_explicit_logins_are_queries(connect: Callable[..., Any]) -> None:
    """What a client asks by itself is answered like what the Connector asks."""
    connector = connect()
    login = {"Authenticate": {"username": "admin", "password": PASSWORD}}
    response, _ = connector.query([login])
    token = response[0]["Authenticate"]["refresh_token"]
    response, _ = connector.query([{"RefreshToken": {"refresh_token": token}}])
    assert response[0]["RefreshToken"]["status"] == 0
    assert connector.last_query_ok()


@pytest.mark.parametrize("when", ["before it sends", "before it reads"])
def test_a_connection_that_breaks(
    connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The client connects anew and its query is answered; of a read, twice as it asks twice."""
    connector = connect()
    assert is_ok(connector)
    name = "_send_msg" if when == "before it sends" else "_recv_msg"
    original = getattr(connector, name)
    n_broken = [0]

    def breaking(*message: Any) -> Any:
        if not n_broken[0]:
            n_broken[0] += 1
            connector.conn.close()
        return original(*message)

    monkeypatch.setattr(connector, name, breaking)
    assert is_ok(connector)
    assert n_broken == [1]


def test_a_pool_by_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """ConnectionPool makes its own Connectors from APERTUREDB_JSON; threads share them."""
    _, pool_of = import_client()
    host, port = server.address
    said = {"host": host, "port": port, "username": "admin", "password": PASSWORD, "use_ssl": False}
    monkeypatch.setenv("APERTUREDB_JSON", json.dumps(said))
    pool = pool_of(3)
    threads = [threading.Thread(target=lambda: pool.query([{"AddEntity": {"class": "A"}}]))
               for _ in range(12)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    response, _ = pool.query(COUNT)
    assert response[0]["FindEntity"]["count"] == 12
    pool.close()
