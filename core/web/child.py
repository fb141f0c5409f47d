"""A child process that is kept running: the worker that indexes.

Knows processes only, not what the child does. The child's standard input is a pipe that nobody
writes to: it closes when this process dies, however it dies, and the child ends itself then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
# -P: the working folder may hold a `core` of its own.
WORKER = (sys.executable, "-P", "-m", "core", "worker", "--with-parent")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
STEADY_S = 60.0  # a child that lived this long did not die of its start
STOP_LIMIT_S = 5.0  # from SIGTERM to SIGKILL
STDERR = 2

log = logging.getLogger("reelseek.web")


async def keep_running(
    command: Sequence[str] = WORKER, *, first_pause_s: float = FIRST_PAUSE_S
) -> None:
    """Run the command, again whenever it ends, until this task is cancelled; then end it.

    The pause before a new start doubles while the child dies young.
    """
    pause_s = first_pause_s / 2
    while True:
        started = time.monotonic()
        try:
            why = f"ended with {await _run_once(command)}"
        except OSError as error:  # no memory or no process left, as a rule for a moment only
            why = f"could not be started: {error}"
        steady = time.monotonic() - started > STEADY_S
        pause_s = first_pause_s if steady else min(2 * pause_s, LONGEST_PAUSE_S)
        log.warning("The worker %s. It starts again in %g s.", why, pause_s)
        await asyncio.sleep(pause_s)


async def _run_once(command: Sequence[str]) -> int:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=STDERR,  # what it says belongs in the server's log
        env=child_environment(os.environ),
        start_new_session=True,  # Ctrl+C in a terminal is for the server, which then ends the child
    )
    try:
        return await process.wait()
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    """See the child gone: ask it, and after STOP_LIMIT_S do not ask."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def child_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment, with `core` importable from any working folder."""
    paths = [str(ROOT), *filter(None, [own.get("PYTHONPATH")])]
    return {**own, "PYTHONPATH": os.pathsep.join(paths)}
