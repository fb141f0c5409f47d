"""Every benchmark runs, with the smallest of everything, and tells what it found as all do.

What is measured then means nothing; that it is measured at all does.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.need import Hour, need
from benchmarks.report import Report
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes

ROOT = Path(__file__).parent.parent
TINY = f"--model {TINY_MODEL}"
SMALLEST = {
    "indexing": f"--only 480p keys gpu --keys 1 --seconds 1 --repeat 1 {TINY}",
    "indexing_memory": "--minutes 0.05 0.1 --many 2",
    "indexing_growth": f"--minutes 0.05 --sizes 480p --seconds 2 --library 0 9 {TINY}",
    "encoding": f"--repeat 1 --sizes 2 --seconds 1 --no-compile {TINY}",
    "folding": "--videos 1",
    "same_pictures": "--seconds 4",
    "engine": "--n 1200 --n-uniform 0 --least-rows 1000",
    "search": f"--n 600 {TINY}",
    "large_film": "--mib 8",
    "fidelity": f"--seconds 6 --sizes 480p {TINY}",
    "index_bytes": "--every 1 -- VIDEO",
    "quality": "--part tuning --models first --videos 1",
    "tuning": "--videos 1",
}


@functools.cache
def run(module: str) -> subprocess.CompletedProcess[str]:
    """What it says, of one run for all tests."""
    command = [sys.executable, "-m", f"benchmarks.{module}", "--json", *SMALLEST[module].split()]
    with tempfile.TemporaryDirectory() as folder:
        if command[-1] == "VIDEO":
            film = Film("short", scenes("red star/black", seconds_each=2), size_px=(160, 90))
            command[-1] = str(draw_film(film, Path(folder)))
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", SMALLEST)
def test_it_runs_and_tells_lines_of_name_value_goal_and_ok(module: str) -> None:
    """The exit status says what the lines say; none of them is missing or empty."""
    done = run(module)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    lines: list[dict[str, Any]] = json.loads(done.stdout)
    assert lines
    for line in lines:
        assert list(line) == ["name", "value", "goal", "ok"]
        assert isinstance(line["name"], str)
        assert isinstance(line["value"], int | float)
        assert line["goal"] is None or isinstance(line["goal"], str)
        assert isinstance(line["ok"], bool)
    assert len({line["name"] for line in lines}) == len(lines)
    assert done.returncode == (0 if all(line["ok"] for line in lines) else 1)


def test_memory_is_measured_with_a_clip_for_each_sample() -> None:
    """Or a long video would cost no more than a short one for want of clips."""
    values = {line["name"]: line["value"] for line in json.loads(run("indexing_memory").stdout)}
    shares = [value for name, value in values.items() if name.endswith("clips, of the samples")]
    assert len(shares) == 3
    assert min(shares) >= 0.99


def test_a_ratio_below_what_is_possible_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told as invalid, and the program ends with 1."""
    report = Report()
    report.add_within("of the least possible", 1.1, 1.0, 1.15)
    assert report.finish() == 0
    report.add_within("of the least possible, again", 0.76, 1.0, 1.15)
    assert report.finish() == 1
    assert "invalid: 0.760" in capsys.readouterr().out
    assert [line.goal for line in report.lines] == ["1 to 1.15", "1 to 1.15"]


def test_a_number_that_should_be_another_is_told_with_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As what tuning chooses, beside what is in force."""
    report = Report(as_json=True)
    report.add_same("slope", 0.1 + 0.2, 0.3)
    assert report.finish() == 0
    report.add_same("half", 3.8, 3.75)
    assert report.finish() == 1
    assert [(line.goal, line.ok) for line in report.lines] == [("= 0.3", True), ("= 3.75", False)]
    assert json.loads(capsys.readouterr().out.partition("]")[0] + "]")[0]["name"] == "slope"


def test_what_thousands_of_hours_need_is_computed_from_one() -> None:
    """By hand: 1000 h of 3600 clips at 0.1 s for the model and 540 s for all else."""
    one = Hour(
        cpu_s=540, speed=9, vectors_mb=7, pictures_mb=38, sheets_mb=4, database_mb=60, clips=3600
    )
    found = need(1000, one, model_cpu_s=0.1, n_cores=2)
    assert found.core_hours == pytest.approx(1000 * 900 / 3600)
    assert found.machine_hours == pytest.approx(125)
    assert found.machines_for_a_week == 1
    assert need(10_000, one, model_cpu_s=0.1, n_cores=2).machines_for_a_week == 8
    assert found.disk_tb == pytest.approx(0.06)
    assert found.clips_m == pytest.approx(3.6)
    assert found.vectors_gb == pytest.approx(7.3728)
