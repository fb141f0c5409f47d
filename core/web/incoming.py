"""Files on their way in: `*.part` in the incoming folder, each written by one upload.

Knows files only. Whoever holds a part must write to it, or give it up, within STALLED_S: that is
how a part that a killed server left behind can be told from one that is still growing.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path

STALLED_S = 120  # an upload that sends nothing for this long is given up
LEFT_OVER_S = 900  # a part that nobody wrote to for this long has no owner
ROOM_TO_KEEP_BYTES = 256 << 20  # for the database, and for what else lives on the disk


class Part:
    """One growing file and the SHA-256 of what it holds so far. Its methods block."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{secrets.token_hex(16)}.part"
        self._sha256 = hashlib.sha256()
        self._file = self.path.open("xb", buffering=0)

    def write(self, block: bytes | bytearray) -> None:
        """Append the whole block. Raises OSError, as when the disk is full."""
        rest = memoryview(block)
        while rest:  # an unbuffered file may take only some of it
            rest = rest[self._file.write(rest) :]
        self._sha256.update(block)

    def finish(self) -> str:
        """See the bytes safely on the disk and return their SHA-256 in hex. Raises OSError."""
        os.fsync(self._file.fileno())
        self._file.close()
        return self._sha256.hexdigest()

    def discard(self) -> None:
        """Remove the file if it is still here; harmless after it was taken over."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def room_bytes(folder: Path) -> int:
    """Return how much may come in, leaving something for the rest. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free - ROOM_TO_KEEP_BYTES


def sweep(folder: Path) -> list[Path]:
    """Remove the parts that have no owner any more, and return them."""
    before = time.time() - LEFT_OVER_S
    return [part for part in folder.glob("*.part") if _remove_if_older(part, before)]


def _remove_if_older(part: Path, before: float) -> bool:
    try:
        if part.stat().st_mtime >= before:
            return False
        part.unlink()
    except OSError:  # another process was faster, or may not
        return False
    return True
