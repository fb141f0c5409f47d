"""The worker process: started with the server, started again, ended with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from core.web import Closing, child, lifespan
from core.web.incoming import LEFT_OVER_S, Part
from tests.web.stand_in import StandIn

# A child that writes its number and the working folder's idea of `core` to a file, then waits.
CHILD = """
import os, signal, sys
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
import core
with open(sys.argv[1], "a") as file: file.write(f"{os.getpid()}\\n")
if "short" not in sys.argv:
    while sys.stdin.read(1) or "stubborn" in sys.argv: pass
"""


@pytest.fixture
def pids_file(tmp_path: Path) -> Path:
    """Where the children write their process ids."""
    return tmp_path / "pids"


def command(pids_file: Path, *words: str) -> Sequence[str]:
    return (sys.executable, "-c", CHILD, str(pids_file), *words)


def pids(pids_file: Path) -> list[int]:
    return [int(line) for line in pids_file.read_text().split()] if pids_file.exists() else []


def is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def until(condition: Callable[[], object], limit_s: float = 20) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.02)


def run_with(awaitable: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(awaitable())  # type: ignore[arg-type]


def test_the_worker_lives_as_long_as_the_server(
    app: StandIn, pids_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It starts with it, from any working folder, and is gone when it ends; the app is closed."""
    monkeypatch.chdir(tmp_path)

    async def server() -> None:
        async with lifespan(app, Closing(), worker=command(pids_file))(None):
            await until(lambda: pids(pids_file))
            assert is_alive(pids(pids_file)[0])
            assert app.n_closed == 0

    run_with(server)
    assert not is_alive(pids(pids_file)[0])
    assert app.n_closed == 1


def test_a_worker_that_is_killed_is_started_again(
    pids_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A new one takes its place, and the log says so."""

    async def server() -> None:
        task = asyncio.create_task(child.keep_running(command(pids_file), first_pause_s=0.01))
        await until(lambda: pids(pids_file))
        os.kill(pids(pids_file)[0], signal.SIGKILL)
        await until(lambda: len(pids(pids_file)) == 2)
        task.cancel()
        await asyncio.wait([task])

    run_with(server)
    first, second = pids(pids_file)
    assert first != second
    assert not is_alive(second)
    assert "ended with -9. It starts again" in caplog.text


def test_a_worker_that_dies_young_is_started_ever_more_slowly(
    pids_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The pauses double, so that a broken worker does not keep the machine busy."""

    async def server() -> None:
        task = asyncio.create_task(
            child.keep_running(command(pids_file, "short"), first_pause_s=0.01)
        )
        await until(lambda: len(caplog.records) >= 3)
        task.cancel()
        await asyncio.wait([task])

    with caplog.at_level(logging.WARNING, "reelseek.web"):
        run_with(server)
    pauses = [record.args[1] for record in caplog.records[:3] if isinstance(record.args, tuple)]
    assert pauses == [0.01, 0.02, 0.04]


def test_a_worker_that_cannot_be_started(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The server goes on, and the log says why nothing is indexed."""

    async def server() -> None:
        task = asyncio.create_task(
            child.keep_running([str(tmp_path / "no program")], first_pause_s=0.01)
        )
        await until(lambda: len(caplog.records) >= 2)
        task.cancel()
        await asyncio.wait([task])

    run_with(server)
    assert "could not be started" in caplog.text


def test_a_worker_that_does_not_listen_is_killed(
    app: StandIn, pids_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ignores SIGTERM and its parent's end does not hold up the server's."""
    monkeypatch.setattr(child, "STOP_LIMIT_S", 0.2)

    async def server() -> None:
        worker = command(pids_file, "stubborn")
        async with lifespan(app, Closing(), worker=worker)(None):
            await until(lambda: pids(pids_file))

    started = time.monotonic()
    run_with(server)
    assert not is_alive(pids(pids_file)[0])
    assert time.monotonic() - started < 10


def test_the_worker_notices_when_the_server_is_killed(pids_file: Path) -> None:
    """After SIGKILL nobody can end it, but its standard input closes."""
    keep = "import asyncio, sys; from core.web.child import keep_running as keep; "
    keep += "asyncio.run(keep(sys.argv[1:]))"
    server = subprocess.Popen([sys.executable, "-c", keep, *command(pids_file)], cwd=child.ROOT)
    asyncio.run(until(lambda: pids(pids_file)))
    server.kill()
    server.wait()
    asyncio.run(until(lambda: not is_alive(pids(pids_file)[0])))


def test_left_over_uploads_are_swept_at_the_start(app: StandIn, pids_file: Path) -> None:
    """What a killed server left behind is gone soon after the next one starts."""
    part = Part(app.settings.incoming_folder)
    old_s = time.time() - LEFT_OVER_S - 1
    os.utime(part.path, (old_s, old_s))

    async def server() -> None:
        async with lifespan(app, Closing(), worker=command(pids_file))(None):
            await until(lambda: not part.path.exists())

    run_with(server)
    part.discard()
