"""Notices files that are new or changed in folders, once nobody writes to them any more.

By looking, not by being told: that works on network drives too, where notices do not arrive. Starts
no work; knows no library.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import MediaError
from core.ingest import files
from core.ingest.finding import Found
from core.library.records import Version

STABLE_S = 5.0  # a file that did not change for so long is whole


@dataclass(slots=True)
class _Seen:
    version: Version
    since_s: float
    is_told: bool


class Watch:
    """The files of some folders over time; what lay there at the beginning is told as well."""

    def __init__(self, find: Callable[[], Found], *, stable_s: float = STABLE_S) -> None:
        self._find, self._stable_s = find, stable_s
        self._seen: dict[Path, _Seen] = {}
        self._refused: dict[Path, str] = {}

    def ignore(self, found: Found) -> None:
        """Do not tell of these files and folders as they are now."""
        self._refused = dict(found.refused)
        for path in found.files:
            if version := _version(path):
                self._seen[path] = _Seen(version, 0.0, is_told=True)

    def look(self, now_s: float) -> Found:
        """Give the files that have become whole, and the folders that have become unreadable.

        Both since the last look; `now_s` never goes back. A folder that is away may come back: its
        files are not told of again then, unless they have changed.
        """
        found = self._find()
        there = set(found.files)
        self._seen = {
            path: seen
            for path, seen in self._seen.items()
            if path in there or any(path.is_relative_to(away) for away in found.refused)
        }
        news = {path: why for path, why in found.refused.items() if path not in self._refused}
        self._refused = found.refused
        return Found([path for path in found.files if self._is_ready(path, now_s)], news)

    def _is_ready(self, path: Path, now_s: float) -> bool:
        version = _version(path)
        if version is None:
            return False
        seen = self._seen.get(path)
        if seen is None or seen.version != version:
            self._seen[path] = _Seen(version, now_s, is_told=False)
            return False
        if seen.is_told or now_s - seen.since_s < self._stable_s or not version.size_bytes:
            return False
        seen.is_told = True
        return True


def _version(path: Path) -> Version | None:
    try:
        return files.version(path)
    except MediaError:
        return None
