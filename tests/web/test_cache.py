"""Copies of videos that only a server has: fetched once, whole, bounded, and never in the way."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import LibraryError, NoSuchVideoError
from core.web.cache import VideoCache


class Server:
    """Counts what is fetched of it."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, video_id: str) -> bytes:
        self.fetched.append(video_id)
        assert self.may_go_on.wait(10)
        return video_id.encode() * 100


def _long_ago(folder: Path) -> None:
    """Make every copy look unused for an hour, the first one longest."""
    for age, path in enumerate(sorted(folder.iterdir(), key=lambda p: p.stat().st_mtime_ns)):
        os.utime(path, (time.time() - 4000 + age, time.time() - 4000 + age))


def test_a_video_is_fetched_once(tmp_path: Path) -> None:
    """Eight that ask at the same time get the same copy, of one fetch; later ones, too."""
    server = Server()
    cache = VideoCache(tmp_path / "cache", 10_000, server)
    with ThreadPoolExecutor(8) as threads:
        paths = set(threads.map(lambda _: cache.get("a", ""), range(8)))
    assert server.fetched == ["a"]
    (path,) = paths
    assert path.read_bytes() == b"a" * 100
    assert VideoCache(tmp_path / "cache", 10_000, server).get("a", "") == path
    assert server.fetched == ["a"]


def test_one_that_takes_long_keeps_no_other_waiting(tmp_path: Path) -> None:
    """While one video comes, another one comes too."""
    server = Server()
    cache = VideoCache(tmp_path / "cache", 10_000, server)
    cache.get("b", "")
    server.may_go_on.clear()
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(cache.get, "a", "")
        assert cache.get("b", "").read_bytes() == b"b" * 100
        server.may_go_on.set()
        assert slow.result().read_bytes() == b"a" * 100


def test_the_least_lately_used_go(tmp_path: Path) -> None:
    """Of copies that are too many, the one used longest ago goes; what is in use stays."""
    server = Server()
    cache = VideoCache(tmp_path / "cache", 250, server)
    first, second = cache.get("a", ""), cache.get("b", "")
    _long_ago(tmp_path / "cache")
    cache.get("a", "")  # used again
    third = cache.get("c", "")
    assert [path.exists() for path in (first, second, third)] == [True, False, True]
    fourth = cache.get("d", "")  # too many, but all of them were asked for a moment ago
    assert [path.exists() for path in (first, third, fourth)] == [True, True, True]


def test_a_copy_that_is_read_stays_readable(tmp_path: Path) -> None:
    """Who has it open reads on, also when it has to go."""
    cache = VideoCache(tmp_path / "cache", 50, Server())
    with cache.get("a", "").open("rb") as reading:
        _long_ago(tmp_path / "cache")
        cache.get("b", "")
        assert not cache.get("b", "").with_name("a").exists()
        assert reading.read() == b"a" * 100


def test_leftovers_of_killed_processes_go(tmp_path: Path) -> None:
    """A temporary file from long ago goes with the next copy; a fresh one may be somebody's."""
    cache = VideoCache(tmp_path / "cache", 1000, Server())
    cache.get("a", "")
    old, fresh = (tmp_path / "cache" / f"{name}.part" for name in ("old", "fresh"))
    old.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(old, (0, 0))
    cache.get("b", "")
    assert (old.exists(), fresh.exists()) == (False, True)


def test_what_the_server_does_not_have(tmp_path: Path) -> None:
    """Its error passes, nothing is kept, and the next one asks again."""

    def fetch(video_id: str) -> bytes:
        raise NoSuchVideoError(f"No video has the id {video_id}.")

    cache = VideoCache(tmp_path / "cache", 1000, fetch)
    for _ in range(2):
        with pytest.raises(NoSuchVideoError):
            cache.get("a", "")
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A sentence with the folder and the setting."""
    (tmp_path / "file").write_text("")
    cache = VideoCache(tmp_path / "file" / "cache", 1000, Server())
    with pytest.raises(LibraryError, match="REELSEEK_DATA"):
        cache.get("a", "")


def test_a_deleted_video_leaves_no_copy(tmp_path: Path) -> None:
    """Dropping is harmless where there is none."""
    cache = VideoCache(tmp_path / "cache", 1000, Server())
    path = cache.get("a", "")
    cache.drop("a")
    cache.drop("a")
    assert not path.exists()


def test_other_content_is_another_copy(tmp_path: Path) -> None:
    """Once a video has other content, the old copy is not given for it, and goes."""
    stored = [b"old"]
    cache = VideoCache(tmp_path / "cache", 1000, lambda _: stored[0])
    old = cache.get("a", _sha256(b"old"))
    stored[0] = b"new"
    new = cache.get("a", _sha256(b"new"))
    assert new.read_bytes() == b"new"
    assert not old.exists()
    cache.drop("a")
    assert list((tmp_path / "cache").iterdir()) == []


def test_other_bytes_than_the_library_names_are_not_kept(tmp_path: Path) -> None:
    """Where the database has other content, that is said; it is not played in its place."""
    cache = VideoCache(tmp_path / "cache", 1000, lambda _: b"old")
    with pytest.raises(LibraryError, match="other bytes"):
        cache.get("a", _sha256(b"new"))
    assert not (tmp_path / "cache").exists()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
