"""PUT /api/upload: a file of any size, streamed to disk and hashed on the way.

Holds at most two blocks in memory. Nothing stays behind of an upload that does not end well. Must
not judge the file: that is the intake's, once it is whole.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from core.web.answers import disk_error, refuse
from core.web.incoming import STALLED_S, Part, room_bytes
from core.web.needs import App

BLOCK_BYTES = 4 << 20
# A page of another site cannot send this header without asking first, and nobody answers it.
HEADER, HEADER_VALUE = "x-reelseek", "upload"


class UploadRoute:
    """Takes one file per request."""

    def __init__(self, app: App, *, stalled_s: float = STALLED_S) -> None:
        self._app = app
        self._folder = app.settings.incoming_folder
        self._stalled_s = stalled_s

    async def upload(self, request: Request) -> Response:
        """Store the body under the display name `?name=` and register it.

        200 `{"video_id", "name", "already"}`, or `{"error": sentence}` with 400, 403, 408, 413 (a
        server does not take so much), 422 (not a usable video), 503, or 507 (no room). What the
        request says of its size is judged before a byte of it is read.
        """
        name = request.query_params.get("name", "").strip()
        if request.headers.get(HEADER) != HEADER_VALUE:
            return refuse(403, f"Uploads need the header {HEADER}: {HEADER_VALUE}.")
        if not name:
            return refuse(400, "An upload needs the file's name: ?name=holiday.mp4.")
        try:
            too_large = await run_in_threadpool(self._too_large, request, name)
            return too_large or await self._store(request, name)
        except OSError as error:
            return refuse(*disk_error(error))

    def _too_large(self, request: Request, name: str) -> Response | None:
        said = request.headers.get("content-length", "")
        if not said.isdecimal():
            return None
        self._app.library.check_size(name, int(said))
        room = max(0, room_bytes(self._folder))
        if int(said) <= room:
            return None
        return refuse(
            507,
            f"There is no room for {name!r}: it has {_megabytes(int(said))}, and "
            f"{_megabytes(room)} are free for it in {self._folder}. Make room and try again.",
        )

    async def _store(self, request: Request, name: str) -> Response:
        part = await run_in_threadpool(Part, self._folder)
        try:
            content_sha256 = await self._receive(request, part)
            if content_sha256 is None:
                return refuse(408, f"Nothing came for {self._stalled_s:g} seconds; try again.")
            added = await run_in_threadpool(
                self._app.intake.adopt_upload, part.path, name=name, content_sha256=content_sha256
            )
        except ClientDisconnect:
            return Response(status_code=400)  # reaches nobody
        finally:
            part.discard()
        video = added.video
        return JSONResponse(
            {"video_id": video.video_id, "name": video.name, "already": added.already}
        )

    async def _receive(self, request: Request, part: Part) -> str | None:
        """Write the body, and give its SHA-256; None where it stopped coming."""
        chunks = _without_stalling(request.stream(), self._stalled_s)
        block, written_at = bytearray(), time.monotonic()
        try:
            async for chunk in chunks:
                block += chunk
                # However slow the line is, the part must not look left behind: see incoming.
                if len(block) >= BLOCK_BYTES or time.monotonic() - written_at > self._stalled_s:
                    await run_in_threadpool(part.write, block)
                    block, written_at = bytearray(), time.monotonic()
        except _StalledError:
            return None
        await run_in_threadpool(part.write, block)
        return await run_in_threadpool(part.finish)


class _StalledError(Exception):
    """The body stopped coming; no disk and no database is to blame, as TimeoutError could mean."""


async def _without_stalling(chunks: AsyncIterator[bytes], stalled_s: float) -> AsyncIterator[bytes]:
    """Yield the chunks; _StalledError where the next one does not come in time."""
    while True:
        try:
            async with asyncio.timeout(stalled_s):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise _StalledError from error
        yield chunk


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.0f} MB"
