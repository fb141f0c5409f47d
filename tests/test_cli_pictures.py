"""The picture that a search names by its path: a file, of a size that is read, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from core import bootstrap
from core.bootstrap import App
from core.cli.mcp_search import MomentSearch
from core.errors import MediaError
from core.settings import from_environment
from tests.test_cli import Run, films, run  # noqa: F401 - fixtures

MOST_BYTES = 64 * 2**20


@pytest.fixture
def app(run: Run, films: Path) -> Iterator[App]:  # noqa: F811
    """The library behind both ways in."""
    assert run("add", films).status == 0
    app = bootstrap.open_app(from_environment())
    yield app
    app.close()


def picture(folder: Path, n_bytes: int) -> Path:
    """A red PNG, of so many bytes by what nobody reads of it."""
    path = folder / "red.png"
    Image.new("RGB", (64, 36), "red").save(path)
    os.truncate(path, n_bytes)
    return path


def fifo(folder: Path) -> Path:
    path = folder / "pipe.png"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: picture(folder, MOST_BYTES + 1), "has more than the 64 MB"),
        (lambda folder: picture(folder, 40 * 10**9), "has more than the 64 MB"),
        (lambda folder: folder, "is no file"),
        (fifo, "is no file"),
        (lambda _: Path("/dev/zero"), "is no file"),
        (lambda folder: folder / "gone.png", "cannot be read (No such file or directory)"),
    ],
    ids=["a byte too many", "a film", "a folder", "a pipe", "a device", "nothing"],
)
def test_what_is_no_picture_is_refused_unread(
    app: App, run: Run, tmp_path: Path, make: Callable[[Path], Path], words: str,  # noqa: F811
) -> None:  # fmt: skip
    """One sentence with its path, for the command line and for an assistant."""
    path = make(tmp_path)
    ran = run("search", "--image", path)
    assert (ran.status, ran.out) == (1, "")
    assert f"{path} {words}" in ran.err
    with pytest.raises(MediaError) as refused:
        MomentSearch(app).search_moments(image=str(path))
    assert f"{path} {words}" in str(refused.value)


def test_a_name_that_no_file_can_have_is_refused(app: App) -> None:
    """Which only an assistant can write."""
    with pytest.raises(MediaError, match=r"cannot be read .embedded null byte"):
        MomentSearch(app).search_moments(image="red.png\0")


def test_a_picture_as_large_as_is_read_is_searched_by(app: App, tmp_path: Path) -> None:
    """To the last byte."""
    path = picture(tmp_path, MOST_BYTES)
    found = MomentSearch(app).search_moments(image=str(path), floor=0.0)
    assert found["moments"][0]["best_s"] == 0
