"""What a video is called: the name that people see, and the id that files and addresses have. Pure.

Anyone may have chosen either. The name is shown and never used as a path; an id becomes one by
`file_name_of` alone.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from core.errors import LibraryError

MAX_CHARACTERS = 255
_LONGEST_SUFFIX = 16  # longer ones are a sentence with a dot in it, not a file's ending
_VIDEO_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_UNIQUE_ID = re.compile(r"[0-9]+(\.[0-9]+){1,3}")  # what databases call what has no id of ours


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


def checked_id(video_id: str) -> str:
    """Give an id that somebody chose, seen to be one.

    Raises:
        LibraryError: it is none.
    """
    if not _VIDEO_ID.fullmatch(video_id):
        raise LibraryError(
            f"{video_id!r} cannot be the id of a video. Use 1 to 64 letters, digits, - and _, with "
            "a letter or digit first."
        )
    return video_id


def file_name_of(video_id: str) -> str:
    """Give the name, or its beginning, of files that are a video's; never a way to elsewhere.

    Others write to a shared database too: what has not the form of an id becomes its SHA-256.
    """
    if _VIDEO_ID.fullmatch(video_id) or _UNIQUE_ID.fullmatch(video_id):
        return video_id
    return hashlib.sha256(video_id.encode("utf-8", "surrogatepass")).hexdigest()
