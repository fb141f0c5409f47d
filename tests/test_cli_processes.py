"""The command line as processes with the real model: how they work beside each other, and end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import bootstrap
from core.model import IndexState
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.fakes import ColourEncoder
from tests.films import Film, draw_film, scenes
from tests.ingest.conftest import draw, until

ROOT = Path(__file__).parent.parent


@contextmanager
def process(
    *arguments: str, data: Path, model: Path = TINY_MODEL, **streams: object
) -> Iterator[subprocess.Popen[str]]:
    """`python -m core …`, killed at the end of the block if it still runs."""
    environment = {**os.environ, "REELSEEK_DATA": str(data), "REELSEEK_MODEL": str(model)}
    started = subprocess.Popen(
        [sys.executable, "-m", "core", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Tests that were started in the background ignore Ctrl+C, and would hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        **streams,
    )  # fmt: skip
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def test_the_real_model_end_to_end(tmp_path: Path, data_folder: Path) -> None:
    """A film is added and found as a person types it."""
    film = Film("one", scenes("red star/black, blue ring/gray", seconds_each=3), fps=8)
    path = draw_film(film, tmp_path)
    with process("add", str(path), data=data_folder) as adding:
        out, err = adding.communicate(timeout=60)
        assert (adding.returncode, out) == (0, "one.mp4: added, 2 clips\n"), err
    with process("search", "a blue ring", "-k", "1", data=data_folder) as searching:
        out, err = searching.communicate(timeout=60)
        assert searching.returncode == 0, err
        level, _, *found = out.split()
        assert (level, found) == ("strong", ["0:03.0-0:06.0", "one.mp4"])


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "parent"])
def test_the_worker_stops_when_told(tmp_path: Path, data_folder: Path, how: str) -> None:
    """By a signal, or when its parent's end closes its input; it did its work before, quietly."""
    app = bootstrap.open_app(Settings(data=data_folder), encoder=ColourEncoder())
    video_id = app.intake.add_file(draw(tmp_path / "a.mp4", "red")).video.video_id
    arguments = ["worker", "--with-parent"] if how == "parent" else ["worker"]
    with process(*arguments, data=data_folder, stdin=subprocess.PIPE) as worker:
        until(lambda: app.library.video(video_id).state is IndexState.READY, "indexed")
        if how == "parent":
            assert worker.stdin is not None
            worker.stdin.close()
            worker.stdin = None  # communicate() would flush it
        else:
            worker.send_signal(signal.Signals[how])
        assert worker.wait(20) == 0
        assert worker.stderr is not None
        assert "Traceback" not in worker.stderr.read()
    app.close()


def test_add_waits_for_what_a_worker_has_claimed(tmp_path: Path, data_folder: Path) -> None:
    """Beside a running worker, `add` neither does the work twice nor ends too soon."""
    paths = [draw(tmp_path / f"{n}.mp4", "red blue", seconds_each=n + 1) for n in range(3)]
    with (
        process("worker", data=data_folder, stdin=subprocess.DEVNULL),
        process("add", *map(str, paths), data=data_folder) as adding,
    ):
        out, err = adding.communicate(timeout=60)
        assert adding.returncode == 0, err
    assert out.splitlines() == [f"{n}.mp4: added, 2 clips" for n in range(3)]


def test_interrupting_add_gives_its_films_back(tmp_path: Path, data_folder: Path) -> None:
    """Ctrl+C: no trace, status 130; what was not finished waits for the next."""
    app = bootstrap.open_app(Settings(data=data_folder))
    path = draw(tmp_path / "a.mp4", "red blue", seconds_each=1500, fps=1)
    with process("add", str(path), data=data_folder, stdin=subprocess.DEVNULL) as adding:
        until(lambda: any(v.state is IndexState.INDEXING for v in app.library.videos()), "begun")
        adding.send_signal(signal.SIGINT)
        out, err = adding.communicate(timeout=60)
        assert (adding.returncode, out) == (130, ""), err
        assert "Traceback" not in err
    assert [video.state for video in app.library.videos()] == [IndexState.WAITING]
    app.close()


def test_a_reader_that_goes_away_is_no_error(data_folder: Path) -> None:
    """`… | head -0` ends it without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "REELSEEK_DATA": str(data_folder)}
    done = subprocess.run(
        [sys.executable, "-m", "core", "status"],
        cwd=ROOT, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_watching_adds_what_comes_until_it_is_interrupted(
    tmp_path: Path, data_folder: Path
) -> None:
    """A file that appears is indexed once it is whole; one that is renamed keeps its id."""
    folder = tmp_path / "camera"
    folder.mkdir()
    draw(folder / "first.mp4", "red")
    app = bootstrap.open_app(Settings(data=data_folder), encoder=ColourEncoder())
    with process("add", "--watch", str(folder), data=data_folder) as watching:
        until(lambda: app.library.counts()[0] == 1, "what was there")
        draw(tmp_path / "second.mp4", "green").rename(folder / "second.mp4")
        until(lambda: app.library.counts()[0] == 2, "what came")
        (folder / "second.mp4").rename(folder / "renamed.mp4")
        until(lambda: str(folder / "renamed.mp4") in app.library.known_paths(), "its new name")
        watching.send_signal(signal.SIGINT)
        out, err = watching.communicate(timeout=30)
    assert watching.returncode == 0, err
    assert "Traceback" not in err
    assert sorted(out.splitlines()) == [
        "first.mp4: added, 1 clip", "second.mp4: added, 1 clip",
        "second.mp4: already there, 1 clip",
    ]  # fmt: skip
    assert app.library.counts()[0] == 2
    app.close()


def test_serve_says_that_reelseek_uses_it_too(data_folder: Path) -> None:
    """And what undoes that, before the lines that do it; the README says the same beside them."""
    undone = "REELSEEK_DATABASE=embedded"
    with process("serve", "--port", "0", data=data_folder) as serving:
        assert serving.stdout is not None
        assert f"Reelseek itself then uses this server, too, unless {undone} is set" in (
            serving.stdout.readline()
        )
    section = (ROOT / "README.md").read_text("utf-8").partition("## Use it as an ApertureDB\n")[2]
    assert f"`{undone}`" in section.partition("\n## ")[0]
