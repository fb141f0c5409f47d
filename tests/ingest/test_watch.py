"""What a watch tells of: files that have become whole, folders that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.ingest.finding import find
from core.ingest.watch import Watch


def a_watch(*paths: Path) -> Watch:
    return Watch(lambda: find(paths), stable_s=5.0)


def test_a_file_is_told_of_once_it_is_whole(tmp_path: Path) -> None:
    """Not while it grows, not while it is empty, once; and again when it has changed."""
    film, watch = tmp_path / "a.mp4", a_watch(tmp_path)
    film.touch()
    assert [watch.look(now_s).files for now_s in (0, 9)] == [[], []], "it is empty"
    film.write_bytes(b"some")
    assert [watch.look(now_s).files for now_s in (10, 14)] == [[], []]
    film.write_bytes(b"some more")
    assert [watch.look(now_s).files for now_s in (16, 20)] == [[], []], "it grew"
    assert [watch.look(now_s).files for now_s in (21, 22, 99)] == [[film], [], []]
    film.write_bytes(b"else")
    assert [watch.look(now_s).files for now_s in (100, 105)] == [[], [film]]


def test_a_folder_that_cannot_be_read_is_told_of_and_hides_no_other(
    tmp_path: Path, forbid: Callable[[Path], None]
) -> None:
    """Once; what lies beside it is seen, and when it is back, only what changed in it."""
    shut, beside = tmp_path / "shut", tmp_path / "beside"
    for folder in (shut, beside):
        folder.mkdir()
        (folder / "film.mp4").write_bytes(b"some")
    watch = a_watch(tmp_path)
    watch.ignore(find([tmp_path]))
    forbid(shut)
    (beside / "new.mp4").write_bytes(b"some")
    first = watch.look(0)
    assert list(first.refused) == [shut]
    assert "Permission denied" in first.refused[shut]
    assert watch.look(5).files == [beside / "new.mp4"]
    assert watch.look(6).refused == {}, "told of already"
    shut.chmod(0o700)
    (shut / "new.mp4").write_bytes(b"some")
    assert [watch.look(now_s).files for now_s in (10, 15)] == [[], [shut / "new.mp4"]]
    shut.chmod(0)
    assert list(watch.look(16).refused) == [shut], "it is news again"


def test_a_folder_that_goes_away_is_told_of(tmp_path: Path) -> None:
    """A drive that is pulled out, and what is on it when it comes back."""
    drive, away = tmp_path / "drive", tmp_path / "away"
    drive.mkdir()
    (drive / "a.mp4").write_bytes(b"some")
    watch = a_watch(drive)
    watch.ignore(find([drive]))
    drive.rename(away)
    assert "There is nothing at" in watch.look(0).refused[drive]
    away.rename(drive)
    assert watch.look(1).refused == {}
    assert watch.look(9).files == [], "it is as it was"
