"""Processes that serve, to be killed, starved or cut off: the database, and the whole app."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from core.ingest.addition import Addition, Notes
from tests.ingest import imports
from tests.ingest.conftest import LIMIT_S, until


@contextmanager
def serving(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`python -m core serve` on one port."""
    environment = {**os.environ, "REELSEEK_DATA": str(data)}
    with tempfile.TemporaryFile("w+") as complaints:
        server = subprocess.Popen(
            [sys.executable, "-m", "core", "serve", "--port", str(port)], cwd=imports.ROOT,
            env=environment, stdout=subprocess.PIPE, stderr=complaints, text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            said = server.stdout.readline()
            complaints.seek(0)
            assert said.startswith("Answering as ApertureDB"), complaints.read()
            yield server
        finally:
            server.kill()
            server.communicate()


def a_free_port() -> int:
    """A port that nothing listens on, and that the system gives to nobody who calls.

    Who calls a port of the system's own range while nobody listens there may get that very port
    for its own end, be connected to itself, and so keep the server from it.
    """
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as taken, suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def client_of(port: int) -> str:
    """The variable by which clients find the server."""
    return json.dumps({"host": "127.0.0.1", "port": port, "username": "admin",
                       "password": "admin", "use_ssl": False})  # fmt: skip


@contextmanager
def app_on(data: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The app as `streamlit run app.py` starts it, and its address, once it answers."""
    port = a_free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--server.port", str(port), "--server.headless", "true")
    process = imports.start(data, "app", *options, **environment)
    said: list[str] = []
    reading = threading.Thread(target=lambda: said.extend(process.communicate()), daemon=True)
    reading.start()  # or its pipes get full

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return True
        except OSError:
            if process.poll() is not None:
                reading.join(LIMIT_S)
            assert process.poll() is None, said
            return False

    try:
        until(answers, "the app answers")
        yield process, url
    finally:
        process.kill()
        reading.join(LIMIT_S)


def press_begin(data: Path, folder: Path) -> None:
    """Leave what pressing Begin on the Add page leaves when the app is killed right after."""
    script = "from core.ingest import owner; print(owner.new_name())"
    dead = subprocess.run(
        [sys.executable, "-c", script], cwd=imports.ROOT, capture_output=True, text=True, check=True
    )
    begun = Addition("begun", str(folder), "adding", datetime.now(UTC))
    Notes(data / "additions").write(begun, dead.stdout.strip())
