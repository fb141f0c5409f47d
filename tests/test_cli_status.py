"""`status` beside the Add page, and `cancel`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bootstrap import App, open_app
from core.model import IndexState, Work
from core.settings import Settings
from pages.parts import additions
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw, until
from tests.test_cli import Run, films, run  # noqa: F401 - fixtures


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    """The app beside the command line, on the same folder."""
    opened = open_app(settings, encoder=ColourEncoder())
    yield opened
    opened.close()


def states(app: App) -> dict[str, IndexState]:
    return {video.name: video.state for video in app.library.videos()}


def test_status_has_the_speed_and_the_end_of_all_of_it(
    run: Run,  # noqa: F811
    app: App,
    films: Path,  # noqa: F811
) -> None:
    """One is half done at four times its speed, another waits: what the Add page says, too."""
    assert json.loads(run("status", "--json").out)["pace"] is None
    assert "speed " not in run("status").out
    for path in (films / "one.mp4", films / "more" / "two.mp4"):
        app.intake.add_file(path)
    video = app.library.claim("w", lease_s=60)
    assert video is not None
    work = Work("w", 4.0, 0.25, "decoding", "cpu")
    app.library.heartbeat(video.video_id, "w", progress=0.5, lease_s=60, work=work)
    lines = run("status").out.splitlines()
    words = "4.0 times real time in all, about 0:00.8 left, held up by decoding, on cpu"
    assert f"speed     {words}" in lines
    found = json.loads(run("status", "--json").out)["pace"]
    assert found == {
        "speed": 4.0, "left_s": pytest.approx(0.75), "bottlenecks": ["decoding"],
        "devices": ["cpu"],
    }  # fmt: skip
    running = app.library.overview.now()[1]
    shown = app.pace(running, app.library.overview.waiting_s)
    assert shown is not None
    assert shown.left_s == pytest.approx(found["left_s"])


def test_status_has_the_folders_that_the_page_adds(
    run: Run,  # noqa: F811
    app: App,
    films: Path,  # noqa: F811
) -> None:
    """That it waits for an answer, then what came of it."""
    (films / "bad.mp4").write_text("no film")
    asked = app.additions.ask(films)

    def says(words: str) -> bool:
        return f"folder    {films}: {words}" in run("status").out.splitlines()

    until(lambda: says("3 files, it waits for Begin on the Add page"), "it asks")
    app.additions.begin(asked.addition_id)
    until(lambda: says("done, 3 of 3 looked at, 2 new, 0 known, 1 cannot be used"), "it has ended")
    (found,) = json.loads(run("status", "--json").out)["folders"]
    assert (found["path"], found["state"], found["is_live"]) == (str(films), "done", True)
    assert (found["n_new"], found["failures"][0][0]) == (2, "bad.mp4")


def test_a_single_file_is_not_called_a_folder(run: Run, app: App, films: Path) -> None:  # noqa: F811
    """Whether it is there or not; and neither is a folder a file."""
    nowhere = {Path("/nope/films"): "folder", Path("/nope/film.mp4"): "file"}
    named = {films: "folder", films / "one.mp4": "file", **nowhere}
    for path in named:
        app.additions.ask(path)
    until(lambda: all(one.state != "looking" for one in app.additions.all()), "all are looked at")
    lines = run("status").out.splitlines()
    for path, kind in named.items():
        assert [line for line in lines if line.startswith(f"{kind:<9} {path}: ")]
        (one,) = [one for one in app.additions.all() if one.path == str(path)]
        assert additions._row(one)["kind"] == kind, "the picture on the Add page"
    found = json.loads(run("status", "--json").out)["folders"]
    assert {one["path"]: one["kind"] for one in found}[str(films / "one.mp4")] == "file"


def test_status_says_that_a_folder_was_broken_off(
    run: Run,  # noqa: F811
    app: App,
    films: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its app was killed, and nobody is at it."""
    app.additions.ask(films)
    until(lambda: [one.state for one, _ in app.additions.noted()] == ["asking"], "it asks")
    monkeypatch.setattr("core.ingest.owner.is_dead", lambda _: True)
    assert "broken off until the app starts again" in run("status").out


def test_a_copy_that_nobody_makes_waits_for_somebody(
    run: Run,  # noqa: F811
    app: App,
    films: Path,  # noqa: F811
) -> None:
    """`add` says of how many and by whom; `status` calls nothing copied unless a claim stands."""
    ran = run("add", draw(films / "three.mkv", "red"), films / "one.mp4")
    assert ran.status == 0
    said = ran.err.splitlines()[-1]
    assert said.startswith("1 video has no copy yet that browsers can play.")
    assert "`python -m core worker` makes one of it" in said
    waits = "to copy   three.mkv: waits for a copy that browsers can play, which the app or "
    assert waits in run("status").out
    assert app.library.claim_play("gone", lease_s=0) is not None
    assert waits in run("status").out, "its lease has run out"
    assert app.library.claim_play("w", lease_s=60) is not None
    assert "copying   three.mkv for browsers 0%" in run("status").out
    assert waits not in run("status").out


def test_a_copy_that_a_dead_process_made_waits(
    run: Run,  # noqa: F811
    app: App,
    films: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though its lease has not run out."""
    run("add", draw(films / "three.mkv", "red"))
    assert app.library.claim_play("w", lease_s=60) is not None
    monkeypatch.setattr("core.ingest.owner.is_dead", lambda _: True)
    assert "to copy   three.mkv: waits" in run("status").out
    assert "copying " not in run("status").out


def test_cancel_stops_what_is_named(run: Run, app: App, films: Path) -> None:  # noqa: F811
    """By id, file or folder; what is under way loses its claim, what is searchable stays."""
    run("add", films)
    under_way, waiting = films / "more" / "two.mp4", draw(films / "more" / "three.mp4", "red")
    for path in (under_way, waiting):
        app.intake.add_file(path)
    claimed = app.library.claim("w", lease_s=60)
    assert claimed is not None
    ran = run("cancel", claimed.video_id)
    assert (ran.status, ran.out, ran.err) == (0, "two.mp4: cancelled\n", "")
    assert not app.library.heartbeat(claimed.video_id, "w", progress=0.5, lease_s=60)
    ran = run("cancel", films)
    assert (ran.status, ran.out) == (0, "three.mp4: cancelled\n")
    ready, gone = IndexState.READY, IndexState.CANCELLED
    assert states(app) == {"one.mp4": ready, "two.mp4": gone, "three.mp4": gone}
    assert run("add", "-r", films).status == 0, "it is tried again when it is added again"
    assert set(states(app).values()) == {ready}


def test_cancel_all(run: Run, app: App, films: Path) -> None:  # noqa: F811
    """Everything that waits; nothing to do is no failure."""
    for path in (films / "one.mp4", films / "more" / "two.mp4"):
        app.intake.add_file(path)
    ran = run("cancel", "--all")
    assert ran.status == 0
    assert sorted(ran.out.splitlines()) == ["one.mp4: cancelled", "two.mp4: cancelled"]
    assert set(states(app).values()) == {IndexState.CANCELLED}
    again = run("cancel", "--all")
    assert (again.status, again.out) == (0, "")
    assert "nothing to stop" in again.err


def test_cancel_says_where_there_is_nothing_to_stop(run: Run, films: Path) -> None:  # noqa: F811
    """A video that is searchable: status 1; a name that is none: one sentence."""
    run("add", films)
    ran = run("cancel", films)
    assert (ran.status, ran.out) == (1, "")
    assert "nothing to stop" in ran.err
    assert "No video of the library has the id or the name nothing" in run("cancel", "nothing").err
    with pytest.raises(SystemExit):
        run("cancel")
