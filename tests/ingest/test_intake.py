"""Files come in: registered where they lie or adopted; recognised, refused, and let go again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App
from core.errors import (
    DatabaseAwayError,
    DiskFullError,
    LibraryError,
    MediaError,
    NotAVideoError,
)
from core.library.records import Added
from core.model import IndexState, PlayState
from tests.bad_files import BAD
from tests.ingest.conftest import draw, sha256

ROOT = Path(__file__).parents[2]


def upload(app: App, film: Path) -> Path:
    """The part that an upload of this film leaves in the incoming folder."""
    part = app.settings.incoming_folder / "0123.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(film.read_bytes())
    return part


def kept_files(app: App) -> list[str]:
    """Everything in the folders that Reelseek owns."""
    folders = (
        app.settings.videos_folder,
        app.settings.incoming_folder,
        app.settings.proxies_folder,
    )
    return sorted(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())


def test_a_file_is_registered_where_it_lies(app: App, films: Path) -> None:
    """With its facts and its hash; it waits, and nothing is copied."""
    path = draw(films / "a b.mp4", "red green")
    added = app.intake.add_file(path)
    video = added.video
    assert not added.already
    assert (video.name, video.path, video.state) == ("a b.mp4", str(path), IndexState.WAITING)
    assert video.content_sha256 == sha256(path)
    assert (video.facts.width_px, video.facts.height_px) == (64, 36)
    assert video.facts.duration_s == pytest.approx(2, abs=0.1)
    assert video.play_state is PlayState.DIRECT
    assert kept_files(app) == []


def test_what_browsers_cannot_play_wants_a_copy(app: App, films: Path) -> None:
    """H.264 in Matroska is indexed all the same."""
    video = app.intake.add_file(draw(films / "a.mkv", "red")).video
    assert (video.play_state, video.state) == (PlayState.WANTED, IndexState.WAITING)


def test_the_same_content_is_recognised(app: App, films: Path) -> None:
    """Under another name, by path or as an upload; the first stays, the upload's bytes go."""
    first = draw(films / "a.mp4", "red")
    video = app.intake.add_file(first).video
    copy = films / "copy.mp4"
    copy.write_bytes(first.read_bytes())
    again = app.intake.add_file(copy)
    uploaded = app.intake.adopt_upload(
        upload(app, first), name="up.mp4", content_sha256=sha256(first)
    )
    assert [again.already, uploaded.already] == [True, True]
    assert again.video == uploaded.video == video
    assert len(app.library.videos()) == 1
    assert kept_files(app) == []


def test_content_that_moved_is_found_again(app: App, films: Path) -> None:
    """The old file is gone: the video goes on with the new one."""
    old = draw(films / "a.mp4", "red")
    video = app.intake.add_file(old).video
    new = old.rename(films / "elsewhere.mp4")
    added = app.intake.add_file(new)
    assert added.already
    assert (added.video.video_id, added.video.path) == (video.video_id, str(new))


def test_adding_again_tries_again_what_was_cancelled(app: App, films: Path) -> None:
    """A person who adds a file wants it, whatever happened before."""
    path = draw(films / "a.mp4", "red")
    video = app.intake.add_file(path).video
    app.library.cancel(video.video_id)
    assert app.intake.add_file(path).video.state is IndexState.WAITING


def test_an_upload_becomes_a_file_of_ours(app: App, films: Path) -> None:
    """Under an id, never under the name that came with it."""
    film = draw(films / "a.mp4", "red")
    part = upload(app, film)
    added = app.intake.adopt_upload(part, name="../../Été.MP4", content_sha256=sha256(film))
    video = added.video
    assert not added.already
    assert video.name == "../../Été.MP4"
    assert kept_files(app) == [f"{video.video_id}.mp4"]
    assert video.path == str(app.settings.videos_folder / f"{video.video_id}.mp4")
    assert Path(video.path).read_bytes() == film.read_bytes()


def test_an_upload_replaces_a_lost_file_of_ours(app: App, films: Path) -> None:
    """The video was uploaded once, its file vanished: the new upload is kept in its place."""
    film = draw(films / "a.mp4", "red")
    first = app.intake.adopt_upload(upload(app, film), name="a.mp4", content_sha256=sha256(film))
    Path(str(first.video.path)).unlink()
    again = app.intake.adopt_upload(upload(app, film), name="b.mp4", content_sha256=sha256(film))
    assert (again.already, again.video.video_id) == (True, first.video.video_id)
    assert Path(str(again.video.path)).read_bytes() == film.read_bytes()


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_leaves_nothing_and_the_next_one_works(app: App, films: Path, kind: str) -> None:
    """By path and as an upload: one sentence, nothing stored, nothing left lying about."""
    bad = BAD[kind](films)
    with pytest.raises(MediaError) as by_path:
        app.intake.add_file(bad)
    with pytest.raises(MediaError):
        app.intake.adopt_upload(upload(app, bad), name=bad.name, content_sha256=sha256(bad))
    assert str(by_path.value).endswith(".")
    assert "Traceback" not in str(by_path.value)
    assert app.library.videos() == []
    assert kept_files(app) == []
    assert not app.intake.add_file(draw(films / "good.mp4", "red")).already


def test_an_id_of_ones_own(app: App, films: Path) -> None:
    """Taken as it is; what could be a path is refused; an id names one content."""
    path = draw(films / "a.mp4", "red")
    for wrong in ("", "../a", "a/b", "a.b", "-a", "x" * 65, "é"):
        with pytest.raises(LibraryError, match="cannot be the id"):
            app.intake.add_file(path, video_id=wrong)
    assert app.intake.add_file(path, video_id="my-film_1").video.video_id == "my-film_1"
    with pytest.raises(LibraryError, match="has the id my-film_1 already"):
        app.intake.add_file(draw(films / "b.mp4", "green"), video_id="my-film_1")


def test_a_folder_is_no_film(app: App, films: Path) -> None:
    """Named as a file, a folder is refused."""
    with pytest.raises(NotAVideoError):
        app.intake.add_file(films)


def test_deleting_removes_our_files_and_no_one_elses(app: App, films: Path) -> None:
    """The upload and the copies go; the person's own file stays."""
    own = draw(films / "own.mp4", "red")
    kept = app.intake.add_file(own).video
    film = draw(films / "b.mp4", "green")
    uploaded = app.intake.adopt_upload(
        upload(app, film), name="b.mp4", content_sha256=sha256(film)
    ).video
    app.settings.proxies_folder.mkdir(parents=True)
    for video in (kept, uploaded):
        app.intake.proxy_of(video).touch()
        app.intake.delete(video.video_id)
    assert kept_files(app) == []
    assert own.exists()
    assert app.library.videos() == []


def test_a_file_that_is_unchanged_is_not_read_again(
    app: App, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of thousands is looked through by names, sizes and dates."""
    path = draw(films / "a.mp4", "red")
    video = app.intake.add_file(path).video
    monkeypatch.setattr("core.ingest.files.sha256", lambda _: pytest.fail("it was read"))
    again = app.intake.add_file(path)
    assert (again.already, again.video) == (True, video)


def test_names_that_were_swapped(app: App, films: Path) -> None:
    """Both videos keep their ids and what was indexed; each is found at its new name."""
    a, b = draw(films / "a.mp4", "red"), draw(films / "b.mp4", "green")
    first, second = (app.intake.add_file(path).video for path in (a, b))
    a.rename(films / "c.mp4")
    b.rename(a)
    (films / "c.mp4").rename(b)
    assert all(app.intake.add_file(path).already for path in (a, b))
    assert app.library.video(first.video_id).path == str(b)
    assert app.library.video(second.video_id).path == str(a)


def test_new_content_in_the_place_of_a_file(app: App, films: Path) -> None:
    """An edited film keeps its id and is indexed again; nothing of the old content is found."""
    path = draw(films / "a.mp4", "red")
    video_id = app.intake.add_file(path).video.video_id
    app.worker().drain([video_id])
    draw(path, "green blue")
    changed = app.intake.add_file(path)
    assert (changed.already, changed.video.video_id) == (False, video_id)
    assert (changed.video.state, changed.video.n_clips) == (IndexState.WAITING, 0)
    assert app.library.clips(video_id) == []
    app.worker().drain([video_id])
    assert len(app.library.clips(video_id)) == 2
    assert len(app.library.videos()) == 1


def test_new_content_has_no_copy_of_the_old(app: App, films: Path) -> None:
    """What was made for browsers of the old content is neither played nor kept."""
    path = draw(films / "a.mkv", "red")
    old = app.intake.add_file(path).video
    app.intake.proxy_of(old).parent.mkdir()
    app.intake.proxy_of(old).touch()
    draw(path, "green blue")
    new = app.intake.add_file(path).video
    assert new.video_id == old.video_id
    assert app.intake.proxy_of(new) != app.intake.proxy_of(old)
    assert kept_files(app) == []


KILLED_WHILE_IT_TAKES_AN_UPLOAD = """
import os, signal, sys
import signal
import subprocess
import sys
from pathlib import Path
from core.bootstrap import open_app
from core.settings import Settings
from tests.fakes import ColourEncoder

app = open_app(Settings(data=Path(sys.argv[1])), encoder=ColourEncoder())
part, sha256, when = Path(sys.argv[2]), sys.argv[3], sys.argv[4]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if when == "before the move":
    import core.ingest.files as files
    files.move = die
elif when == "before it is registered":
    app.library.add_video = die
elif when == "in deleting":
    video = app.intake.adopt_upload(part, name="a.mp4", content_sha256=sha256).video
    app.intake._own.remove = die
    app.intake.delete(video.video_id)
app.intake.adopt_upload(part, name="holiday.mp4", content_sha256=sha256)
"""


@pytest.mark.parametrize(
    ("when", "n_videos"),
    [("before the move", 0), ("before it is registered", 1), ("in deleting", 0)],
)
def test_a_kill_in_the_middle_of_an_upload(app: App, films: Path, when: str, n_videos: int) -> None:
    """What is in the folder is registered, and what is registered is in the folder."""
    film = draw(films / "a.mp4", "red")
    part = upload(app, film)
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_IT_TAKES_AN_UPLOAD,
         str(app.settings.data), str(part), sha256(film), when],
        cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    app.intake.mend()
    part.unlink(missing_ok=True)  # its own sweep, by age, is the web's
    videos = app.library.videos()
    assert kept_files(app) == [f"{video.video_id}.mp4" for video in videos]
    assert [video.name for video in videos] == ["holiday.mp4"] * n_videos
    app.intake.mend()
    assert len(app.library.videos()) == n_videos


def test_mending_waits_for_what_passes(
    app: App, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the database away or the disk full, an upload that was whole stays for the next time."""
    film = draw(films / "a.mp4", "red")
    _killed_before_it_is_registered(app, film)
    add_video = app.library.add_video
    for error in (DatabaseAwayError("It is away."), DiskFullError("It is full.")):
        monkeypatch.setattr(app.library, "add_video", _raising(error))
        with suppress(DatabaseAwayError):
            assert app.intake.mend() == []
        assert any(name.endswith(".mp4") for name in kept_files(app)), error
    monkeypatch.setattr(app.library, "add_video", add_video)
    (video,) = app.intake.mend()
    assert kept_files(app) == [f"{video.video_id}.mp4"]


def test_mending_drops_what_is_no_video(app: App, films: Path) -> None:
    """An upload that is found to be damaged goes, with its note."""
    _killed_before_it_is_registered(app, draw(films / "a.mp4", "red"))
    (whole,) = app.settings.videos_folder.glob("*.mp4")
    whole.write_text("no film")
    assert app.intake.mend() == []
    assert kept_files(app) == []


def test_an_upload_stays_where_the_database_went_away(
    app: App, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it was registered; what is registered must not lose its file."""
    film = draw(films / "a.mp4", "red")
    add_video = app.library.add_video

    def add_and_vanish(*args: Any, **kwargs: Any) -> Added:
        add_video(*args, **kwargs)
        raise DatabaseAwayError("It went away before it answered.")

    monkeypatch.setattr(app.library, "add_video", add_and_vanish)
    with pytest.raises(DatabaseAwayError):
        app.intake.adopt_upload(upload(app, film), name="a.mp4", content_sha256=sha256(film))
    (video,) = app.library.videos()
    assert Path(str(video.path)).read_bytes() == film.read_bytes()


def test_an_own_file_that_was_written_again_is_still_the_videos(app: App, films: Path) -> None:
    """As when the data folder is put back from a backup: the same content by path moves nothing."""
    film = draw(films / "a.mp4", "red")
    video = app.intake.adopt_upload(
        upload(app, film), name="a.mp4", content_sha256=sha256(film)
    ).video
    os.utime(str(video.path), (0, 0))
    added = app.intake.add_file(film)
    assert (added.already, added.video.path) == (True, video.path)
    assert kept_files(app) == [f"{video.video_id}.mp4"]


@pytest.mark.parametrize("by_upload", [False, True])
def test_an_own_file_goes_when_another_takes_its_place(
    app: App, films: Path, monkeypatch: pytest.MonkeyPatch, *, by_upload: bool
) -> None:
    """It holds something else by now: the video goes on with the right file, ours does not stay.

    Also where a kill comes between the two.
    """
    film = draw(films / "a.mp4", "red")
    first = app.intake.adopt_upload(
        upload(app, film), name="a.mp4", content_sha256=sha256(film)
    ).video
    Path(str(first.path)).write_text("scribbled over")
    with monkeypatch.context() as killed:
        killed.setattr("core.ingest.files.remove", lambda _: None)  # neither file nor note goes
        killed.setattr("core.ingest.owner.new_name", lambda: "")
        if by_upload:
            app.intake.adopt_upload(upload(app, film), name="a.mkv", content_sha256=sha256(film))
        else:
            app.intake.add_file(film)
    (app.settings.incoming_folder / "0123.part").unlink(missing_ok=True)
    (note,) = app.settings.videos_folder.glob(".*.note")
    os.utime(note, (0, 0))
    app.intake.mend()
    (video,) = app.library.videos()
    assert Path(str(video.path)).read_bytes() == film.read_bytes()
    assert kept_files(app) == ([f"{first.video_id}.mkv"] if by_upload else [])


def _killed_before_it_is_registered(app: App, film: Path) -> None:
    part = upload(app, film)
    subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_IT_TAKES_AN_UPLOAD,
         str(app.settings.data), str(part), sha256(film), "before it is registered"],
        cwd=ROOT, check=False,
    )  # fmt: skip
    part.unlink(missing_ok=True)
    assert len(kept_files(app)) == 2, "the file and its note"


def _raising(error: Exception) -> Callable[..., Any]:
    def act(*_: Any, **__: Any) -> Any:
        raise error

    return act
