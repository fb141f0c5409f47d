"""Notices files that are new or changed in folders, once nobody writes to them any more.

By looking, not by being told: that works on network drives too, where notices do not arrive. Starts
no work; knows no library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import IngestError, MediaError
from core.ingest import files
from core.library.records import Version

STABLE_S = 5.0  # a file that did not change for so long is whole


@dataclass(slots=True)
class _Seen:
    version: Version
    since_s: float
    is_told: bool


class Watch:
    """The files of some folders over time; what lay there at the beginning is told as well."""

    def __init__(self, find: Callable[[], Iterable[Path]], *, stable_s: float = STABLE_S) -> None:
        self._find, self._stable_s = find, stable_s
        self._seen: dict[Path, _Seen] = {}

    def ignore(self, paths: Iterable[Path]) -> None:
        """Do not tell of these files as they are now."""
        for path in paths:
            if version := _version(path):
                self._seen[path] = _Seen(version, 0.0, is_told=True)

    def look(self, now_s: float) -> list[Path]:
        """List the files that have become whole since the last look; `now_s` never goes back."""
        try:
            there = list(self._find())
        except IngestError:
            return []  # the folder is away; it may come back
        self._seen = {path: seen for path, seen in self._seen.items() if path in set(there)}
        return [path for path in there if self._is_ready(path, now_s)]

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
