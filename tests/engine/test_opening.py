"""Opening a folder: older, newer, damaged, closed, by many at once."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.engine.migrations import STEPS
from core.errors import DatabaseAwayError
from tests.contract.conftest import FACTS
from tests.engine.processes import COUNT, OPEN, count


def test_a_newer_or_edited_database_is_refused(tmp_path: Path) -> None:
    """A database of a newer Reelseek, or one whose steps differ, is not touched."""
    Engine(tmp_path, probe_video=lambda _: FACTS).close()
    db = sqlite3.connect(tmp_path / "aperture.sqlite3")
    with db:
        db.execute("INSERT INTO migrations VALUES(?, 'later')", (len(STEPS) + 1,))
    with pytest.raises(DatabaseAwayError, match="newer"):
        Engine(tmp_path, probe_video=lambda _: FACTS)
    with db:
        db.execute("DELETE FROM migrations WHERE digest='later'")
        db.execute("UPDATE migrations SET digest='edited'")
    db.close()
    with pytest.raises(DatabaseAwayError, match="differs"):
        Engine(tmp_path, probe_video=lambda _: FACTS)


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    """What an earlier version wrote is there, with the types of its properties."""
    db = sqlite3.connect(tmp_path / "aperture.sqlite3")
    with db:
        db.execute("CREATE TABLE migrations(n INTEGER PRIMARY KEY, digest TEXT NOT NULL)")
        db.executescript(STEPS[0])
        digest = hashlib.sha256(STEPS[0].encode()).hexdigest()
        db.execute("INSERT INTO migrations VALUES(1, ?)", (digest,))
        db.execute("INSERT INTO objects(class, properties) VALUES('A', '{\"x\":1}')")
        db.execute("INSERT INTO types VALUES('A', 'x', 'number')")
    db.close()
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    assert count(engine) == 1
    answer, _ = engine.query([{"AddEntity": {"class": "A", "properties": {"x": "text"}}}])
    assert isinstance(answer, dict)
    assert "numbers" in answer["info"]
    answer, _ = engine.query([{"AddEntity": {"class": "A", "properties": {"x": 2}}}])
    assert isinstance(answer, list)
    engine.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Bytes of something else are left alone, with a sentence."""
    (tmp_path / "aperture.sqlite3").write_bytes(b"something else" * 1000)
    with pytest.raises(DatabaseAwayError, match="cannot be opened"):
        Engine(tmp_path, probe_video=lambda _: FACTS)
    assert (tmp_path / "aperture.sqlite3").read_bytes() == b"something else" * 1000


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A file where the folder should be is a sentence."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(DatabaseAwayError, match="cannot be opened"):
        Engine(tmp_path / "taken", probe_video=lambda _: FACTS)


def test_threads_that_end_leave_no_open_files(engine: Engine) -> None:
    """Connections outlive the threads that used them and are used again."""
    for _ in range(50):
        thread = threading.Thread(target=count, args=(engine,))
        thread.start()
        thread.join()
    assert len(engine._store._idle) == 1


def test_a_closed_engine_says_so(tmp_path: Path) -> None:
    """After close a query raises, with what to do; closing again is harmless."""
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    engine.close()
    engine.close()
    with pytest.raises(DatabaseAwayError, match="closed"):
        engine.query(COUNT)


def test_many_open_a_new_folder_at_once(tmp_path: Path) -> None:
    """Whoever comes first makes the database; all others use it."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN + 'print(engine.query([{"AddEntity": {"class": "A"}}]))',
             str(tmp_path / "new")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for _ in range(4)
    ]  # fmt: skip
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert "'status': 0" in out, out
    engine = Engine(tmp_path / "new", probe_video=lambda _: FACTS)
    assert count(engine) == 4
    engine.close()
