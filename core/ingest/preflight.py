"""What adding many files would take, counted before it starts: files, hours, time, disk.

Looks at files and at what this library learned from earlier videos. Starts nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from core.errors import MediaError
from core.ingest import files
from core.library.library import Library
from core.media.probe import probe
from core.media.proxy import needed
from core.model import VideoFacts

_MOST_PROBED = 64  # of more files, so many are looked at, evenly spread, and stand for the rest
# Of the database for an hour of video at a sample a second when nothing repeats: docs/indexing.md.
_INDEX_BYTES_PER_H = 60e6
_GUESSED_SPEED = 10.0  # seconds of video in a second, while nothing was indexed here yet


@dataclass(frozen=True, slots=True)
class Preflight:
    """What there is to do. Hours, time and bytes are estimates where `n_probed` < `n_new`."""

    n_files: int
    n_new: int  # not in the library as they are
    n_probed: int
    n_bad: int  # of those looked at: no videos
    hours: float  # of new video
    speed: float  # seconds of video in a second
    is_speed_known: bool  # from videos that were indexed here, else guessed
    needed_bytes: int  # for the index and for copies that browsers can play
    free_bytes: int

    @property
    def takes_s(self) -> float:
        """How long indexing is expected to take."""
        return self.hours * 3600 / self.speed

    @property
    def has_room(self) -> bool:
        """Say whether the disk holds it."""
        return self.needed_bytes <= self.free_bytes


def preflight(library: Library, paths: Sequence[Path], *, every_s: float, data: Path) -> Preflight:
    """Count what adding these files would take.

    Args:
        library: tells what is there already, and how fast it was indexed.
        paths: the files.
        every_s: seconds between samples.
        data: the folder whose disk fills.
    """
    known = library.known_paths()
    new = [path for path in paths if not _is_known(path, known)]
    probed = new[:: max(1, -(-len(new) // _MOST_PROBED))]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        facts = [one for one in threads.map(_facts, probed) if one is not None]
    scale = len(new) / len(probed) if probed else 0.0
    hours = sum(one.duration_s for one in facts) / 3600 * scale
    copies = sum(one.size_bytes for one in facts if needed(one) != "direct") * scale
    speeds = library.speeds()
    return Preflight(
        n_files=len(paths), n_new=len(new), n_probed=len(probed), n_bad=len(probed) - len(facts),
        hours=hours, speed=median(speeds) if speeds else _GUESSED_SPEED,
        is_speed_known=bool(speeds),
        needed_bytes=round(hours * _INDEX_BYTES_PER_H / min(1.0, every_s) + copies),
        free_bytes=_free_bytes(data),
    )  # fmt: skip


def _is_known(path: Path, known: dict[str, tuple[int, int]]) -> bool:
    try:
        version = files.version(path)
    except MediaError:
        return False
    return known.get(str(path)) == (version.size_bytes, version.modified_us)


def _facts(path: Path) -> VideoFacts | None:
    try:
        return probe(path)
    except MediaError:
        return None


def _free_bytes(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
