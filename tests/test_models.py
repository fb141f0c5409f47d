"""From one model to another while the library is searched: both are real, each a tiny CLIP.

The first serves until one switch; there is a way back until its index is removed.
"""

from __future__ import annotations

import json
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App, open_app
from core.errors import LibraryError, WeightsMissingError
from core.model import IndexState, IndexStatus, SearchResult
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.ingest import imports
from tests.ingest.conftest import until
from tests.machine import Machine
from tests.test_cli_processes import process

SECOND_MODEL = TINY_MODEL.with_name("second_clip.pt")
FIRST, SECOND = "wf_embeddings_clip_video", "wf_embeddings_clip_video_2"
FILMS = (
    Film("one", scenes("red star/black, blue ring/gray, green cross/cyan", seconds_each=3), fps=8),
    Film("two", scenes("yellow circle/gray, pink triangle/brown", seconds_each=4), fps=8),
    Film("three", scenes("white square/black, orange ring/black", seconds_each=4), fps=8),
)
SHOWN = {"a red star": ("one.mp4", 0), "a pink triangle": ("two.mp4", 4)}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three films, of which a library has the first two to begin with."""
    folder = tmp_path_factory.mktemp("films")
    return [draw_film(film, folder) for film in FILMS]


Opener = Callable[..., App]


@pytest.fixture
def opener(data_folder: Path) -> Iterator[Opener]:
    """Opens the app on one library, as a process with these settings does."""
    opened: list[App] = []

    def opener(**settings: Any) -> App:
        opened.append(open_app(Settings(**{"data": data_folder, **settings})))
        return opened[-1]

    yield opener
    for app in opened:
        app.close()


@pytest.fixture
def filled(opener: Opener, films: list[Path]) -> App:
    """The app with two films that the first model has indexed."""
    app = opener(model=str(TINY_MODEL))
    add(app, *films[:2])
    return app


def add(app: App, *films: Path) -> list[str]:
    """Add films and index them for the index that serves."""
    ids = [app.intake.add_file(film).video.video_id for film in films]
    app.worker().drain(ids)
    return ids


def make(app: App) -> None:
    """Do what a worker does behind all else, until nothing is left."""
    worker = app.worker()
    while worker.index_next(threading.Event()):
        pass


def found(app: App) -> dict[str, SearchResult]:
    """What is found, without how long that took."""
    return {text: replace(app.searcher.search(text), took_s=0.0) for text in SHOWN}


def check_found(app: App) -> None:
    """The moment at the top is the one that was drawn."""
    for text, (name, start_s) in SHOWN.items():
        best = app.searcher.search(text).moments[0]
        assert best.name == name
        assert start_s - 0.5 <= best.span.start_s < start_s + 2


def standing(app: App) -> dict[str, IndexStatus]:
    """The indexes by name."""
    return {one.name: one for one in app.library.indexes.all()}


def test_the_whole_way(filled: App, opener: Opener, films: list[Path]) -> None:
    """Another model is named, made behind, switched to, gone back from, and removed."""
    before = found(filled)
    check_found(filled)
    app = opener(model=str(SECOND_MODEL))
    assert found(app) == before, "named, not made: the first goes on"
    make(app)
    assert found(app) == found(filled) == before, "made, not switched to"
    assert app.library.counts() == filled.library.counts()
    made = standing(app)[SECOND]
    assert (made.n_videos, made.is_whole, made.is_serving) == (2, True, False)
    assert (made.made_by.model, made.source) == ("second_clip", str(SECOND_MODEL))
    app.library.indexes.use(SECOND)
    for each in (app, filled):  # whatever model a process was started with
        assert each.encoder.info().model == "second_clip"
        assert each.library.counts() == (2, made.n_clips)
        check_found(each)
    (new,) = add(app, films[2])
    assert app.library.video(new).state is IndexState.READY
    assert app.searcher.search("an orange ring").moments[0].video_id == new
    app.library.indexes.use(FIRST, even_if_incomplete=True)
    assert found(app) == before
    app.worker().drain([new])
    assert app.searcher.search("an orange ring").moments[0].video_id == new
    with pytest.raises(LibraryError, match="would be made again at once"):
        app.models.remove(SECOND)
    app.library.indexes.use(SECOND)
    app.models.remove(FIRST)
    while app.library.indexes.remove_some():
        pass
    assert list(standing(app)) == [SECOND]
    check_found(app)
    alone = opener()  # no model is named any more: what serves decides
    assert alone.models.next() is None
    check_found(alone)


def test_a_new_video_comes_first_where_it_is_searched(
    filled: App, opener: Opener, films: list[Path]
) -> None:
    """While another index is made, a worker turns to what was added, then queues it there too."""
    app = opener(model=str(SECOND_MODEL))
    stop = threading.Event()
    working = threading.Thread(target=app.worker().run, args=[stop])
    working.start()
    try:
        new = app.intake.add_file(films[2]).video.video_id
        until(lambda: SECOND in standing(app) and standing(app)[SECOND].n_videos == 3, "three")
    finally:
        stop.set()
        working.join()
    assert app.library.video(new).state is IndexState.READY
    assert standing(app)[SECOND].is_whole
    assert app.library.index_name == FIRST


def test_work_behind_gives_way(
    filled: App, opener: Opener, films: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A video that is added stops the indexing for another model at once; that is done later."""
    app = opener(model=str(SECOND_MODEL))
    worker, encoder = app.worker(), app.models.next().encoder
    encode, is_called_away = encoder.encode_images, worker._is_called_away
    noticed = threading.Event()
    new: list[str] = []

    def while_one_is_added(images: Any) -> Any:
        new.append(app.intake.add_file(films[2]).video.video_id)
        assert noticed.wait(30)
        return encode(images)

    def called_away() -> bool:
        if is_called_away():
            noticed.set()
        return noticed.is_set()

    monkeypatch.setattr(encoder, "encode_images", while_one_is_added)
    monkeypatch.setattr(worker, "_is_called_away", called_away)
    assert worker.index_next(threading.Event())
    monkeypatch.undo()
    behind = app.library.at(SECOND)
    assert behind.counts() == (0, 0)
    assert {one.state for one in behind.unfinished()} == {IndexState.WAITING}
    worker.drain(new[:1])
    make(app)
    assert standing(app)[SECOND].n_videos == 3
    assert app.library.counts()[0] == 3


@pytest.mark.parametrize("lot", range(4))
def test_a_kill_in_the_middle_leaves_what_serves_whole(
    filled: App, opener: Opener, data_folder: Path, lot: int
) -> None:
    """After kill -9 of the one who makes it, search is as before; once made, nothing is doubled."""
    before = found(filled), imports.snapshot(filled)["videos"]
    wait_s = random.Random(f"kill {lot}").uniform(0.0, 0.8)
    with process("models", "make", data=data_folder, model=SECOND_MODEL) as making:
        until(lambda: SECOND in standing(filled) or making.poll() is not None, "begun")
        time.sleep(wait_s)  # the point is what is random
        making.kill()
        making.wait()
    assert (found(filled), imports.snapshot(filled)["videos"]) == before
    app = opener(model=str(SECOND_MODEL))
    make(app)
    assert standing(app)[SECOND].is_whole
    app.library.indexes.use(SECOND)
    check_found(app)
    rows = imports.rows(app)
    n_clips = sum(one.n_clips for one in standing(app).values())
    assert (rows["FindClip"], rows["FindDescriptor"]) == (n_clips, n_clips)
    app.models.remove(FIRST)
    while app.library.indexes.remove_some():
        pass
    assert imports.rows(app)["FindDescriptor"] == standing(app)[SECOND].n_clips
    check_found(app)


def test_a_kill_while_one_is_removed(filled: App, opener: Opener, data_folder: Path) -> None:
    """Any worker ends what was begun; the note about it outlives whoever wrote it."""
    app = opener(model=str(SECOND_MODEL))
    make(app)
    app.library.indexes.use(SECOND)
    app.models.remove(FIRST)  # and nobody does it: as killed right after
    with process("worker", data=data_folder, model=SECOND_MODEL):
        until(lambda: list(standing(app)) == [SECOND], "removed")
    assert imports.rows(app)["FindDescriptor"] == standing(app)[SECOND].n_clips
    check_found(app)


def test_the_command_line(filled: App, data_folder: Path) -> None:
    """`models` lists, makes, switches, goes back and removes; `status` says the same."""

    def run(*arguments: str, status: int = 0) -> str:
        with process(*arguments, data=data_folder, model=SECOND_MODEL) as running:
            out, err = running.communicate(timeout=60)
        assert running.returncode == status, err
        return out + err

    listed = run("models").splitlines()
    assert len(listed) == 1
    assert listed[0].startswith("* tiny_clip")
    assert "searches" in listed[0]
    made = run("models", "make").splitlines()
    assert made == run("models").splitlines()
    assert [line[0] for line in run("models").splitlines()] == ["*", " "]
    assert "complete" in run("models")
    said = run("models", "use", "second_clip")
    assert "second_clip searches now: 2 videos" in said
    assert f"models use {FIRST}" in said
    assert filled.library.index_name == SECOND
    about = json.loads(run("status", "--json"))
    assert [one["is_serving"] for one in about["indexes"]] == [False, True]
    assert "index   * second_clip" in run("status")
    run("models", "use", "tiny_clip")
    assert filled.library.index_name == FIRST
    assert "would be made again" in run("models", "drop", "second_clip", status=1)
    assert "is the index that serves" in run("models", "drop", "tiny_clip", status=1)
    assert "No index is called marengo" in run("models", "use", "marengo", status=1)
    run("models", "use", "second_clip")
    assert "tiny_clip is removed" in run("models", "drop", "tiny_clip")
    check_found(filled)


def test_the_weights_of_the_old_model_are_gone(
    opener: Opener, films: list[Path], tmp_path: Path, data_folder: Path
) -> None:
    """One sentence says so; the new index is made all the same, and searches once it serves."""
    lent = tmp_path / "lent" / "tiny_clip.pt"
    lent.parent.mkdir()
    shutil.copy(TINY_MODEL, lent)
    first = opener(model=str(lent))
    add(first, *films[:2])
    lent.rename(lent.with_name("elsewhere.pt"))
    app = opener(model=str(SECOND_MODEL))
    check_found(app)  # the very same file lies beside the one that is named
    away = tmp_path / "second_clip.pt"
    shutil.copy(SECOND_MODEL, away)
    app = opener(model=str(away))
    sentence = rf"weights of tiny_clip .* are not at {lent}"
    with pytest.raises(WeightsMissingError, match=sentence):
        app.searcher.search("a red star")
    assert app.encoder.status().state == "absent"
    make(app)
    app.library.indexes.use(SECOND)
    check_found(app)


def test_two_models_are_compared_before_the_switch(
    filled: App, opener: Opener, data_folder: Path, tmp_path: Path
) -> None:
    """`evaluate` asks the index of the model that is named; one that is not there is said."""
    labels = tmp_path / "labels.csv"
    rows = "a red star,one.mp4,0,3\na pink triangle,two.mp4,4,8\na blue ring,one.mp4,3,6\n"
    labels.write_text(f"query,video,start_s,end_s\n{rows}")
    named = ("--settings", f"model={SECOND_MODEL}")
    both = ("evaluate", str(labels), "--json", "--settings", "floor=0", *named)

    def run() -> tuple[int, str, str]:
        with process(*both, data=data_folder) as running:
            out, err = running.communicate(timeout=60)
        return running.returncode, out, err

    status, _, err = run()
    assert status == 1
    assert "Nothing of the library is indexed with that model." in err
    make(opener(model=str(SECOND_MODEL)))
    status, out, err = run()
    assert status == 0, err
    assert [one["n_present"] for one in json.loads(out)] == [3, 3]
    assert filled.library.index_name == FIRST


def test_another_framing_is_another_index(filled: App, opener: Opener) -> None:
    """The same model with three squares across: beside it, and it has as many vectors."""
    app = opener(framing="thirds")
    assert app.models.next().source == str(TINY_MODEL), "the model is the library's own"
    before = found(filled)
    make(app)
    assert found(app) == before
    made = standing(app)[SECOND].made_by
    assert (made.model, made.framing, made.n_views) == ("tiny_clip", "thirds", 3)
    app.library.indexes.use(SECOND)
    assert filled.encoder.info().framing == "thirds"
    assert filled.searcher.search("a red star").n_clips == standing(app)[SECOND].n_clips


def test_on_a_server(machine: Machine, tmp_path: Path, films: list[Path], opener: Opener) -> None:
    """Two machines share a server: one makes and switches, the other searches with the new."""
    here = opener(data=tmp_path / "here", server="APERTUREDB_JSON", model=str(TINY_MODEL))
    add(here, *films[:2])
    before = found(here)
    there = opener(data=tmp_path / "there", server="APERTUREDB_JSON", model=str(SECOND_MODEL))
    make(there)
    assert found(here) == found(there) == before
    there.library.indexes.use(SECOND)
    check_found(here)
    assert here.encoder.info().model == "second_clip"
    here.library.indexes.use(FIRST)
    assert found(there) == before
    here.models.remove(SECOND)
    while here.library.indexes.remove_some():
        pass
    assert list(standing(there)) == [FIRST]
    assert found(there) == before
