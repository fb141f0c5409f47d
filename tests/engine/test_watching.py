"""The number of a database's state: another one after every commit, by whomever, and only then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.errors import DatabaseAwayError
from tests.contract.conftest import FACTS

ROOT = Path(__file__).parents[2]
ADD = {"AddEntity": {"class": "E", "properties": {"n": 1}}}
OTHER = """
import sys
from pathlib import Path
from core.engine.engine import Engine
engine = Engine(Path(sys.argv[1]), probe_video=None)
engine.query([{"UpdateEntity": {"with_class": "E", "properties": {"n": 2}}}])
engine.close()
"""


def test_every_change_makes_another_number(tmp_path: Path) -> None:
    """What is added, changed and deleted; not what is read, matches nothing or fails."""
    engine = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    numbers = [engine.state()]
    for command in (
        ADD,
        {"UpdateEntity": {"with_class": "E", "properties": {"n": 2}}},
        {"DeleteEntity": {"with_class": "E", "constraints": {"n": ["==", 2]}}},
    ):
        engine.query([command])
        numbers.append(engine.state())
    assert len(set(numbers)) == len(numbers)
    engine.query([{"FindEntity": {"with_class": "E"}}])
    engine.query([ADD, {"NoSuchCommand": {}}])
    assert engine.state() == numbers[-1]
    engine.close()
    with pytest.raises(DatabaseAwayError):
        engine.state()


def test_another_process_makes_another_number(tmp_path: Path) -> None:
    """Where this one did nothing."""
    engine = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    engine.query([ADD])
    before = engine.state()
    command = [sys.executable, "-c", OTHER, str(tmp_path / "database")]
    subprocess.run(command, check=True, cwd=ROOT)
    assert engine.state() != before
    engine.close()
