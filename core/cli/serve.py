"""`serve`: the embedded engine behind ApertureDB's protocol, until a signal."""

from __future__ import annotations

import argparse
import json
import logging
import os
import shlex
import signal
import sys
import threading

from core.bootstrap import embedded
from core.cli.terminal import complain, say
from core.settings import from_environment
from core.wire.server import Server

USERNAME = "admin"
COMMUNITY_PASSWORD = "admin"  # noqa: S105 - the one that the community server's documentation has
PASSWORD_VARIABLE = "REELSEEK_SERVE_PASSWORD"  # noqa: S105 - the name of it
_MIB = 2**20


def run(asked: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; queries that run by then are answered.

    Raises:
        SettingsError: the port is taken.
        DatabaseAwayError: the database cannot be opened.
    """
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    password = os.environ.get(PASSWORD_VARIABLE) or COMMUNITY_PASSWORD
    settings = from_environment()
    engine = embedded(settings)
    try:
        with Server(
            engine, port=asked.port, username=USERNAME, password=password,
            max_message_bytes=asked.max_message_mb * _MIB,
        ) as server:  # fmt: skip
            _tell(server, password)
            stop.wait()
    finally:
        engine.close()
    return 0


def _tell(server: Server, password: str) -> None:
    host, port = server.address
    settings = {
        "host": host, "port": port, "username": USERNAME, "password": password, "use_ssl": False,
    }  # fmt: skip
    line = [
        "adb", "config", "create", "reelseek", "--active", "--overwrite", "--host", host,
        "--port", str(port), "--username", USERNAME, "--password", password,
        "--no-use-ssl", "--no-interactive",
    ]  # fmt: skip
    say(
        f"Answering as ApertureDB on {host}:{port}. For its clients, either of the next two lines; "
        "Reelseek itself then uses this server, too, unless REELSEEK_DATABASE=embedded is set:"
    )
    say(f"export APERTUREDB_JSON={shlex.quote(json.dumps(settings))}")
    say(shlex.join(line))
    if password == COMMUNITY_PASSWORD:
        complain(f"The password is {COMMUNITY_PASSWORD!r}; {PASSWORD_VARIABLE} sets another.")
    sys.stdout.flush()
