"""`export`: a table, a cut list and clips of what a search found."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from core.media.probe import probe
from tests.machine import Machine
from tests.test_cli import Run, films, run  # noqa: F401 - fixtures


def test_a_table(run: Run, films: Path) -> None:  # noqa: F811
    """One line a moment, those of the search in its order, with the file it lies in."""
    run("add", "-r", films)
    found = json.loads(run("search", "red", "--floor", "0", "--json").out)
    rows = list(csv.DictReader(io.StringIO(run("export", "red", "--floor", "0").out)))
    assert len({one["moment_id"] for one in found}) == len(found) > 2
    for name in ("moment_id", "video_id"):
        assert [row[name] for row in rows] == [one[name] for one in found]
    assert float(rows[0]["start_s"]) == found[0]["start_s"]
    assert rows[0]["path"] == str(films / "one.mp4")


@pytest.mark.parametrize(
    "options",
    [
        ("--liked", "two.mp4@0"), ("--minus", "blue"), ("--unfolded", "--all", "-k", "2"),
        ("--video", "two.mp4", "--from", "0:01"), ("--then", "green"), ("--padding", "1"),
    ],
)  # fmt: skip
def test_the_same_moments_as_a_search(run: Run, films: Path, options: tuple[str, ...]) -> None:  # noqa: F811
    """Whatever it is asked with: as objects all they have, in a table their ids, in its order."""
    run("add", "-r", films)
    asked = ("red", "--floor", "0", *options)
    found = json.loads(run("search", *asked, "--json").out)
    assert json.loads(run("export", *asked, "--format", "json").out) == found
    rows = csv.DictReader(io.StringIO(run("export", *asked).out))
    assert [row["moment_id"] for row in rows] == [one["moment_id"] for one in found] != []


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


def test_one_that_cannot_be_cut_leaves_the_others(
    run: Run,  # noqa: F811
    films: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Each that is left out is named, with its rank; the status says that there was one."""
    run("add", "-r", films)
    found = json.loads(run("search", "red", "--floor", "0", "--unfolded", "--json").out)
    (films / "one.mp4").unlink()
    out = tmp_path / "out"
    ran = run("export", "red", "--floor", "0", "--unfolded", "--clips", out)
    assert ran.status == 1
    names = {f"{rank:03d}": one["name"] for rank, one in enumerate(found, 1)}
    there = {Path(line).name.split()[0] for line in ran.out.splitlines()}
    gone = {line.split()[0] for line in ran.err.splitlines()}
    assert {names[rank] for rank in there} == {"two.mp4"}
    assert {names[rank] for rank in gone} == {"one.mp4"}
    assert there | gone == set(names)
    assert {path.name.split()[0] for path in out.iterdir()} == there


def test_a_folder_that_cannot_be_made(run: Run, films: Path, tmp_path: Path) -> None:  # noqa: F811
    """A file stands there: a sentence and status 1."""
    run("add", films)
    (tmp_path / "out").touch()
    ran = run("export", "red", "--floor", "0", "--clips", tmp_path / "out")
    assert (ran.status, ran.out) == (1, "")
    assert "cannot be made" in ran.err


def test_clips_of_what_only_the_server_has(
    run: Run,  # noqa: F811
    films: Path,  # noqa: F811
    tmp_path: Path,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are fetched, as on another machine of a team."""
    assert run("add", films).status == 0
    (films / "one.mp4").unlink()
    monkeypatch.setenv("REELSEEK_DATA", str(tmp_path / "there"))
    ran = run("export", "red", "--floor", "0", "-k", "1", "--clips", tmp_path / "out")
    assert (ran.status, ran.err) == (0, "")
    (path,) = (Path(line) for line in ran.out.splitlines())
    assert probe(path).duration_s > 0.5
