"""A video that kills its worker: it is given up, and the others are done."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from core.bootstrap import App
from core.model import IndexState
from core.web.child import keep_running
from tests.ingest.conftest import LIMIT_S, draw

# A decoder that crashes, or the kernel short of memory, ends a process just so.
DIES_OF_RED = """
import os, signal, sys
from core.cli import main
from core import bootstrap
from tests.fakes import ColourEncoder

class Deadly(ColourEncoder):
    def encode_images(self, images):
        red, green, blue = images[0].mean(axis=(0, 1))
        if red > 200 and green < 50 and blue < 50:
            print("died", file=open(sys.argv[1], "a"), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_images(images)

bootstrap.ClipEncoder = lambda *_, **__: Deadly()
os.environ["REELSEEK_DATA"] = sys.argv[2]
main(["worker", "--with-parent"])
"""


def test_a_video_that_kills_its_worker_holds_nobody_up(app: App, films: Path) -> None:
    """Three real deaths, and it has failed with a sentence; what came after it is searchable."""
    deaths = films / "deaths.txt"
    ids = [app.intake.add_file(draw(films / f"{c}.mp4", c)).video.video_id for c in ("red", "blue")]
    command = [sys.executable, "-c", DIES_OF_RED, str(deaths), str(app.settings.data)]

    def states() -> list[IndexState]:
        return [app.library.video(video_id).state for video_id in ids]

    async def keep_until_done() -> None:
        kept = asyncio.create_task(keep_running(command, first_pause_s=0.05))
        until = time.monotonic() + LIMIT_S
        while states() != [IndexState.FAILED, IndexState.READY] and time.monotonic() < until:
            await asyncio.sleep(0.05)
        kept.cancel()
        await asyncio.gather(kept, return_exceptions=True)

    asyncio.run(keep_until_done())
    assert states() == [IndexState.FAILED, IndexState.READY]
    assert deaths.read_text().split() == ["died"] * 3
    assert "broken off 3 times" in str(app.library.video(ids[0]).error)
    assert app.library.clips(ids[0]) == []
