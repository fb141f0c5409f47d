"""Files that are being written: under a name that nobody else has, then synced and renamed.

Whoever writes one holds a lock on it, which the operating system lets go when they die; so what was
left behind can be told from what is still growing. Knows no video.
"""

from __future__ import annotations

import errno
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import DiskFullError, MediaError

if sys.platform != "win32":
    import fcntl

_JUST_MADE_S = 5.0  # between the making of a part and its lock somebody else may look


@contextmanager
def written_safely(target: Path) -> Iterator[Path]:
    """Give an empty file to write over; when the block ends well, it takes the place of `target`.

    Nothing of it is left otherwise. What others left behind in the folder goes first.

    Raises:
        DiskFullError: there is no room. MediaError: the folder cannot be written to.
    """
    part = target.with_name(f"{target.stem}.{secrets.token_hex(8)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        with part.open("xb") as held:
            _is_locked(held.fileno())
            yield part
            os.fsync(held.fileno())
        part.replace(target)
    except OSError as error:
        raise _unwritable(target.parent, error) from error
    finally:
        with suppress(OSError):  # there was no folder for it
            part.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove the parts in a folder that nobody writes any more."""
    before_s = time.time() - _JUST_MADE_S
    for part in folder.glob("*.part"):
        with suppress(OSError):  # another process was faster
            if part.stat().st_mtime < before_s and _is_left_over(part):
                part.unlink()


def _is_left_over(part: Path) -> bool:
    with part.open("rb+") as opened:
        return _is_locked(opened.fileno())


def _is_locked(opened: int) -> bool:
    """Lock an open file as long as it is open; False where another has, or nobody can."""
    if sys.platform == "win32":
        return True  # which removes no file that somebody has open
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unwritable(folder: Path, error: OSError) -> DiskFullError | MediaError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError("The disk is full. Free some space, then try again.")
    return MediaError(
        f"The playable copy cannot be written to {folder} ({error.strerror}). Make that folder "
        "writable, or set REELSEEK_DATA to another one."
    )
