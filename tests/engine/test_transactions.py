"""A query happens whole or not at all, whoever dies and whoever else is looking."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from core.engine.engine import Engine
from core.errors import NotAVideoError
from core.model import VideoFacts
from tests.contract.conftest import FACTS, vector
from tests.engine.processes import OPEN, count, run_script


def test_bytes_that_are_no_video_leave_no_file(tmp_path: Path) -> None:
    """A refused AddVideo is a failing answer with the probe's sentence, and no file stays."""

    def refuse(_: Path) -> VideoFacts:
        raise NotAVideoError("This is not a video.")

    engine = Engine(tmp_path, probe_video=refuse)
    answer, _ = engine.query([{"AddVideo": {}}], [b"text"])
    assert answer == {"info": "This is not a video.", "status": -1}
    assert list((tmp_path / "videos").iterdir()) == []
    engine.close()


def test_a_deleted_video_takes_its_file_along_but_not_anothers(tmp_path: Path) -> None:
    """A video that came as bytes loses its file; one that came by url keeps it."""
    film = tmp_path / "my film #1.mp4"
    film.write_bytes(b"mine")
    engine = Engine(tmp_path / "db", probe_video=lambda _: FACTS)
    engine.query([{"AddVideo": {}}, {"AddVideo": {"url": film.as_uri()}}], [b"blob"])
    _, blobs = engine.query([{"FindVideo": {"blobs": True}}])
    assert blobs == [b"blob", b"mine"]
    engine.query([{"DeleteVideo": {}}])
    assert list((tmp_path / "db/videos").iterdir()) == []
    assert film.read_bytes() == b"mine"
    engine.close()


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """A process killed inside a query leaves the database as it was before that query."""
    done = run_script(
        """
import os, signal
engine.query([{"AddEntity": {"class": "A"}}])
kill = lambda _: os.kill(os.getpid(), signal.SIGKILL)
engine._probe = kill
engine.query([{"AddEntity": {"class": "A"}}, {"AddVideo": {}}], [b"film"])
""",
        tmp_path,
    )
    assert done.returncode == -signal.SIGKILL
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    assert count(engine) == 1
    engine.close()


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    """A file that no row names is removed at the next opening, one that a row names stays."""
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    engine.query([{"AddVideo": {}}], [b"film"])
    engine.close()
    kept = list((tmp_path / "videos").iterdir())
    for name in ("whole", "half.part"):
        (tmp_path / "videos" / name).write_bytes(b"x")
    Engine(tmp_path, probe_video=lambda _: FACTS).close()
    assert list((tmp_path / "videos").iterdir()) == kept


def test_nothing_is_swept_while_another_process_writes(tmp_path: Path) -> None:
    """A file without a row may belong to a transaction that still runs; the opening goes on."""
    Engine(tmp_path, probe_video=lambda _: FACTS).close()
    (tmp_path / "videos" / "soon").write_bytes(b"x")
    other = sqlite3.connect(tmp_path / "aperture.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    Engine(tmp_path, probe_video=lambda _: FACTS).close()
    assert (tmp_path / "videos" / "soon").exists()
    other.execute("ROLLBACK")
    other.close()
    Engine(tmp_path, probe_video=lambda _: FACTS).close()
    assert not (tmp_path / "videos" / "soon").exists()


def test_processes_see_each_others_writes(tmp_path: Path) -> None:
    """What another process adds or removes shows at once, also among nearest neighbours."""
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    engine.query([{"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": "CS"}}])
    add = {"AddDescriptor": {"set": "s", "properties": {"n": 1}}}
    engine.query([add], [vector(1, 0)])
    nearest = [{"FindDescriptor": {"set": "s", "k_neighbors": 9, "results": {"list": ["n"]}}}]

    def seen() -> list[int]:
        answer, _ = engine.query(nearest, [vector(1, 0)])
        assert isinstance(answer, list)
        return [e["n"] for e in answer[0]["FindDescriptor"].get("entities", [])]

    assert seen() == [1]
    script = """
import struct
add = {"AddDescriptor": {"set": "s", "properties": {"n": 2}}}
print(engine.query([add], [struct.pack("<2f", 0, 1)]))
"""
    assert run_script(script, tmp_path).returncode == 0
    assert seen() == [1, 2]
    script = 'engine.query([{"DeleteDescriptor": {"constraints": {"n": ["==", 1]}}}])'
    assert run_script(script, tmp_path).returncode == 0
    assert seen() == [2]
    engine.close()


def test_readers_while_a_writer_works(engine: Engine) -> None:
    """Reading threads get whole answers, of before or after, while another writes."""
    seen: list[int] = []

    def write() -> None:
        for _ in range(20):
            engine.query([{"AddEntity": {"class": "A"}}, {"AddEntity": {"class": "A"}}])

    def read() -> None:
        seen.extend(count(engine) for _ in range(40))

    threads = [threading.Thread(target=f) for f in (write, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [n for n in seen if n % 2] == []
    assert count(engine) == 40


def test_many_vectors_keep_their_places(engine: Engine) -> None:
    """After additions beyond the first room and removals, neighbours equal a plain search."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(2500, 4)).astype("<f4")
    engine.query([{"AddDescriptorSet": {"name": "s", "dimensions": 4, "metric": "IP"}}])
    for start in range(0, 2500, 500):
        adds = [{"AddDescriptor": {"set": "s", "properties": {"n": n}}}
                for n in range(start, start + 500)]  # fmt: skip
        engine.query(adds, [row.tobytes() for row in rows[start : start + 500]])
        engine.query(
            [{"FindDescriptor": {"set": "s", "k_neighbors": 1, "_ref": 1}}], [vector(1, 1, 1, 1)]
        )
    engine.query([{"DeleteDescriptor": {"constraints": {"n": ["<", 1000]}}}])
    query = rng.normal(size=4).astype("<f4")
    find = {"set": "s", "k_neighbors": 10, "results": {"list": ["n"]}}
    answer, _ = engine.query([{"FindDescriptor": find}], [query.tobytes()])
    assert isinstance(answer, list)
    expected = 1000 + np.argsort(-(rows[1000:] @ query))[:10]
    assert [e["n"] for e in answer[0]["FindDescriptor"]["entities"]] == expected.tolist()


LOAD = """
import struct, sys
n = 0
print("ready", flush=True)
engine.query([{"AddDescriptorSet": {"name": "s", "dimensions": 2}}])
while True:
    n += 1
    query = [
        {"AddVideo": {"_ref": 1, "properties": {"n": n}}},
        {"AddEntity": {"class": "A", "properties": {"n": n}, "connect": {"ref": 1}}},
        {"AddDescriptor": {"set": "s", "properties": {"n": n}, "connect": {"ref": 1}}},
    ]
    answer, _ = engine.query(query, [b"film" * 1000, struct.pack("<2f", n, 1)])
    assert isinstance(answer, list), answer
    if n % 3 == 0:
        engine.query([{"DeleteVideo": {"constraints": {"n": ["==", n - 1]}}}])
    print(n, flush=True)
"""


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_time_under_load(tmp_path: Path, seed: int) -> None:
    """What was answered is there, the rest is not, each part of a query like the others."""
    rng = np.random.default_rng(seed)
    with subprocess.Popen(
        [sys.executable, "-c", OPEN + LOAD, str(tmp_path)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(rng.integers(2, 12))]
        time.sleep(rng.uniform(0, 0.02))  # into the middle of whatever it does then
        writer.kill()
        lines += writer.stdout.readlines()
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    n_answered = int(lines[-1])
    assert n_answered <= count(engine) <= n_answered + 1
    with engine._store.connection() as db:
        n_vectors, n_files = db.execute(
            "SELECT (SELECT count(*) FROM vectors), (SELECT count(file) FROM objects)"
        ).fetchone()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert n_vectors == count(engine)
    assert len(list((tmp_path / "videos").iterdir())) == n_files
    engine.close()
