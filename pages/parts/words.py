"""Numbers as people say them and type them, and names that may hold any character."""

from __future__ import annotations

import re
from datetime import datetime

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=])")
# Markdown makes links of these without any mark around them; a word joiner in between is not seen.
_LINKS = re.compile(r"(?i)\b(www)(?=\.)|(:)(?=//)|(@)")
LONGEST_S = 1e7  # no video is longer; a time beyond it is taken for a slip
_CLOCK = re.compile(r"(?:(\d{1,9}):)?(?:(\d{1,9}):)?(\d{1,9}(?:\.\d*)?)")  # int() has a limit


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Say a time in a video: 0:07, 12:05, 1:05:09; with tenths 0:07.5."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{text}.{int(seconds * 10) % 10}" if tenths else text


def seconds(text: str) -> float | None:
    """Read a time as people type it, 65, 65.5, 1:05 or 1:05:09; None where it is none."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    first, second, last = found.groups()
    hours, minutes = (int(first), int(second)) if second else (0, int(first or 0))
    at_s = hours * 3600 + minutes * 60 + float(last)
    return at_s if at_s <= LONGEST_S else None


def lasts(seconds: float) -> str:
    """Say how long something takes: 8 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(n_bytes: int) -> str:
    """Say a size: 840 kB, 2.8 MB, 1.4 GB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= factor:
            value = n_bytes / factor
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
    return f"{n_bytes} bytes"


def when(moment: datetime) -> str:
    """Say an instant by this machine's clock: 23 Nov 2026, 15:02."""
    return f"{moment.astimezone():%d %b %Y, %H:%M}"


def many(n: int, one: str, more: str | None = None) -> str:
    """Say a count: 1 video, 1,204 videos."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def markdown(text: str) -> str:
    """Take the meaning out of a name's characters before it stands in Markdown."""
    unlinked = _LINKS.sub(lambda found: f"{found[0]}\u2060", " ".join(text.split()))
    return _MARKS.sub(r"\\\1", unlinked)
