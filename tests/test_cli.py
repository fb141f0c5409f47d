"""The command line as a person or a script meets it: output, exit status, and how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from core import bootstrap
from core.cli.main import main
from core.cli.terminal import clock
from core.settings import Settings, from_environment
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw
from tests.rights import forbid  # noqa: F401 - a fixture

ROOT = Path(__file__).parent.parent


class Ran(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run one command in this process, on a data folder and the model that sees mean colours."""
    monkeypatch.setenv("REELSEEK_DATA", str(data_folder))
    monkeypatch.setattr(bootstrap, "ClipEncoder", lambda *_, **__: ColourEncoder())

    def run(*arguments: str | Path) -> Ran:
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Ran(status, out, err)

    return run


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Two films in a folder, one of them further down."""
    folder = tmp_path / "films"
    (folder / "more").mkdir(parents=True)
    draw(folder / "one.mp4", "red green")
    draw(folder / "more" / "two.mp4", "blue yellow")
    return folder


def test_add_waits_until_all_is_searchable(run: Run, films: Path) -> None:
    """A line for each video; the same again says so and changes nothing."""
    added = run("add", "-r", films)
    assert added.status == 0
    assert added.err.startswith("2 files: 4 s of video to index, about 0 s at 10 times")
    assert added.out.splitlines() == ["one.mp4: added, 2 clips", "two.mp4: added, 2 clips"]
    again = run("add", films / "one.mp4")
    assert (again.status, again.out) == (0, "one.mp4: already there, 2 clips\n")


def test_add_says_which_file_failed_and_adds_the_others(run: Run, films: Path) -> None:
    """Status 1; each failure is one line with its file, on standard error."""
    (films / "bad.mp4").write_text("no film")
    empty = films.parent / "empty"
    empty.mkdir()
    ran = run("add", "-r", films, empty, films.parent / "gone")
    assert ran.status == 1
    assert len(ran.out.splitlines()) == 2
    counted, *failures = ran.err.splitlines()
    assert counted.startswith("3 files, 1 of them cannot be used: 4 s of video")
    assert len(failures) == 3
    assert {line.split(":")[0] for line in failures} == {
        str(films / "bad.mp4"), str(empty), str(films.parent / "gone"),
    }  # fmt: skip


def test_add_goes_on_beside_a_folder_that_cannot_be_read(
    run: Run,
    films: Path,
    forbid: Callable[[Path], None],  # noqa: F811
) -> None:
    """Status 1 and a sentence for the folder; everything else is added."""
    (films / "shut").mkdir()
    forbid(films / "shut")
    ran = run("add", "-r", films)
    assert ran.status == 1
    assert ran.out.splitlines() == ["one.mp4: added, 2 clips", "two.mp4: added, 2 clips"]
    (line,) = [line for line in ran.err.splitlines() if "cannot be read" in line]
    assert line.startswith(f"{films / 'shut'}: The folder {films / 'shut'} cannot be read")


def test_search_prints_a_line_for_each_moment(run: Run, films: Path) -> None:
    """How sure it is, score, times, name; best first, no more than asked for."""
    run("add", "-r", films)
    ran = run("search", "something green", "-k", "1", "--floor", "0")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.split()[-3:] == ["1.000", "0:01.0-0:02.0", "one.mp4"]


def test_search_as_json_is_a_list_of_objects(run: Run, films: Path) -> None:
    """With the keys that scripts rely on; the edge lies between two samples."""
    run("add", "-r", films)
    found = json.loads(run("search", "blue", "--json", "--floor", "0").out)
    assert list(found[0]) == [
        "moment_id", "video_id", "name", "start_s", "end_s", "play_start_s", "play_end_s",
        "best_s", "score", "distance", "strength", "level", "n_similar", "similar",
    ]  # fmt: skip
    first = found[0]
    assert (first["name"], first["start_s"]) == ("two.mp4", 0)
    assert 0.5 <= first["end_s"] <= 1
    assert first["score"] == pytest.approx(first["distance"]) == pytest.approx(1, abs=0.01)


def test_search_within_a_video_and_a_stretch(run: Run, films: Path) -> None:
    """--video, --from and --to narrow; the stretch may be open at either end."""
    run("add", "-r", films)
    ids = {video["name"]: video["video_id"] for video in _status(run)["videos"]}

    def found(*scope: str) -> set[tuple[str, float]]:
        ran = run("search", "red", "--json", "--floor", "0", *scope)
        assert ran.status == 0, ran.err
        return {(one["name"], one["start_s"]) for one in json.loads(ran.out)}

    assert {name for name, _ in found("--video", ids["two.mp4"])} == {"two.mp4"}
    assert {start_s for _, start_s in found("--to", "1")} == {0}
    assert {start_s for _, start_s in found("--from", "1")} == {1}
    assert found("--from", "0.5", "--to", "0.9", "--video", ids["one.mp4"]) == {("one.mp4", 0)}


def _status(run: Run) -> dict:
    return json.loads(run("status", "--json").out)


def test_what_cannot_be_searched_is_one_sentence(run: Run, films: Path) -> None:
    """Status 1, nothing on standard output."""
    run("add", "-r", films)
    for arguments, words in (
        (["", "--json"], "nothing to look for"),
        (["red", "--video", "unknown"], "No video has the id unknown"),
        (["red", "--from", "5", "--to", "5"], "holds nothing"),
    ):
        ran = run("search", *arguments)
        assert (ran.status, ran.out) == (1, "")
        assert words in ran.err
        assert len(ran.err.splitlines()) == 1


def test_an_empty_library_says_what_to_do(run: Run) -> None:
    """Finding nothing is no failure; JSON stays JSON."""
    ran = run("search", "red")
    assert (ran.status, ran.out) == (0, "")
    assert "python -m core add" in ran.err
    assert json.loads(run("search", "red", "--json").out) == []


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["dance"], ["add"], ["similar"], ["similar", "nobody"], ["search", "red", "-k", "0"],
        ["search", "red", "-k", "x"], ["search", "red", "--from", "-1"],
        ["search", "red", "--to", "nan"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_arguments_end_with_2(arguments: list[str]) -> None:
    """As argparse has it: usage on standard error."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_a_search_for_nothing_is_one_sentence(run: Run, films: Path) -> None:
    """Neither words nor a picture: it says what to do."""
    run("add", "-r", films)
    ran = run("search")
    assert (ran.status, ran.out) == (1, "")
    assert "Type what you remember" in ran.err


def test_status_counts_and_tells_what_went_wrong(run: Run, films: Path, settings: Settings) -> None:
    """A failed video with its sentence; one that waits; the model and the folder."""
    app = bootstrap.open_app(settings)
    failed = app.intake.add_file(films / "one.mp4").video.video_id
    assert app.library.claim("w", lease_s=9) is not None
    app.library.fail(failed, "w", "It broke. Mend it.")
    app.intake.add_file(films / "more" / "two.mp4")
    app.close()
    lines = run("status").out.splitlines()
    assert f"data      {settings.data}" in lines
    assert "model     Mean colours are ready." in lines
    assert "videos    2: 1 waiting, 1 failed" in lines
    assert "failed    one.mp4: It broke. Mend it." in lines
    assert any(line.startswith("waiting   two.mp4") for line in lines)
    report = _status(run)
    assert (report["n_videos"], report["n_searchable"], report["index"]) == (2, 0, None)
    assert {video["state"] for video in report["videos"]} == {"waiting", "failed"}


def test_doctor_finds_all_well(run: Run) -> None:
    """Six checks, all good, in order."""
    ran = run("doctor")
    assert ran.status == 0, ran.out
    assert [line.split()[:2] for line in ran.out.splitlines()] == [
        ["ok", name] for name in ("Python", "torch", "ffmpeg", "disk", "database", "model")
    ]


def test_doctor_says_what_is_bad_and_checks_the_rest(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A database that cannot be opened is one bad line, and status 1."""
    (tmp_path / "taken").touch()
    monkeypatch.setenv("REELSEEK_DATA", str(tmp_path / "taken"))
    ran = run("doctor")
    assert ran.status == 1
    bad = [line for line in ran.out.splitlines() if line.startswith("BAD")]
    assert len(bad) == 2, "the database, and the model, which is compared with what it holds"
    assert "cannot be opened" in bad[0]
    assert "cannot be opened" not in bad[1], "once is enough"


def test_doctor_finds_nothing_bad_in_weights_that_are_yet_to_come(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """As on every new machine: status 0, and what to do where nothing can be downloaded."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("REELSEEK_DATA", str(data_folder))
    assert main(["doctor"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("ok   model     CLIP ViT-B/32 is not on this machine yet; ")
    assert "downloaded (338 MiB) when first needed" in line
    assert "set REELSEEK_MODEL to where it lies" in line


def test_doctor_notices_another_model(
    run: Run, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index was made with one model and the settings name another."""
    run("add", "-r", films)
    monkeypatch.setattr(bootstrap, "ClipEncoder", lambda *_, **__: ColourEncoder(model="other"))
    ran = run("doctor")
    assert ran.status == 1
    assert "BAD  model" in ran.out
    assert "The weights of mean colour (computed), which made the index" in ran.out
    searched = run("search", "red")
    assert searched.status == 1
    assert "The weights of mean colour (computed), which made the index" in searched.err


def test_missing_weights_are_one_sentence_and_the_films_wait(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, films: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """`add` with no model: status 1, both videos wait for it; what is no video is told as ever."""
    monkeypatch.setenv("REELSEEK_DATA", str(data_folder))
    monkeypatch.setenv("REELSEEK_MODEL", str(films / "nowhere.pt"))
    (films / "bad.mp4").write_text("no film")
    assert main(["add", "-r", str(films)]) == 1
    err = capsys.readouterr().err
    assert "no CLIP checkpoint at" in err
    assert "bad.mp4: " in err
    assert main(["status"]) == 0
    assert "videos    2: 2 waiting" in capsys.readouterr().out
    assert main(["doctor"]) == 1
    assert "BAD  model" in capsys.readouterr().out


def test_times_are_written_as_people_do() -> None:
    """Minutes and seconds, hours when there are any; tenths never round up to sixty."""
    assert [clock(time_s) for time_s in (0, 5.04, 59.96, 61.25, 3600, 7325.5)] == [
        "0:00.0", "0:05.0", "1:00.0", "1:01.2", "1:00:00.0", "2:02:05.5",
    ]  # fmt: skip


def test_reindex_takes_an_id_a_folder_or_all(run: Run, films: Path) -> None:
    """What is indexed is what was before, no more and no less; unknown names are one sentence."""
    run("add", "-r", films)
    ids = {video["name"]: video["video_id"] for video in _status(run)["videos"]}
    again = "one.mp4: indexed again, 2 clips"
    assert run("reindex", ids["one.mp4"]).out.splitlines() == [again]
    assert run("reindex", films / "more").out.splitlines() == ["two.mp4: indexed again, 2 clips"]
    assert again in run("reindex", "--all").out.splitlines()
    assert _status(run)["n_clips"] == 4
    unknown = run("reindex", "nothing")
    assert (unknown.status, len(unknown.err.splitlines())) == (1, 1)


def test_add_leaves_folders_below_alone_unless_told(run: Run, films: Path) -> None:
    """And says so where that leaves nothing to do."""
    assert run("add", films).out == "one.mp4: added, 2 clips\n"
    outer = films.parent / "outer"
    films.rename(outer)
    films.mkdir()
    outer.rename(films / "outer")
    ran = run("add", films)
    assert ran.status == 1
    assert "--recursive" in ran.err


def test_status_says_why_a_video_waits_and_when_it_is_tried_again(run: Run, films: Path) -> None:
    """The sentence of what is in the way, and in how many seconds."""
    run("add", films / "one.mp4")
    app = bootstrap.open_app(from_environment())
    (video,) = app.library.videos()
    app.library.reindex([video.video_id])
    app.library.claim("me", lease_s=60)
    app.library.postpone(video.video_id, "me", "The disk is full.", lambda _: 300.0)
    app.close()
    (line,) = [line for line in run("status").out.splitlines() if "one.mp4" in line]
    assert re.fullmatch(
        r"waiting   one.mp4: The disk is full. It is tried again in (300|299) s.", line
    )
