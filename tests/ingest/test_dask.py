"""`add --dask` on a real scheduler with several worker processes, one of them killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.bootstrap import open_app
from core.settings import Settings
from tests.embedded import on_a_server
from tests.fakes import ColourEncoder
from tests.ingest import imports
from tests.ingest.conftest import until
from tests.ingest.servers import a_free_port, client_of, serving

N_VIDEOS = 6
SCHEDULER = """
import asyncio
from distributed import Scheduler

async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()

asyncio.run(main())
"""
# What a person starts as `dask worker ADDRESS`, with the encoder that sees mean colours.
WORKER = """
import asyncio, sys
from distributed import Worker
from core import bootstrap
from tests.fakes import ColourEncoder

class Slow(ColourEncoder):
    def encode_images(self, images):
        import time
        time.sleep(0.2)  # so that a kill finds it at work
        return super().encode_images(images)

bootstrap.ClipEncoder = lambda *_, **__: Slow()

async def main():
    async with Worker(sys.argv[1], nthreads=1, host="127.0.0.1",
                      dashboard_address="127.0.0.1:0") as worker:
        print("ready", flush=True)
        await worker.finished()

asyncio.run(main())
"""


@contextmanager
def process(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A script of its own, killed at the end; its first line has been read."""
    started = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=imports.ROOT, text=True,
        env={**on_a_server(os.environ), "ADB_LOG_FILE": ""},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def first_line(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


def test_videos_are_spread_and_a_killed_worker_is_made_good(tmp_path: Path) -> None:
    """Against `python -m core serve`; the library equals that of a plain import."""
    videos, plain = tmp_path / "films", tmp_path / "plain"
    imports.draw_library(videos, N_VIDEOS)
    status, _, err = imports.finish(imports.start(plain, "add", str(videos)))
    assert status == 0, err
    data, port = tmp_path / "server", a_free_port()
    with ExitStack() as stack:
        stack.enter_context(serving(data, port))
        scheduler = stack.enter_context(process(SCHEDULER))
        address = first_line(scheduler)
        assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+", address)
        workers = [stack.enter_context(process(WORKER, address)) for _ in range(3)]
        assert [first_line(worker) for worker in workers] == ["ready"] * 3
        adding = imports.start(
            tmp_path / "client", "add", "--yes", "--dask", address, str(videos),
            APERTUREDB_JSON=client_of(port), ADB_LOG_FILE="",
        )  # fmt: skip
        app = open_app(Settings(data=data), encoder=ColourEncoder())
        stack.callback(app.close)
        victim = workers[0]
        until(
            lambda: any(f":{victim.pid}:" in at for at in at_work(app._database)),
            "the one to be killed is at work",
        )
        victim.kill()
        status, _, err = imports.finish(adding)
        assert status == 0, err
        result = imports.snapshot(app)
    undisturbed = open_app(Settings(data=plain), encoder=ColourEncoder())
    assert result == imports.snapshot(undisturbed)
    undisturbed.close()


def at_work(database: object) -> list[str]:
    """The names of the workers that hold a video now."""
    find = {"constraints": {"index_state": ["==", "indexing"]}, "blobs": False,
            "results": {"list": ["index_worker"]}}  # fmt: skip
    (answer,), _ = database.query([{"FindVideo": find}])  # type: ignore[attr-defined]
    return [video["index_worker"] for video in answer["FindVideo"].get("entities") or []]


def test_without_a_scheduler_a_sentence(tmp_path: Path) -> None:
    """Status 1; the films are registered, and wait for whoever indexes."""
    imports.draw_library(tmp_path / "films", 1)
    film = next((tmp_path / "films").iterdir())
    address = f"tcp://127.0.0.1:{a_free_port()}"
    status, out, err = imports.finish(
        imports.start(tmp_path / "data", "add", "--dask", address, str(film))
    )
    assert (status, out) == (1, "")
    assert f"No Dask scheduler answers at {address}" in err
    assert "Traceback" not in err
