"""A server that is not there: what the official client says about it becomes a sentence."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


NOBODY_THERE = json.dumps(
    {
        "host": "127.0.0.1", "port": free_port(), "username": "admin", "password": "hunter2",
        "use_ssl": False, "retry_max_attempts": 1, "retry_interval_seconds": 0,
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "value"),
    [("APERTUREDB_JSON", NOBODY_THERE), ("APERTUREDB_JSON", "{}"), ("APERTUREDB_KEY", "hunter2")],
    ids=["nobody there", "no host", "no key"],
)
def test_a_server_that_cannot_be_reached(tmp_path: Path, variable: str, value: str) -> None:
    """One sentence with the variable and what to do, no password, and no log file left behind."""
    environment = {**os.environ, variable: value, "PYTHONPATH": str(ROOT)}
    environment["REELSEEK_DATA"] = str(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-m", "core", "status"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"The server that {variable} names cannot be reached")
    assert "unset it to use the embedded database" in last
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
    assert list(tmp_path.iterdir()) == []
