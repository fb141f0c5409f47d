"""Numbers as people say them."""

from __future__ import annotations


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Say a time in a video: 0:07, 12:05, 1:05:09; with tenths 0:07.5."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{text}.{int(seconds * 10) % 10}" if tenths else text


def size(n_bytes: int) -> str:
    """Say a size: 840 kB, 2.8 MB, 1.4 GB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= factor:
            value = n_bytes / factor
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
    return f"{n_bytes} bytes"


def many(n: int, one: str, more: str | None = None) -> str:
    """Say a count: 1 video, 1,204 videos."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def markdown(text: str) -> str:
    """Take the meaning out of a name's characters before it stands in Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|~$:" else c for c in text)
