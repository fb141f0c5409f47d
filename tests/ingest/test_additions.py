"""Folders that are added beside whoever asked: looked at, begun, stopped, resumed."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.bootstrap import App, open_app
from core.errors import DatabaseAwayError, IngestError
from core.ingest import addition, additions, journal
from core.ingest.addition import Addition, Notes
from core.model import IndexState
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw, until


@pytest.fixture
def folder(films: Path) -> Path:
    """Three films, one of them a second time, and a file that is none."""
    for colour in ("red", "green", "blue"):
        draw(films / f"{colour}.mp4", colour)
    shutil.copy(films / "red.mp4", films / "twice.mp4")
    (films / "words.mp4").write_text("no film")
    return films


def one(app: App) -> Addition:
    (found,) = app.additions.all()
    return found


def is_at(app: App, state: str) -> None:
    until(lambda: one(app).state == state, f"{state}, not {one(app)}")


def test_a_folder_is_counted_then_asks_then_is_added(app: App, folder: Path) -> None:
    """Nothing comes in before it is begun; then each file is new, known, or has a sentence."""
    asked = app.additions.ask(folder)
    is_at(app, "asking")
    found = one(app).preflight
    assert found is not None
    assert (found.n_files, found.n_new, found.n_bad) == (5, 5, 1)
    assert app.library.videos() == []
    app.additions.begin(asked.addition_id)
    is_at(app, "done")
    done = one(app)
    assert (done.n_files, done.n_seen, done.n_new, done.n_known, done.n_failed) == (5, 5, 3, 1, 1)
    assert done.failures[0][0] == "words.mp4"
    assert "not a video" in done.failures[0][1]
    assert {video.state for video in app.library.videos()} == {IndexState.WAITING}
    app.additions.dismiss(asked.addition_id)
    assert app.additions.all() == []


def test_another_process_sees_how_far_it_is(
    app: App, again: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`status` and the app have nothing in common but the data folder."""
    monkeypatch.setattr(additions, "_NOTED_EVERY_S", 0.0)
    assert again.additions.noted() == []
    gate = Gate(app, 2)
    asked = app.additions.ask(folder)
    is_at(app, "asking")
    until(lambda: [one.state for one, _ in again.additions.noted()] == ["asking"], "it is noted")
    app.additions.begin(asked.addition_id)
    assert gate.reached.wait(60)
    ((seen, is_live),) = again.additions.noted()
    assert (seen.path, seen.state, seen.n_files, is_live) == (str(folder), "adding", 5, True)
    assert (seen.n_seen, seen.n_new) == (2, 2)
    monkeypatch.setattr("core.ingest.owner.is_dead", lambda _: True)
    assert [is_live for _, is_live in again.additions.noted()] == [False]
    gate.opened.set()
    is_at(app, "done")


def test_what_waited_for_an_answer_asks_again_after_a_kill(
    app: App, again: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is added until somebody says so."""
    app.additions.ask(folder)
    is_at(app, "asking")
    until(lambda: [one.state for one, _ in again.additions.noted()] == ["asking"], "it is noted")
    monkeypatch.setattr("core.ingest.owner.is_dead", lambda _: True)
    again.additions.resume()
    until(lambda: one(again).preflight is not None, "it was counted again")
    assert one(again).state == "asking"
    assert again.library.videos() == []
    again.additions.stop(one(again).addition_id)
    until(lambda: again.additions.all() == [], "it is gone")


def test_one_file_is_added_without_a_question(app: App, folder: Path) -> None:
    """There is nothing to weigh up."""
    app.additions.ask(folder / "red.mp4")
    is_at(app, "done")
    assert [video.name for video in app.library.videos()] == ["red.mp4"]


def test_what_cannot_be_added_at_all_says_so(app: App, tmp_path: Path) -> None:
    """A path that leads nowhere, and a folder without videos, are failures in words."""
    (tmp_path / "empty").mkdir()
    for path, words in ((tmp_path / "nowhere", "nothing at"), (tmp_path / "empty", "no videos in")):
        asked = app.additions.ask(path)
        is_at(app, "failed")
        assert words in str(one(app).error)
        app.additions.dismiss(asked.addition_id)


class Gate:
    """Lets so many files into the library, and then none until it is opened."""

    def __init__(self, app: App, n_free: int) -> None:
        self.opened, self.reached = threading.Event(), threading.Event()
        self._n, self._add = n_free, app.library.add_video
        app.library.add_video = self._held  # type: ignore[method-assign]

    def _held(self, *args: object, **more: object) -> object:
        self._n -= 1
        if self._n < 0:
            self.reached.set()
            assert self.opened.wait(60)
        return self._add(*args, **more)  # type: ignore[arg-type]


def test_stopping_keeps_what_came_in(app: App, folder: Path) -> None:
    """The file that is being read is finished; the rest stays out."""
    gate = Gate(app, 1)
    asked = app.additions.ask(folder)
    is_at(app, "asking")
    app.additions.begin(asked.addition_id)
    assert gate.reached.wait(60)
    app.additions.stop(asked.addition_id)
    gate.opened.set()
    is_at(app, "stopped")
    assert (one(app).n_seen, len(app.library.videos())) == (2, 2)


def test_what_is_not_wanted_after_all_leaves_nothing(app: App, folder: Path) -> None:
    """To say no to the question is the end of it, also after a restart."""
    asked = app.additions.ask(folder)
    is_at(app, "asking")
    app.additions.stop(asked.addition_id)
    until(lambda: app.additions.all() == [], "it is gone")
    assert list(app.settings.additions_folder.iterdir()) == []


@pytest.fixture
def again(app: App, settings: Settings) -> Iterator[App]:
    """The app of the next start, on the same folder."""
    opened = open_app(settings, encoder=ColourEncoder())
    yield opened
    opened.close()


def test_the_next_start_goes_on(
    app: App, again: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came in before counts as new and is not touched again; the rest follows."""
    gate = Gate(app, 1)
    asked = app.additions.ask(folder)
    is_at(app, "asking")
    app.additions.begin(asked.addition_id)
    assert gate.reached.wait(60)
    (first,) = app.library.videos()
    app.library.cancel(first.video_id)
    again.additions.resume()
    assert again.additions.all() == [], "its owner lives"
    closing = threading.Thread(target=app.additions.close)
    closing.start()
    until(app.additions._closing.is_set, "it closes")
    gate.opened.set()
    closing.join()
    monkeypatch.setattr("core.ingest.owner.is_dead", lambda _: True)
    again.additions.resume()
    is_at(again, "done")
    done = one(again)
    assert (done.n_seen, done.n_new, done.n_known, done.n_failed) == (5, 3, 1, 1)
    assert again.library.video(first.video_id).state is IndexState.CANCELLED


def test_a_start_on_a_full_disk_goes_on(
    app: App, again: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app starts, though not even a note can be written; what was broken off is looked at."""
    app.additions.ask(folder)
    is_at(app, "asking")
    until(lambda: [one.state for one, _ in again.additions.noted()] == ["asking"], "it is noted")
    monkeypatch.setattr("core.ingest.owner.is_dead", lambda _: True)
    monkeypatch.setattr(addition, "write_safely", full)
    again.additions.resume()
    is_at(again, "asking")


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_note_that_cannot_be_removed_does_not_keep_its_row(
    app: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was stopped or dismissed."""
    asked = app.additions.ask(folder)
    is_at(app, "asking")

    def shut(path: Path) -> None:
        raise IngestError(f"{path.parent} cannot be written to.")

    monkeypatch.setattr(addition.files, "remove", shut)
    app.additions.stop(asked.addition_id)
    until(lambda: app.additions.all() == [], "it is gone")
    asked = app.additions.ask(folder / "red.mp4")
    is_at(app, "done")
    app.additions.dismiss(asked.addition_id)
    assert app.additions.all() == []


def test_two_who_write_a_note_at_once_do_not_disturb_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two processes do that begin where a third was killed: the last one's stays."""
    path = tmp_path / "a.json"
    sync = os.fsync

    def meanwhile(opened: int) -> None:
        sync(opened)
        monkeypatch.setattr(journal.os, "fsync", sync)
        journal.write_safely(path, "another's")

    monkeypatch.setattr(journal.os, "fsync", meanwhile)
    journal.write_safely(path, "ours")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.json": "ours"}


@pytest.mark.parametrize("reads", ["additions", "journal"])
def test_what_killed_writers_of_notes_left_behind_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: str
) -> None:
    """Not what somebody may still be writing, nor an upload that is being copied."""
    with monkeypatch.context() as killed:
        killed.setattr(journal.os, "fsync", full)
        killed.setattr(Path, "unlink", lambda *_, **__: None)
        for name in ("a.json", ".b.note"):
            with pytest.raises(OSError, match="No space"):
                journal.write_safely(tmp_path / name, "{}")
    assert len(list(tmp_path.iterdir())) == 2
    copied, young = tmp_path / "film.mp4.part", tmp_path / "c.0123abcd.part"
    copied.touch()
    for path in tmp_path.iterdir():
        os.utime(path, (time.time() - 2 * 3600,) * 2)
    young.touch()
    notes = journal.Journal(tmp_path).broken_off() if reads == "journal" else Notes(tmp_path).read()
    assert list(notes) == []
    assert set(tmp_path.iterdir()) == {copied, young}


def test_what_has_ended_is_known_after_a_restart(
    app: App, again: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all its counts; a day later it is gone by itself."""
    app.additions.ask(folder / "blue.mp4")
    is_at(app, "done")
    ended = one(app)
    until(lambda: dict(read(app)).get(ended) is not None, "the note says so")
    monkeypatch.setattr("core.ingest.owner.is_dead", lambda _: True)
    again.additions.resume()
    assert again.additions.all() == [ended]
    old = replace(ended, asked_at=ended.asked_at.replace(year=2001))
    Notes(app.settings.additions_folder).write(old, "somebody")
    assert read(app) == []


def read(app: App) -> list[tuple[Addition, str]]:
    return list(Notes(app.settings.additions_folder).read())


def test_a_database_that_is_away_is_waited_for(
    app: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile the sentence stands there; nobody has to ask again."""
    is_away = True
    add_video = app.library.add_video

    def add(*args: object, **more: object) -> object:
        if is_away:
            raise DatabaseAwayError("The server cannot be reached.")
        return add_video(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(app.library, "add_video", add)
    app.additions.ask(folder / "red.mp4")
    until(lambda: one(app).error == "The server cannot be reached.", "it says why it waits")
    is_away = False
    is_at(app, "done")
    assert (one(app).n_new, one(app).error) == (1, None)


def test_a_folder_that_cannot_be_read_keeps_nothing_else_out(
    app: App, folder: Path, forbid: Callable[[Path], None]
) -> None:
    """It has its sentence beside the question, and beside what came in."""
    (folder / "shut").mkdir()
    forbid(folder / "shut")
    asked = app.additions.ask(folder)
    is_at(app, "asking")
    assert (one(app).n_files, one(app).n_failed) == (6, 1)
    app.additions.begin(asked.addition_id)
    is_at(app, "done")
    done = one(app)
    assert (done.n_seen, done.n_new, done.n_known, done.n_failed) == (6, 3, 1, 2)
    name, sentence = done.failures[0]
    assert name == "shut"
    assert str(folder / "shut") in sentence
    assert "Permission denied" in sentence


def test_a_question_that_is_answered_with_no_leaves_nothing_of_a_refused_folder(
    app: App, folder: Path, forbid: Callable[[Path], None]
) -> None:
    """Nothing was added, so nothing is to be told."""
    (folder / "shut").mkdir()
    forbid(folder / "shut")
    asked = app.additions.ask(folder)
    is_at(app, "asking")
    app.additions.stop(asked.addition_id)
    until(lambda: app.additions.all() == [], "it is gone")


@pytest.mark.parametrize("path", ["~no-one/films", "films\0"])
def test_a_path_that_cannot_be_has_its_sentence(app: App, path: str) -> None:
    """It is no fault of Reelseek's, and stands in its row."""
    app.additions.ask(Path(path))
    is_at(app, "failed")
    error = str(one(app).error)
    assert "no user 'no-one'" in error or "cannot be the path of a file" in error


def test_a_folder_that_cannot_be_read_at_all(
    app: App, folder: Path, forbid: Callable[[Path], None]
) -> None:
    """The sentence says that, not that there are no videos."""
    forbid(folder)
    app.additions.ask(folder)
    is_at(app, "failed")
    assert "Permission denied" in str(one(app).error)
