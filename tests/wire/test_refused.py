"""A server that is there and refuses us: who is refused, by which setting, and that it heals."""

from __future__ import annotations

import json
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

from core.errors import AccessDeniedError, DatabaseAwayError
from core.wire.codec import HELLO, LENGTH
from core.wire.pool import ServerPool
from core.wire.server import Server
from core.wire.sessions import Sessions
from tests.embedded import on_a_server
from tests.wire.outages import Clock, Database, free_port, said
from tests.wire.test_serve import ROOT, lines_of, serving

READ = [{"FindEntity": {"with_class": "A", "uniqueids": True}}]
OURS, OTHER = "hunter2", "another"  # passwords: that of outages.said, and not that
LONGEST_S = 5.0


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
def pool(port: int, clock: Clock) -> Iterator[ServerPool]:
    """A pool that nobody has asked yet."""
    opened = ServerPool("APERTUREDB_JSON", now_s=clock)
    yield opened
    opened.close()


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that servers of this process were given."""
    given: list[str] = []
    answer = Sessions._log_in

    def note(self: Sessions, name: str, body: Any) -> dict[str, Any]:
        given.extend([body["password"]] if name == "Authenticate" else [])
        return answer(self, name, body)

    monkeypatch.setattr(Sessions, "_log_in", note)
    return given


def _status(folder: Path, port: int, **changed: object) -> str:
    """Run `status` on a server, and give what it fails with."""
    asked = {"host": "127.0.0.1", "port": port, "username": "admin", "password": "admin"} | changed
    done = subprocess.run(
        [sys.executable, "-m", "core", "status"], cwd=ROOT, capture_output=True, text=True,
        check=False,
        env={**on_a_server(os.environ), "APERTUREDB_JSON": json.dumps(asked),
             "REELSEEK_DATA": str(folder)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"The ApertureDB server at 127.0.0.1:{port}, chosen by")
    assert "does not answer" not in sentence
    assert "again by itself" not in sentence
    return sentence


def test_a_wrong_password_on_the_command_line(tmp_path: Path) -> None:
    """Which user, what the server says, and which variable to look at; not the password."""
    with serving(tmp_path) as server:
        (_, port), *_ = lines_of(server)
        sentence = _status(tmp_path / "here", port, password=OTHER, use_ssl=False)
    assert "refuses the user 'admin' or the password" in sentence
    assert "(The user name or the password is wrong)" in sentence
    assert "Correct them in APERTUREDB_JSON" in sentence
    assert OTHER not in sentence


def test_tls_that_is_declined_on_the_command_line(tmp_path: Path) -> None:
    """Nobody asked for TLS: it is what the client takes when nothing is said."""
    with serving(tmp_path) as server:
        (_, port), *_ = lines_of(server)
        sentence = _status(tmp_path / "here", port)
    assert 'refuses TLS. Set "use_ssl": false in APERTUREDB_JSON' in sentence


def test_a_server_that_wants_tls(port: int, pool: ServerPool) -> None:
    """The other way round."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        threading.Thread(target=_want_tls, args=[listener], daemon=True).start()
        with pytest.raises(AccessDeniedError, match='Set "use_ssl": true in APERTUREDB_JSON'):
            pool.query(READ)


def _want_tls(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            with listener.accept()[0] as heard:
                if heard.recv(1024):
                    heard.sendall(LENGTH.pack(HELLO.size) + HELLO.pack(1, 2))
                    heard.recv(1024)


def test_a_refused_password_is_tried_slowly_and_heals(
    port: int, pool: ServerPool, clock: Clock, logins: list[str]
) -> None:
    """One login every few seconds, from the first on; whoever asks between is told the same."""
    database = Database()
    with Server(database, port=port, password=OTHER):
        for n in range(1, 4):
            for _ in range(3):
                with pytest.raises(AccessDeniedError, match="'admin' or the password"):
                    pool.query(READ)
            assert logins == [OURS] * n
            clock.now_s += LONGEST_S
    with Server(database, port=port, password=OURS):
        assert pool.query(READ)[0] == [{"FindEntity": {"status": 0}}]
        assert pool.since is not None


def test_a_password_that_changes_while_it_runs(port: int, pool: ServerPool, clock: Clock) -> None:
    """Its tokens are gone with the restart; with the old password all is well again."""
    for _ in range(2):
        with Server(Database(), port=port, password=OURS):
            assert pool.query(READ)[0] == [{"FindEntity": {"status": 0}}]
        with (
            Server(Database(), port=port, password=OTHER),
            pytest.raises(AccessDeniedError, match="'admin' or the password"),
        ):
            pool.query(READ)
        clock.now_s += LONGEST_S


def test_a_server_that_is_away_after_it_refused(port: int, pool: ServerPool, clock: Clock) -> None:
    """Each time what is so now."""
    with Server(Database(), port=port, password=OTHER), pytest.raises(AccessDeniedError):
        pool.query(READ)
    clock.now_s += LONGEST_S
    with pytest.raises(DatabaseAwayError, match="does not answer") as raised:
        pool.query(READ)
    assert not isinstance(raised.value, AccessDeniedError)
