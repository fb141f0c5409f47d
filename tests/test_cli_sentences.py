"""What the command line says where somebody new to it would be at a loss."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core import bootstrap
from core.cli.arguments import seconds
from core.cli.main import main
from core.cli.search import _nothing
from core.model import SearchResult
from core.settings import from_environment
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.ingest.conftest import draw
from tests.test_cli import Run, films, run  # noqa: F401 - fixtures
from tests.ways_in import by_protocol

ROOT = Path(__file__).parent.parent


def test_another_python_is_told_which_one_has_the_packages(tmp_path: Path) -> None:
    """One sentence and status 1; its `--help` needs none of them."""

    def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", "-m", "core", *arguments],  # without site-packages
            cwd=ROOT, env={**os.environ, "REELSEEK_DATA": str(tmp_path), "PYTHONPATH": ""},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    ran = bare("status")
    assert (ran.returncode, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert "packages are not installed for this Python" in line
    assert sys.executable in line
    assert ".venv/bin/python -m core" in line
    assert bare("--help").returncode == 0


@pytest.mark.parametrize(
    ("text", "time_s"),
    [
        ("65", 65),
        ("65.5", 65.5),
        ("1:05", 65),
        ("1:05.5", 65.5),
        ("1:02:03", 3723),
        ("9:00", 540),
    ],
)
def test_seconds_are_read_as_the_page_reads_them(text: str, time_s: float) -> None:
    """As people type a time."""
    assert seconds(text) == time_s


@pytest.mark.parametrize(
    "text", ["1:", ":5", "1:2:3:4", "1:-5", "-1:05", "a:05", f"{'9' * 400}:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """As argparse wants it: a ValueError, which becomes status 2."""
    with pytest.raises((ValueError, argparse.ArgumentTypeError)):
        seconds(text)


@pytest.mark.parametrize("text", ["Workshop.mp4", "Workshop.mp4@", "@7", "Workshop.mp4@soon"])
def test_what_is_no_moment_is_told_how_one_is_written(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an example, wherever one may be named."""
    for words in (["similar", text], ["search", "red", "--liked", text]):
        with pytest.raises(SystemExit, match="2"):
            main(words)
        line = capsys.readouterr().err.splitlines()[-1]
        assert line.endswith(
            f"{text!r} names no moment: write VIDEO@SECOND, for example Workshop.mp4@7"
        )


def test_no_command_at_all_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with what it does; status 2, as what was asked is nothing."""
    with pytest.raises(SystemExit, match="2"):
        main([])
    out, err = capsys.readouterr()
    assert out == ""
    for word in ("add", "search", "similar", "status", "doctor", "serve"):
        assert re.search(rf"^ +{word} +\S", err, re.MULTILINE)


def test_minutes_do_for_a_stretch(run: Run, films: Path) -> None:  # noqa: F811
    """Where seconds do."""
    run("add", films)
    usual = ("search", "red", "--json", "--floor", "0")
    by_clock = run(*usual, "--from", "0:01", "--to", "0:00:02")
    assert by_clock.out == run(*usual, "--from", "1", "--to", "2").out
    assert json.loads(by_clock.out)


def test_a_search_that_finds_nothing_says_how_to_see_what_is_nearest(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """By a model that is sure of something; asked so, it shows it."""
    monkeypatch.setenv("REELSEEK_DATA", str(data_folder))
    monkeypatch.setenv("REELSEEK_MODEL", str(TINY_MODEL))
    film = draw_film(Film("one", scenes("red star/black", seconds_each=2)), tmp_path)
    assert main(["add", str(film)]) == 0
    capsys.readouterr()
    assert main(["search", "qwzx vbnm"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "--floor 0" in err
    assert main(["search", "qwzx vbnm", "--floor", "0"]) == 0
    assert "one.mp4" in capsys.readouterr().out


def test_a_search_in_nothing_does_not_say_that_the_library_is_empty(
    run: Run,  # noqa: F811
    films: Path,  # noqa: F811
) -> None:
    """What narrows it left nothing."""
    run("add", films)
    ran = run("search", "red", "--from", "1:00")
    assert (ran.status, ran.out) == (0, "")
    assert "Take away what narrows the search" in ran.err


def test_what_was_known_and_not_searchable_is_indexed_now(run: Run, films: Path) -> None:  # noqa: F811
    """Not only there already, as a video that was searchable before."""
    app = bootstrap.open_app(from_environment())
    app.intake.add_file(films / "one.mp4")
    app.close()
    assert run("add", films).out == "one.mp4: already there, indexed now, 2 clips\n"
    assert run("add", films).out == "one.mp4: already there, 2 clips\n"


def test_labels_without_their_columns_are_told_which(run: Run, tmp_path: Path) -> None:  # noqa: F811
    """One sentence with all of them."""
    path = tmp_path / "labels.csv"
    path.write_text("query,video,start,end\nred,one.mp4,0,1\n")
    ran = run("evaluate", path)
    assert (ran.status, ran.out) == (1, "")
    (line,) = ran.err.splitlines()
    assert "lacks start_s, end_s" in line
    assert "the columns query, video, start_s, end_s" in line
    assert "KeyError" not in line


def test_labels_as_the_documentation_writes_them(run: Run, films: Path) -> None:  # noqa: F811
    """The example of docs/search.md; spaces behind its commas do no harm."""
    run("add", "-r", films)
    documented = (ROOT / "docs" / "search.md").read_text("utf-8")
    example = documented.partition("```csv\n")[2].partition("```")[0]
    path = films / "labels.csv"
    for text in (example, example.replace(",", ", ")):
        path.write_text(text.replace("holiday.mp4", "one.mp4"))
        ran = run("evaluate", path)
        assert ran.status == 0, ran.err
        assert ran.out.startswith("1 question with an answer, 1 without")


def test_one_of_a_thing_is_not_said_to_be_several(
    run: Run,  # noqa: F811
    tmp_path: Path,
) -> None:
    """A clip, a video, a question; and a label that names one video too many."""
    film = draw(tmp_path / "single.mp4", "red")
    assert run("add", film).out == "single.mp4: added, 1 clip\n"
    assert run("reindex", film).out == "single.mp4: indexed again, 1 clip\n"
    assert "1 searchable video, 1 clip\n" in run("doctor").out
    assert "1 video, 1 clip " in run("models").out
    nothing = SearchResult("red", (), n_videos=1, n_clips=1, took_s=0.0)
    assert "in the 1 video that was searched." in _nothing(
        argparse.Namespace(floor=None), nothing, is_empty=False
    )
    labels = tmp_path / "labels.csv"
    for names, told in (
        (["gone.mp4"], "the video 'gone.mp4', which the library does not have. Add it,"),
        (["a.mp4", "b.mp4"], "2 videos, such as 'a.mp4', which the library does not have. Add t"),
    ):
        rows = [f"red,{name},0,1" for name in names]
        labels.write_text("\n".join(["query,video,start_s,end_s", *rows]))
        assert f"The labels name {told}" in run("evaluate", labels).err


def test_an_assistant_is_told_in_our_words_and_nobody_else_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Arguments that no tool takes: one sentence, no link; nothing on standard error."""
    settings = {"REELSEEK_DATA": str(tmp_path / "data"), "REELSEEK_MODEL": str(TINY_MODEL)}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    film = draw_film(Film("one", scenes("red star/black", seconds_each=2)), tmp_path)
    assert main(["add", str(film)]) == 0
    _, many, missing, unknown, found = by_protocol(
        {**os.environ, **settings},
        [
            ("search_moments", {"text": "red", "limit": "many", "folds": "perhaps"}),
            ("get_clip", {"video_id": "a", "start_s": 0}),
            ("search_moments", {"text": "red", "query": "a red star", "top": 3}),
            ("search_moments", {"text": "a red star"}),
        ],
    )
    assert "limit cannot be 'many', folds cannot be 'perhaps'" in many
    assert "end_s is missing" in missing
    assert unknown.startswith("search_moments has no argument 'query', 'top'. It takes text, ")
    assert unknown.endswith(", folds, exact.")
    for sentence in (many, missing, unknown):
        assert len(sentence.splitlines()) == 1
        assert "http" not in sentence
        assert "pydantic" not in sentence
    assert [one["name"] for one in found["moments"]] == ["one.mp4"]
    assert (tmp_path / "data" / "log.txt").read_text() == ""
