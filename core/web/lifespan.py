"""What runs as long as the server does: the worker process, and the sweeping of left-over uploads.

Must not know what the worker does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from core.web.child import WORKER, keep_running
from core.web.closing import Closing
from core.web.incoming import LEFT_OVER_S, sweep
from core.web.needs import App

Lifespan = Callable[[object], AbstractAsyncContextManager[dict[str, Any] | None]]

log = logging.getLogger("reelseek.web")


def lifespan(app: App, closing: Closing, *, worker: Sequence[str] = WORKER) -> Lifespan:
    """Return the lifespan for st.App: starts the worker and the sweeping, at the end closes all."""

    @asynccontextmanager
    async def alive(_server: object) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(keep_running(worker)),
            asyncio.create_task(_keep_swept(app.settings.incoming_folder)),
        ]
        try:
            with closing.on_signal():
                yield
        finally:
            for task in tasks:
                task.cancel()
            for error in await asyncio.gather(*tasks, return_exceptions=True):
                if not isinstance(error, asyncio.CancelledError):
                    log.error("A task beside the server had failed.", exc_info=error)
            await run_in_threadpool(app.close)

    return alive


async def _keep_swept(folder: Path) -> None:
    """Remove what killed servers left behind: now, and whenever more can have become old enough."""
    while True:
        for part in await run_in_threadpool(sweep, folder):
            log.warning("Removed %s, left behind by an upload that never ended.", part.name)
        await asyncio.sleep(LEFT_OVER_S)
