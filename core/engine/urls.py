"""The urls that the embedded engine reads: files of this machine. Pure."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.engine import messages as say
from core.engine.messages import fail


def local_path(url: str) -> Path:
    """Give the file that a `file:///…` url names.

    Raises:
        QueryFailedError: it names anything else.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise fail(say.BAD_URL, url=url) from None
    path = unquote(parts.path)
    is_local = parts.scheme == "file" and parts.netloc in ("", "localhost")
    if not is_local or not path.startswith("/") or "\0" in path:
        raise fail(say.BAD_URL, url=url)
    return Path(path)
