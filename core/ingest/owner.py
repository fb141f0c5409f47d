"""Names for workers that tell, on the same machine, whether the worker behind one still lives.

So that what a killed worker held can be taken at once, and not only when its lease runs out. Linux
names a machine's start and a container's processes exactly; elsewhere only the lease tells.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PROCESSES = Path("/proc/self/ns/pid")


def place() -> str | None:
    """Name this host, its start, and the processes that can be seen from here; None: unknown."""
    try:
        seen = f"{_BOOT.read_text().strip()} {_PROCESSES.readlink()}"
    except OSError:
        return None
    return f"{socket.gethostname()}:{hashlib.sha256(seen.encode()).hexdigest()[:12]}:"


def new_name() -> str:
    """Make a name that no other worker has."""
    began = _began(os.getpid()) or 0
    where = place() or f"{socket.gethostname()}:-:"
    return f"{where}{os.getpid()}:{began}:{uuid.uuid4().hex[:8]}"


def is_dead(name: str) -> bool:
    """Say whether the worker of this name is known to be gone; of another place, nothing is."""
    where = place()
    if where is None or not name.startswith(where):
        return False
    pid, _, rest = name.removeprefix(where).partition(":")
    began = rest.partition(":")[0]
    return pid.isdecimal() and began.isdecimal() and _began(int(pid)) != int(began)


def _began(pid: int) -> int | None:
    """Say when a process began, in ticks since the machine did; None: there is no such process.

    proc(5): field 22 of /proc/PID/stat, and the second may itself hold brackets and blanks.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])
