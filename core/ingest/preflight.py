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
# On the disk for each sample when nothing repeats: the clip with its vector and picture, and a tile
# of the storyboard. Measured: docs/indexing.md, `python -m benchmarks.index_bytes`.
_SAMPLE_BYTES = 21_000
_GUESSED_SPEED = 10.0  # seconds of video in a second, while nothing was indexed here yet
_GUESSED_EVERY_S = 1.0  # with samples so far apart


@dataclass(frozen=True, slots=True)
class Preflight:
    """What there is to do. Hours, time and bytes are estimates where `n_probed` < `n_new`."""

    n_files: int
    n_new: int  # not in the library as they are
    n_probed: int  # of these, looked at; each that is too large counts
    n_bad: int  # of those looked at: no videos
    hours: float  # of new video
    speed: float  # seconds of video in a second; at least that, where `is_sampling_other`
    is_speed_known: bool  # from videos that were indexed here, else guessed
    needed_bytes: int  # of this disk: for copies that browsers can play, and the embedded index
    free_bytes: int
    is_sampling_other: bool = False  # `speed` is from videos with samples closer or farther apart
    too_large: tuple[Path, ...] = ()  # for one message to the server: these will be refused
    most_sent_bytes: int | None = None  # what such a message holds; None: there is no server
    sent_bytes: int = 0  # of videos and index, that the server has to store

    @property
    def takes_s(self) -> float:
        """How long indexing is expected to take."""
        return self.hours * 3600 / self.speed

    @property
    def has_room(self) -> bool:
        """Say whether this disk holds it; how much room a server has is not known."""
        return self.needed_bytes <= self.free_bytes


def preflight(
    library: Library, paths: Sequence[Path], *, every_s: float, data: Path,
    most_sent_bytes: int | None = None,
) -> Preflight:  # fmt: skip
    """Count what adding these files would take.

    Args:
        library: tells what is there already, and how fast it was indexed.
        paths: the files.
        every_s: seconds between samples.
        data: the folder whose disk fills.
        most_sent_bytes: the largest video that a server can be sent; None: the database is here.
    """
    known = library.known_paths()
    new = [path for path in paths if not _is_known(path, known)]
    is_sent = most_sent_bytes is not None
    too_large = {path for path in new if is_sent and _size_bytes(path) > (most_sent_bytes or 0)}
    fitting = [path for path in new if path not in too_large]
    n_probed, facts = _probed(fitting)
    scale = len(fitting) / n_probed if n_probed else 0.0
    hours = sum(one.duration_s for one in facts) / 3600 * scale
    index_bytes = hours * 3600 / every_s * _SAMPLE_BYTES
    copy_bytes = sum(one.size_bytes for one in facts if needed(one) != "direct") * scale
    own_bytes = sum(one.size_bytes for one in facts) * scale
    speed, measured_every_s = _speed(library.paces(), every_s)
    return Preflight(
        n_files=len(paths), n_new=len(new), n_probed=n_probed + len(too_large),
        n_bad=n_probed - len(facts), hours=hours, speed=speed,
        is_speed_known=measured_every_s is not None,
        needed_bytes=round(copy_bytes if is_sent else copy_bytes + index_bytes),
        free_bytes=_free_bytes(data),
        is_sampling_other=measured_every_s not in (None, every_s),
        too_large=tuple(sorted(too_large)), most_sent_bytes=most_sent_bytes,
        sent_bytes=round(own_bytes + index_bytes) if is_sent else 0,
    )  # fmt: skip


def _probed(paths: Sequence[Path]) -> tuple[int, list[VideoFacts]]:
    """Look at files, of many at some; how many, and what those said that are videos."""
    some = paths[:: max(1, -(-len(paths) // _MOST_PROBED))]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return len(some), [one for one in threads.map(_facts, some) if one is not None]


def _speed(
    paces: Sequence[tuple[float, float | None]], every_s: float
) -> tuple[float, float | None]:
    """Say how fast videos will be indexed at least, and between which samples that was measured.

    With samples closer together, the model may be what takes long, and then each costs the same;
    farther apart, decoding may be, and then nothing is gained. A pace that says nothing of its
    samples is of a time when nobody noted them, and these were as they are by default.
    """
    noted = [(speed, of_s or _GUESSED_EVERY_S) for speed, of_s in paces]
    if same := [speed for speed, of_s in noted if of_s == every_s]:
        return median(same), every_s
    if noted:
        speeds = [speed * min(1.0, every_s / of_s) for speed, of_s in noted]
        return median(speeds), noted[-1][1]
    return _GUESSED_SPEED * min(1.0, every_s / _GUESSED_EVERY_S), None


def _is_known(path: Path, known: dict[str, tuple[int, int]]) -> bool:
    try:
        version = files.version(path)
    except MediaError:
        return False
    return known.get(str(path)) == (version.size_bytes, version.modified_us)


def _size_bytes(path: Path) -> int:
    try:
        return files.version(path).size_bytes
    except MediaError:
        return 0


def _facts(path: Path) -> VideoFacts | None:
    try:
        return probe(path)
    except MediaError:
        return None


def _free_bytes(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
