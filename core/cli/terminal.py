"""Words to the terminal: plain lines, times as people write them. Knows nothing of Reelseek."""

from __future__ import annotations

import sys


def say(line: str = "") -> None:
    """Write a line to standard output."""
    sys.stdout.write(_safe(line, sys.stdout.encoding) + "\n")


def complain(line: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(_safe(line, sys.stderr.encoding) + "\n")


def _safe(line: str, encoding: str | None) -> str:
    """Keep a file's name from steering the terminal, and from being more than it can write."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    encoding = encoding or "utf-8"
    return shown.encode(encoding, "replace").decode(encoding)


def many(n: int, one: str) -> str:
    """Say a count: 1 clip, 2 clips."""
    return f"{n} {one}" if n == 1 else f"{n} {one}s"


def clock(time_s: float) -> str:
    """Write a time as 1:02:03.4, with the hours left out when there are none."""
    tenths = round(time_s * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{tenths // 10:02d}.{tenths % 10}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"
