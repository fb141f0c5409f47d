"""A server that is not there, goes away, or comes back; and what is too large for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.errors import DatabaseAwayError, DatabaseError
from core.wire import pool as pool_module
from core.wire.pool import ServerPool
from core.wire.server import Server
from tests.embedded import on_a_server
from tests.wire.outages import Cable, Clock, Database, Silent, free_port, said, serve

ROOT = Path(__file__).parents[2]
READ = [{"FindEntity": {"with_class": "A", "uniqueids": True}}]
WRITE = [{"AddEntity": {"class": "A"}}]


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where the server is, as the environment says."""
    port = free_port()
    monkeypatch.setenv("APERTUREDB_JSON", said(port))
    return port


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pool(clock: Clock) -> Iterator[ServerPool]:
    """A pool that nobody has asked yet."""
    opened = ServerPool("APERTUREDB_JSON", now_s=clock)
    yield opened
    opened.close()


def test_a_read_outlives_a_restart(database: Database, port: int, pool: ServerPool) -> None:
    """After the server was restarted, with other tokens, the next read is answered at once."""
    for _ in range(3):
        with serve(database, port):
            assert pool.query(READ)[0] == [{"FindEntity": {"status": 0}}]


@pytest.mark.parametrize("away_s", [0, 60])
def test_a_write_outlives_a_restart_and_is_done_once(
    database: Database, port: int, pool: ServerPool, clock: Clock, away_s: float
) -> None:
    """It first sees whether its connection is good, so it is not sent into a broken one."""
    for n in range(1, 4):
        with serve(database, port):
            assert pool.query(WRITE)[0] == [{"AddEntity": {"status": 0}}]
        assert database.n_writes == n
        clock.now_s += away_s


def test_a_write_whose_answer_is_lost_is_not_sent_again(
    database: Database, port: int, pool: ServerPool
) -> None:
    """Nobody knows whether it was done, so it is for the caller to look: it is sent once only."""
    with Server(database, port=0, password="hunter2") as server:  # noqa: S106 - of this test
        cable = Cable(port, server.address[1], database)
        cable.start()
        pool.query(READ)
        with pytest.raises(DatabaseAwayError):
            pool.query(WRITE)
        cable.close()
    assert database.n_writes == 1


def test_while_it_is_away_nobody_waits(port: int, pool: ServerPool, clock: Clock) -> None:
    """After a failure, others are told the same at once; later one tries again, and it is back."""
    with pytest.raises(DatabaseAwayError, match="does not answer"):
        pool.query(READ)
    assert pool.since is None
    database = Database()
    with serve(database, port):
        with pytest.raises(DatabaseAwayError):
            pool.query(READ)
        assert database.asked == []
        clock.now_s += 10
        assert pool.query(READ)[0] == [{"FindEntity": {"status": 0}}]
        assert pool.since is not None


def test_threads_share_the_connections(database: Database, port: int, pool: ServerPool) -> None:
    """Twenty threads at once are all answered, over a few connections and one login."""
    answers: list[Any] = []
    with serve(database, port):
        threads = [
            threading.Thread(target=lambda: answers.append(pool.query(READ)[0])) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [[{"FindEntity": {"status": 0}}]] * 20


def test_a_restart_under_many_threads(database: Database, port: int, pool: ServerPool) -> None:
    """Whoever asked while the server went is told so or answered; nobody waits for ever."""
    asked = threading.Event()
    ends: list[object] = []

    def ask_often() -> None:
        for _ in range(20):
            try:
                ends.append(pool.query(READ)[0])
                asked.set()
            except DatabaseAwayError as error:
                ends.append(error)

    threads = [threading.Thread(target=ask_often, daemon=True) for _ in range(12)]
    with serve(database, port):
        for thread in threads:
            thread.start()
        assert asked.wait(10)
    with serve(database, port):
        for thread in threads:
            thread.join(20)
    assert len(ends) == 12 * 20


def test_a_machine_that_says_nothing_is_noticed(
    port: int, pool: ServerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connecting has a limit, which the client alone has not."""
    monkeypatch.setattr(pool_module, "_CONNECT_S", 0.2)
    silent = Silent(port)
    with pytest.raises(DatabaseAwayError, match="timed out"):
        pool.query(READ)
    silent.close()


def test_a_bug_is_not_taken_for_a_server_that_is_away(
    database: Database, port: int, pool: ServerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It passes as it is; whoever asks next is answered at once."""
    with serve(database, port):
        pool.query(READ)
        with monkeypatch.context() as patch:
            patch.setattr(pool_module, "_only_reads", lambda commands: commands[7])
            with pytest.raises(IndexError):
                pool.query(READ)
        assert pool.query(READ)[0] == [{"FindEntity": {"status": 0}}]


def test_what_the_client_fails_at_is_logged(
    port: int, pool: ServerPool, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, with its trace: a server that hangs up in the middle is a TypeError to it."""
    caplog.set_level("DEBUG", "reelseek.wire")
    with socket.create_server(("127.0.0.1", port)) as server:
        threading.Thread(target=hang_up, args=[server], daemon=True).start()
        for _ in range(3):
            with pytest.raises(DatabaseAwayError, match="does not answer"):
                pool.query(READ)
            clock.now_s += 10
    (trace,) = filter(None, (one.exc_text for one in caplog.records))
    assert "TypeError" in trace


def test_a_host_that_no_name_can_be_is_a_server_that_is_away(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that nobody has: a name with two dots in a row is mistyped, and no bug."""
    monkeypatch.setenv("APERTUREDB_JSON", said(port).replace("127.0.0.1", "db..local"))
    with pytest.raises(DatabaseAwayError, match=r"db\.\.local:.*does not answer"):
        ServerPool("APERTUREDB_JSON").query(READ)


def hang_up(server: socket.socket) -> None:
    """Hear everybody's first words, and say nothing."""
    with suppress(OSError):
        while True:
            with server.accept()[0] as heard:
                heard.recv(1024)


def test_what_is_too_large_is_not_sent(database: Database, port: int, clock: Clock) -> None:
    """The sentence names the limit and both settings; the connection stays good."""
    pool = ServerPool("APERTUREDB_JSON", max_message_bytes=2**20, now_s=clock)
    with serve(database, port):
        with pytest.raises(DatabaseError, match="1 MB in one message") as raised:
            pool.query([{"AddVideo": {}}], [b"x" * 2**20])
        assert "ADB_MAX_CONNECTION_MESSAGE_SIZE_MB" in str(raised.value)
        assert "REELSEEK_MESSAGE_MB" in str(raised.value)
        assert database.asked == []
        pool.query([{"AddVideo": {}}], [b"x" * 1000])
    pool.close()


def test_the_name_says_where_and_by_what(database: Database, port: int, pool: ServerPool) -> None:
    """Once connected, host and port; never the password."""
    with serve(database, port):
        pool.query(READ)
    expected = f"the ApertureDB server at 127.0.0.1:{port}, chosen by APERTUREDB_JSON"
    assert pool.name == expected


def test_pauses_grow_and_end(port: int, pool: ServerPool, clock: Clock) -> None:
    """Between tries lies ever more time, up to a few seconds."""
    pauses = []
    for _ in range(6):
        with pytest.raises(DatabaseAwayError):
            pool.query(READ)
        pauses.append(pool._pause_s)
        clock.now_s += pool._pause_s
    assert pauses == [0.5, 1, 2, 4, 5, 5]
    assert pool_module._LONGEST_PAUSE_S == 5


def test_a_server_that_cannot_be_reached(tmp_path: Path) -> None:
    """One sentence with the variable and what to do, no password, and no log file left behind."""
    environment = {**on_a_server(os.environ), "APERTUREDB_JSON": said(free_port())}
    environment["PYTHONPATH"] = str(ROOT)
    environment["REELSEEK_DATA"] = str(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-m", "core", "status"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last.startswith("The ApertureDB server")
    assert "chosen by APERTUREDB_JSON, does not answer" in last
    assert "again by itself" not in last, "a command ends at once"
    assert "REELSEEK_DATABASE=embedded" in last
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
    assert list(tmp_path.iterdir()) == []
