"""What the operating system is asked to see to: how much memory a process may take."""

from __future__ import annotations

import contextlib


def bound_memory(pid: int, n_bytes: int) -> None:
    """Let a process have no more addresses than so many; what it asks for beyond, it is denied.

    Systems other than Linux know no such limit for a process that runs: there nothing is done.
    """
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(OSError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_AS, (n_bytes, n_bytes))
