"""Finding files, and what the operating system may refuse."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import DiskFullError, IngestError, MediaError, NotAVideoError
from core.ingest import files, finding


def test_folders_are_searched_to_their_depth(tmp_path: Path) -> None:
    """Videos by their ending, sorted, hidden ones left out; a named file whatever it is, once."""
    for name in ("b.mp4", "a.MKV", "deep/er/c.webm", "notes.txt", ".hidden.mp4", ".trash/d.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = finding.find([tmp_path, tmp_path / "notes.txt", tmp_path / "b.mp4"]).files
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["a.MKV", "b.mp4", "deep/er/c.webm", "notes.txt"]


def test_our_own_folder_is_not_searched(tmp_path: Path) -> None:
    """Uploads, copies and caches that lie below a folder that is added are not videos to add."""
    data = tmp_path / "library" / "reelseek"
    for path in (tmp_path / "a.mp4", data / "videos" / "b.mp4", data / "proxies" / "c.mp4"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    link = tmp_path.with_name(f"{tmp_path.name} linked")
    link.symlink_to(data)
    assert finding.find([tmp_path], but_not=link).files == [tmp_path / "a.mp4"]
    assert finding.find([tmp_path], but_not=data).files == [tmp_path / "a.mp4"]
    assert finding.find([data, data / "videos", link], but_not=data).files == []
    assert len(finding.find([tmp_path], but_not=tmp_path / "not there").files) == 3


def test_a_path_without_anything_is_said(tmp_path: Path) -> None:
    """A wrong path has a sentence, and keeps nothing else out."""
    (tmp_path / "a.mp4").touch()
    found = finding.find([tmp_path / "gone", tmp_path])
    assert found.files == [tmp_path / "a.mp4"]
    assert list(found.refused) == [tmp_path / "gone"]
    assert "There is nothing at" in found.refused[tmp_path / "gone"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("~nobody at all/a.mp4", "no user 'nobody at all'"), ("a\0b", "cannot be the path of a file")],
)
def test_a_path_that_cannot_be_is_said(tmp_path: Path, path: str, sentence: str) -> None:
    """The home folder of nobody, and a name with the character that ends names."""
    (tmp_path / "a.mp4").touch()
    found = finding.find([Path(path), tmp_path])
    assert found.files == [tmp_path / "a.mp4"]
    (said,) = found.refused.values()
    assert sentence in said


def test_a_file_may_be_called_as_a_home_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shells hand on what lies in this folder without a way to it."""
    monkeypatch.chdir(tmp_path)
    Path("~no-one.mp4").absolute().touch()
    assert finding.find([Path("~no-one.mp4")]).files == [tmp_path / "~no-one.mp4"]


def test_what_no_file_can_be_called_is_refused() -> None:
    """In words, wherever it came from."""
    with pytest.raises(MediaError, match="cannot be the path of a file"):
        files.check(Path("a\0b"))


def test_a_folder_that_cannot_be_read_keeps_nothing_else_out(
    tmp_path: Path, forbid: Callable[[Path], None]
) -> None:
    """Each has a sentence with its path, whether it was named, lies deep, or bars the way."""
    for name in ("a.mp4", "deep/b.mp4", "deep/er/c.mp4", "shut/d.mp4", "z.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    forbid(tmp_path / "deep" / "er")
    forbid(tmp_path / "shut")
    found = finding.find([tmp_path, tmp_path / "shut" / "d.mp4"])
    assert found.files == [tmp_path / "a.mp4", tmp_path / "z.mp4", tmp_path / "deep" / "b.mp4"]
    names = ("deep/er", "shut", "shut/d.mp4")
    assert set(found.refused) == {tmp_path / name for name in names}
    for path, sentence in found.refused.items():
        assert str(path) in sentence
        assert "Permission denied" in sentence
    assert finding.find([tmp_path / "shut"]).files == []


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    """A folder that links to itself is searched once."""
    (tmp_path / "a.mp4").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert finding.find([tmp_path]).files == [tmp_path / "a.mp4"]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe (which would block for ever) and what is not there."""
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path, tmp_path / "pipe.mp4"):
        with pytest.raises(NotAVideoError, match="is no file"):
            files.check(path)
    with pytest.raises(MediaError, match="cannot be read"):
        files.check(tmp_path / "gone.mp4")


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 cannot be stored as a path; the sentence can be printed."""
    path = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    path.touch()
    with pytest.raises(MediaError, match="Rename the file") as caught:
        files.check(path)
    str(caught.value).encode("utf-8")


def test_a_move_replaces_nothing_halfway(tmp_path: Path) -> None:
    """The folder is made, the source is gone, the bytes are there."""
    source, target = tmp_path / "part", tmp_path / "videos" / "a.mp4"
    source.write_bytes(b"film")
    files.move(source, target)
    assert target.read_bytes() == b"film"
    assert not source.exists()


def test_a_move_to_another_disk_copies(tmp_path: Path) -> None:
    """As when a person linked the videos folder to a larger disk."""
    other = Path("/dev/shm")  # noqa: S108 - any second file system will do
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here to move to")
    source, target = tmp_path / "part", other / f"reelseek-test-{os.getpid()}"
    source.write_bytes(b"film")
    try:
        files.move(source, target)
        assert target.read_bytes() == b"film"
        assert not source.exists()
        assert list(other.glob(f"{target.name}*")) == [target]
    finally:
        target.unlink(missing_ok=True)


def test_a_full_disk_and_a_closed_folder_have_their_own_sentences(tmp_path: Path) -> None:
    """One says to make room, the other to allow writing."""
    full = files.unwritable(tmp_path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert isinstance(full, DiskFullError)
    assert "Free some space" in str(full)
    in_the_way = tmp_path / "videos"
    in_the_way.touch()  # a file where the folder belongs: holds for root, too
    (tmp_path / "part").touch()
    with pytest.raises(IngestError, match="cannot be written to"):
        files.move(tmp_path / "part", in_the_way / "a.mp4")
