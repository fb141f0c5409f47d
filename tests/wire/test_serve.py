"""`python -m core serve` as a person uses it: what it prints works, and it ends well."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.wire.raw import Raw

ROOT = Path(__file__).parents[2]
ODD_PASSWORD = """-it's "a" $HOME secret"""  # noqa: S105 - of a server that lives as long as a test
ASK = (
    "from aperturedb.CommonLibrary import create_connector;"
    "print(create_connector().query([{'GetStatus': {}}])[0][0]['GetStatus']['info'])"
)


@contextmanager
def serving(tmp_path: Path, *arguments: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A server in a process of its own, killed at the end of the block if it still runs."""
    started = subprocess.Popen(
        [sys.executable, "-m", "core", "serve", *(arguments or ("--port", "0"))],
        cwd=ROOT, env=_environment(tmp_path, **more), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # Tests that were started in the background ignore Ctrl+C, and would hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )  # fmt: skip
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def _environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("APERTUREDB")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**kept, "REELSEEK_DATA": str(tmp_path / "data"), "HOME": str(tmp_path), "PATH": path,
            "XDG_CONFIG_HOME": str(tmp_path), "ADB_LOG_FILE": "", **more}  # fmt: skip


def lines_of(server: subprocess.Popen[str]) -> tuple[tuple[str, int], str, str]:
    """Wait for what it prints at the start: where it is, and the two lines for clients."""
    assert server.stdout is not None
    first, export, adb = (server.stdout.readline().strip() for _ in range(3))
    assert first.startswith("Answering as ApertureDB on 127.0.0.1:"), server.communicate()
    return ("127.0.0.1", int(first.split(":")[1].split(".")[0])), export, adb


def _shell(script: str, tmp_path: Path) -> str:
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=tmp_path, env=_environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("which", ["APERTUREDB_JSON", "adb"])
def test_the_printed_lines_work_as_they_stand(tmp_path: Path, which: str) -> None:
    """Pasted into a shell, either makes the official client find the server and its password."""
    with serving(tmp_path, REELSEEK_SERVE_PASSWORD=ODD_PASSWORD) as server:
        _, export, adb = lines_of(server)
        assert export.startswith("export APERTUREDB_JSON=")
        assert adb.startswith("adb config create ")
        line = export if which == "APERTUREDB_JSON" else adb
        assert _shell(f"{line}\n{sys.executable} -c {shlex.quote(ASK)}", tmp_path) == "OK\n"
        server.terminate()
        _, err = server.communicate(timeout=20)
    assert server.returncode == 0
    assert err == ""


def test_the_readme_shows_what_is_printed(tmp_path: Path) -> None:
    """Its two lines are those of a server on the usual port with the usual password."""
    readme = (ROOT / "README.md").read_text("utf-8")
    with serving(tmp_path) as server:
        (_, port), export, adb = lines_of(server)
    assert export.replace(str(port), "55555") in readme
    assert adb.replace(str(port), "55555") in readme


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_by_a_signal(tmp_path: Path, how: signal.Signals) -> None:
    """With status 0 and no trace, also while a client is connected; what it wrote stays."""
    add = {"AddEntity": {"class": "A", "properties": {"n": 1}}}
    find = {"FindEntity": {"with_class": "A", "results": {"count": True}}}
    with serving(tmp_path) as server:
        with Raw(lines_of(server)[0]).log_in("admin") as client:
            assert client.ask(add)[0][0]["AddEntity"]["status"] == 0
            server.send_signal(how)
            assert client.is_hung_up()
        out, err = server.communicate(timeout=20)
        assert (server.returncode, out) == (0, "")
        assert err == "The password is 'admin'; REELSEEK_SERVE_PASSWORD sets another.\n"
    with serving(tmp_path) as server, Raw(lines_of(server)[0]).log_in("admin") as client:
        assert client.ask(find)[0][0]["FindEntity"]["count"] == 1


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """One sentence that names the port, and status 1."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        with serving(tmp_path, "--port", port) as server:
            out, err = server.communicate(timeout=20)
    assert (server.returncode, out) == (1, "")
    assert err.startswith(f"Port {port} of 127.0.0.1 is taken by another program. End that")
    assert len(err.splitlines()) == 1


def test_the_largest_message_is_a_setting(tmp_path: Path) -> None:
    """What is above it gets the sentence that names it."""
    arguments = ("--port", "0", "--max-message-mb", "1")
    with (
        serving(tmp_path, *arguments) as server,
        Raw(lines_of(server)[0]).log_in("admin") as client,
    ):
        answer, _ = client.ask({"AddBlob": {}}, blobs=(bytes(2**20),))
        assert "--max-message-mb" in answer["info"]
