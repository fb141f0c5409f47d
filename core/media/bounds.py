"""What the operating system is asked to see to: a child's memory, and that it ends with its parent.

Knows processes, and not what they are for.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence

if sys.platform != "win32":
    import fcntl


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


class Tether:
    """Ends a child when this process ends, however that may be; without a program in between.

    The child's standard input is a pipe whose other end only this process holds. The child is made
    its owner in the sense of fcntl(2), F_SETOWN: with O_ASYNC, the system sends it SIGIO when that
    end closes, and SIGIO ends who does not handle it, as ffmpeg does not. Unlike PR_SET_PDEATHSIG
    it needs no code between fork and exec, and does not take the end of a thread for the end of
    the process. Windows has no such thing: there a child of a killed process lives on.
    """

    def __init__(self) -> None:
        self.end_of_child, self._end = os.pipe()
        self._is_tied = self._is_closed = False

    def tie(self, pid: int) -> None:
        """Tie a child that was started with `end_of_child` as its standard input."""
        if sys.platform != "win32":
            fcntl.fcntl(self.end_of_child, fcntl.F_SETOWN, pid)
            flags = fcntl.fcntl(self.end_of_child, fcntl.F_GETFL)
            fcntl.fcntl(self.end_of_child, fcntl.F_SETFL, flags | os.O_ASYNC)
        os.close(self.end_of_child)
        self._is_tied = True

    def close(self) -> None:
        """Let go of both ends. May be called again."""
        if not self._is_closed:
            self._is_closed = True
            os.close(self._end)
            if not self._is_tied:
                os.close(self.end_of_child)


def start(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], Tether]:
    """Start a tethered child whose output and messages are pipes of ours.

    Raises:
        OSError: the system does not start it; nothing is left open.
    """
    with contextlib.ExitStack() as undone:
        tether = Tether()
        undone.callback(tether.close)
        process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
            command, stdin=tether.end_of_child, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        undone.pop_all()
    tether.tie(process.pid)
    return process, tether
