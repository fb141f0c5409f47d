"""The name that people see for a video, from a file's name that anyone may have chosen. Pure.

It is shown and never used as a path.
"""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

MAX_CHARACTERS = 255
_LONGEST_SUFFIX = 16  # longer ones are a sentence with a dot in it, not a file's ending


def display_name(name: str) -> str:
    """Give the name to show: without control characters, at most 255 long, its ending kept.

    Quotes, emoji and slashes stay. What is no Unicode, from a file system with other names, becomes
    question marks. A name of nothing becomes "video".
    """
    readable = name.encode("utf-8", "replace").decode("utf-8")
    shown = "".join(
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in readable
    )
    shown = " ".join(shown.split()) or "video"
    if len(shown) <= MAX_CHARACTERS:
        return shown
    suffix = PurePosixPath(shown).suffix
    if len(suffix) > _LONGEST_SUFFIX:
        suffix = ""
    return shown[: MAX_CHARACTERS - 1 - len(suffix)] + "…" + suffix
