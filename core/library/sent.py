"""A file whose bytes go to the database in one message, which holds so many and no more."""

from __future__ import annotations

from pathlib import Path

from core.errors import LibraryError, TooLargeError


def read(path: Path, name: str, most_bytes: int) -> bytes:
    """Read a file that is to be sent.

    Raises:
        TooLargeError: it has more bytes; none was read.
        LibraryError: it cannot be read.
    """
    try:
        check_size(name, path.stat().st_size, most_bytes)
        return path.read_bytes()
    except OSError as error:
        raise LibraryError(
            f"{name} cannot be read ({error.strerror}). Check that the file is there and that "
            "Reelseek may open it."
        ) from error


def check_size(name: str, n_bytes: int, most_bytes: int) -> None:
    """See that a message holds a file of this size.

    Raises:
        TooLargeError: it does not; names the limit and its setting.
    """
    if n_bytes > most_bytes:
        raise TooLargeError(
            f"{name} has {n_bytes / 2**20:,.0f} MB, and the database server takes "
            f"{most_bytes / 2**20:,.0f} MB in one message. Raise "
            "ADB_MAX_CONNECTION_MESSAGE_SIZE_MB on the server and REELSEEK_MESSAGE_MB here, or "
            "add a smaller file."
        )
