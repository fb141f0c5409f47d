"""How an error is told over HTTP: a status, and one sentence for a person as JSON.

Must not know which route failed.
"""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import (
    DatabaseAwayError,
    DiskFullError,
    MediaError,
    NoSuchVideoError,
    ReelseekError,
    TooLargeError,
)

Endpoint = Callable[[Request], Awaitable[Response]]

STATUS_BY_ERROR: tuple[tuple[type[ReelseekError], int], ...] = (
    (NoSuchVideoError, 404),
    (TooLargeError, 413),
    (MediaError, 422),
    (DatabaseAwayError, 503),
    (DiskFullError, 507),
)
FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def refuse(status: int, sentence: str) -> Response:
    """Answer with `{"error": sentence}`, which nobody may keep."""
    return JSONResponse({"error": sentence}, status, headers={"Cache-Control": "no-store"})


def in_words(endpoint: Endpoint) -> Endpoint:
    """Turn an endpoint's Reelseek errors into answers."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ReelseekError as error:
            return refuse(status_of(error), str(error))

    return answer


def status_of(error: ReelseekError) -> int:
    """Return the HTTP status that says the same as the error; 500 where none does."""
    return next((status for kind, status in STATUS_BY_ERROR if isinstance(error, kind)), 500)


def disk_error(error: OSError) -> tuple[int, str]:
    """Return status and sentence for a failed write; 507 where the disk is full."""
    if error.errno in FULL_DISK:
        return 507, "The disk is full; nothing of this file was kept. Make room and try again."
    return 500, f"The file could not be stored: {error.strerror or error}. Nothing of it was kept."
