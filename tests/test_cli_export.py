"""`export`: a table, a cut list and clips of what a search found."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from core.media.probe import probe
from tests.test_cli import Run, films, run  # noqa: F401 - fixtures


def test_a_table(run: Run, films: Path) -> None:  # noqa: F811
    """One line a moment, in the order of the search, with the file it lies in."""
    run("add", films)
    found = json.loads(run("search", "red", "--floor", "0", "--json").out)
    rows = list(csv.DictReader(io.StringIO(run("export", "red", "--floor", "0").out)))
    assert [row["video_id"] for row in rows] == [one["video_id"] for one in found]
    assert float(rows[0]["start_s"]) == found[0]["start_s"]
    assert rows[0]["path"] == str(films / "one.mp4")


def test_a_cut_list(run: Run, films: Path, tmp_path: Path) -> None:  # noqa: F811
    """Each event names its clip, and the record side runs on without a gap."""
    run("add", films)
    target = tmp_path / "cuts.edl"
    assert run("export", "red", "--floor", "0", "--format", "edl", "-o", target).status == 0
    text = target.read_text()
    assert text.startswith("TITLE: red\nFCM: NON-DROP FRAME\n")
    codes = re.findall(r"^\d{3} .* (\S+) (\S+) (\S+) (\S+)$", text, re.MULTILINE)
    assert codes[0][2] == "00:00:00:00"
    assert [before[3] for before in codes[:-1]] == [after[2] for after in codes[1:]]
    assert "* FROM CLIP NAME: one.mp4" in text


def test_clips(run: Run, films: Path, tmp_path: Path) -> None:  # noqa: F811
    """Each moment becomes a file of its length, named by its rank and its video."""
    run("add", films)
    (moment,) = json.loads(run("search", "red", "--floor", "0", "-k", "1", "--json").out)
    ran = run("export", "red", "--floor", "0", "-k", "1", "--clips", tmp_path / "out")
    (path,) = (Path(line) for line in ran.out.splitlines())
    assert path.name.startswith("001 one ")
    assert abs(probe(path).duration_s - (moment["end_s"] - moment["start_s"])) < 0.1


def test_where_nothing_can_be_written(run: Run, films: Path, tmp_path: Path) -> None:  # noqa: F811
    """A folder that is not there, or a file that is gone: a sentence and status 1."""
    run("add", films)
    ran = run("export", "red", "--floor", "0", "-o", tmp_path / "no" / "file.csv")
    assert (ran.status, ran.out) == (1, "")
    assert "cannot be written" in ran.err
    (films / "one.mp4").unlink()
    ran = run("export", "red", "--floor", "0", "-k", "1", "--clips", tmp_path / "out")
    assert ran.status == 1
    assert "not on this machine" in ran.err
