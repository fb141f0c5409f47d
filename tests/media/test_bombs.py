"""Small files that ask for a lot, and files that name others: bounded, and never followed."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from core.errors import MediaError, MediaLimitError
from core.media import bounds, guard
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.media import bombs
from tests.media.bombs import BOMBS
from tests.media.counter import SIX, Kind
from tests.media.test_guard import LISTS, Listener, listener
from tests.media.test_hostile import LIMIT_S, outcome

__all__ = ["listener"]  # a fixture
FilmOf = Callable[[Kind], Path]
STRACE = shutil.which("strace")


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_or_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]
) -> None:
    """In little time and memory."""
    monkeypatch.setattr(guard, "MAX_MEMORY_BYTES", 1200 << 20)
    start_s = time.monotonic()
    said = outcome(make(tmp_path))
    assert said == "taken" or said.endswith(".")
    assert time.monotonic() - start_s < LIMIT_S


@pytest.mark.parametrize("side_px", [65535, 16000])
def test_too_many_pixels_are_said(tmp_path: Path, side_px: int) -> None:
    """A GIF of a few bytes that unpacks to gigabytes."""
    with pytest.raises(MediaLimitError, match="67 million pixels"):
        probe(bombs.huge_gif(tmp_path, side_px))


def test_memory_is_bounded(film_of: FilmOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that wants more than it may have fails, and nothing else does."""
    monkeypatch.setattr(guard, "MAX_MEMORY_BYTES", 100 << 20)
    with pytest.raises(MediaError):
        probe(film_of(SIX[0]))


def test_hours_between_two_pictures_cost_little(tmp_path: Path) -> None:
    """Each second has its sample, and all that come to be seen are the two pictures there are."""
    path = bombs.hours_apart(tmp_path)
    with read_samples(probe(path), path, Sampling(1.0), size_px=(64, 48)) as samples:
        shown = [sample.frame.tobytes() for sample in samples]
    assert len(shown) == 10_801
    assert 1 + sum(one != other for one, other in pairwise(shown)) == 2


EXTERNAL = {"url": bombs.external_mov, "alias": bombs.alias_mov}


@pytest.mark.parametrize("form", EXTERNAL)
def test_pictures_that_lie_elsewhere_are_not_fetched(
    film_of: FilmOf, listener: Listener, tmp_path: Path, form: str
) -> None:
    """A QuickTime file may say that its pictures are in another file: that is not looked at."""
    for target in (listener.address, str(film_of(SIX[0])), f"file://{film_of(SIX[0])}"):
        path = EXTERNAL[form](tmp_path, target)
        assert target.encode()[:60] in path.read_bytes()
        if outcome(path) == "taken":  # its own bytes were good enough
            assert probe(path).width_px == 64
    assert not listener.was_called


@pytest.mark.skipif(STRACE is None, reason="no strace on this machine")
def test_no_other_file_and_no_network_is_touched(
    film_of: FilmOf, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watched from outside: ffmpeg opens the one file, writes the one copy, calls nobody."""
    log, wrapper = tmp_path / "log", tmp_path / "ffmpeg"
    wrapper.write_text(
        f"#!/bin/sh\nexec {STRACE} -f -qq -e trace=%file,%network -e signal=none -A -o {log} "
        f'{get_ffmpeg_exe()} "$@"\n'
    )
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    if subprocess.run([wrapper, "-version"], capture_output=True, check=False).returncode:
        pytest.skip("processes may not be watched here")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(wrapper))
    monkeypatch.setattr(bounds, "bound_memory", lambda *_: None)  # it would bound strace
    folder = tmp_path / "given"
    folder.mkdir()
    canary = film_of(SIX[0])
    for target in (str(canary), listener.address):
        for form, text in LISTS.items():
            (folder / f"{form}.mp4").write_text(text.format(target=target))
        for make in EXTERNAL.values():
            monkeypatch.delenv("IMAGEIO_FFMPEG_EXE")
            made = make(folder, target)
            made.rename(folder / f"{made.stem} {len(target)}.mov")
            monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(wrapper))
    good = folder / "good.avi"
    good.write_bytes(canary.read_bytes())
    log.unlink()
    for path in folder.iterdir():
        outcome(path)
    touched = opened(log)
    assert str(good) in touched, "else the watching does not work"
    given = {str(path) for path in folder.iterdir()}
    strange = {name for name in touched - given if not name.startswith(SYSTEM)}
    assert strange == set()
    assert not re.search(r"\b(connect|sendto|sendmsg|bind|listen|socket)\(", log.read_text())


SYSTEM = ("/lib", "/usr/lib", "/etc/ld.so", "/proc/", "/sys/", "/dev/null", "/dev/urandom",
          str(Path(get_ffmpeg_exe()).parent))  # fmt: skip


def opened(log: Path) -> set[str]:
    """The files that were opened."""
    lines = [line for line in log.read_text().splitlines() if "ENOENT" not in line]
    return {
        name
        for line in lines
        for name in re.findall(r'\b(?:openat\([^,]*, |open\()"([^"]*)"', line)
    }
