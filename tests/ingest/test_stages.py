"""The parts that work is made of: running ahead, names that tell the dead, paces, watching."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BusyFileError, DiskFullError, MediaError
from core.ingest import owner, retry
from core.ingest.ahead import Ahead
from core.ingest.finding import Found, find
from core.ingest.progress import Speedometer
from core.ingest.watch import Watch


def test_a_stage_is_never_further_ahead_than_allowed() -> None:
    """Memory is bounded by that, whatever the length of a video."""
    made: list[int] = []
    gate = threading.Semaphore(0)

    def source() -> Iterator[int]:
        for n in range(20):
            made.append(n)
            gate.release()
            yield n

    with Ahead(source(), 3, name="test") as ahead:
        for taken, n in enumerate(ahead):
            assert n == taken
            assert len(made) <= taken + 1 + 3 + 1  # those that wait, and the one in its hand
    assert made == list(range(20))


def test_an_error_comes_after_what_came_before_it() -> None:
    """In the reader's thread, as if it had made the items itself."""

    def source() -> Iterator[int]:
        yield 1
        raise MediaError("It broke. Mend it.")

    with Ahead(source(), 3, name="test") as ahead:
        items = iter(ahead)
        assert next(items) == 1
        with pytest.raises(MediaError, match="It broke"):
            next(items)


def test_leaving_early_ends_the_thread_and_closes_the_source() -> None:
    """Nothing goes on in the background after a cancel."""
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    with Ahead(source(), 2, name="test") as ahead:
        next(iter(ahead))
    assert closed.is_set()
    assert not any(thread.name == "test" for thread in threading.enumerate())


def test_a_name_tells_whether_its_worker_lives() -> None:
    """This process does; one that ended does not; of another machine nobody knows."""
    assert not owner.is_dead(owner.new_name())
    script = "from core.ingest.owner import new_name; print(new_name())"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert owner.is_dead(done.stdout.strip())
    assert not owner.is_dead("elsewhere:0123:1:2:3")
    assert not owner.is_dead("")


def test_what_passes_is_put_off_for_longer_each_time() -> None:
    """A disk is waited for without end, a missing drive for an hour or two, a bad file never."""
    full, away, bad = DiskFullError("."), BusyFileError("."), MediaError(".")
    waits = [retry.delay_s(full, n) for n in range(12)]
    assert waits[:3] == [2, 4, 8]
    assert waits[-1] == retry.LONGEST_S
    assert retry.delay_s(full, 1000) == retry.LONGEST_S
    assert retry.delay_s(away, 3) == 16
    assert retry.delay_s(away, 16) is None
    assert retry.delay_s(bad, 0) is None


def test_a_pace_is_that_of_the_last_seconds() -> None:
    """Ten seconds of video in a second, then two: what is left takes longer."""
    meter = Speedometer("w", duration_s=1000, device="cpu")
    for second in range(6):
        meter.add(second, second * 0.01, "decoding")
    fast = meter.work()
    assert fast.speed == pytest.approx(10)
    assert fast.left_s == pytest.approx(95)
    for second in range(6, 60):
        meter.add(second, 0.05 + (second - 5) * 0.002, "model")
    slow = meter.work()
    assert slow.speed == pytest.approx(2)
    assert (slow.bottleneck, slow.device) == ("model", "cpu")


def test_a_watch_tells_of_files_that_are_whole(tmp_path: Path) -> None:
    """New, grown and changed ones, each state once, after nobody wrote for a while."""
    old, new = tmp_path / "old.mp4", tmp_path / "new.mp4"
    old.write_bytes(b"1")
    watch = Watch(lambda: find([tmp_path]), stable_s=5)
    watch.ignore(Found([old]))
    assert watch.look(0).files == []
    new.write_bytes(b"1")
    assert watch.look(1).files == []
    new.write_bytes(b"12")
    assert watch.look(5).files == []
    assert watch.look(9).files == []
    assert watch.look(10).files == [new]
    assert watch.look(20).files == []
    os.utime(old, ns=(1, 1))
    assert watch.look(21).files == []
    assert watch.look(26).files == [old]
