"""How commands take a video: by its id, which `status --videos` lists, or by a name of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ingest.conftest import draw
from tests.test_cli import Run, films, run  # noqa: F401 - fixtures


def listed(run: Run) -> dict[str, tuple[str, ...]]:  # noqa: F811
    """The lines of `status --videos`, by the id that each begins with."""
    lines = [line.split() for line in run("status", "--videos").out.splitlines()]
    return {first: tuple(rest) for first, *rest in lines}


def test_status_lists_the_videos(run: Run, films: Path) -> None:  # noqa: F811
    """Id, name, length and state, a line each: nothing else, and no `--json` beside it."""
    nothing = run("status", "--videos")
    assert (nothing.status, nothing.out) == (0, "")
    assert "python -m core add" in nothing.err
    run("add", "-r", films)
    videos = json.loads(run("status", "--json").out)["videos"]
    ids = {video["name"]: video["video_id"] for video in videos}
    assert listed(run) == {
        ids["one.mp4"]: ("one.mp4", "0:02.0", "ready"),
        ids["two.mp4"]: ("two.mp4", "0:02.0", "ready"),
    }
    with pytest.raises(SystemExit):
        run("status", "--videos", "--json")


@pytest.mark.parametrize("command", ["reindex", "cancel"])
def test_who_names_no_video_is_told_where_they_are_listed(
    run: Run,  # noqa: F811
    films: Path,  # noqa: F811
    command: str,
) -> None:
    """In the sentence that refuses it."""
    run("add", films)
    assert "`python -m core status --videos` lists what is there" in run(command, "nothing").err


def test_videos_are_indexed_again_by_name(run: Run, films: Path) -> None:  # noqa: F811
    """Wherever the command is run; where two have the name, neither is, and it says why."""
    run("add", "-r", films)
    ran = run("reindex", "one.mp4")
    assert (ran.status, ran.out) == (0, "one.mp4: indexed again, 2 clips\n")
    draw(films / "more" / "one.mp4", "white")
    run("add", "-r", films)
    ran = run("reindex", "one.mp4")
    assert (ran.status, ran.out) == (1, "")
    assert "2 videos have the name one.mp4" in ran.err


def test_a_name_does_where_one_video_has_it(run: Run, films: Path) -> None:  # noqa: F811
    """The same answer as by the id, for `similar`, `--like`, `--video` and thumbs."""
    run("add", "-r", films)
    by_name = {rest[0]: video_id for video_id, rest in listed(run).items()}
    everything = ("--floor", "0", "--json")
    by_id = run("similar", f"{by_name['two.mp4']}@1", *everything).out
    thumbs = [
        run("search", "red", "--liked", f"{said}@1", "--disliked", f"{said}@0", *everything).out
        for said in (by_name["two.mp4"], "two.mp4")
    ]
    assert thumbs[0] == thumbs[1] != run("search", "red", *everything).out
    assert by_name["one.mp4"] in {one["video_id"] for one in json.loads(by_id)}
    for said in (by_name["two.mp4"], "two.mp4"):
        ran = run("similar", f"{said}@0:01", *everything)
        assert (ran.status, ran.out) == (0, by_id), ran.err
        like = run("search", "--like", f"{said}@1", *everything)
        within = run("search", "red", "--video", said, *everything)
        assert like.out == by_id
        assert {one["video_id"] for one in json.loads(within.out)} == {by_name["two.mp4"]}


def test_a_name_that_does_not_tell_which_is_refused(run: Run, films: Path) -> None:  # noqa: F811
    """Two have it, or none: one sentence, which says where ids are."""
    draw(films / "more" / "one.mp4", "white")
    run("add", "-r", films)
    for said, words in (("one.mp4", "2 videos have the name"), ("gone", "No video has the id")):
        ran = run("similar", f"{said}@1")
        assert (ran.status, ran.out) == (1, "")
        assert words in ran.err
        assert "`python -m core status --videos`" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_second_beyond_the_end_is_said_to_be(run: Run, films: Path) -> None:  # noqa: F811
    """Waiting would not help."""
    run("add", films)
    ran = run("similar", "one.mp4@1:05")
    assert (ran.status, ran.out) == (1, "")
    assert "65 s is beyond the end of this video" in ran.err
    assert "which has 2.0 s" in ran.err
    assert "Wait" not in ran.err


def test_the_home_of_nobody_is_said(run: Run, films: Path) -> None:  # noqa: F811
    """Unless a video is called so."""
    run("add", films / "one.mp4")
    no_one = run("cancel", "~no-one")
    assert (no_one.status, no_one.out) == (1, "")
    assert no_one.err.startswith("There is no user 'no-one'")
    draw(films / "~no-one.mp4", "white")
    assert run("add", films / "~no-one.mp4").status == 0
    assert run("reindex", "~no-one.mp4").status == 0
