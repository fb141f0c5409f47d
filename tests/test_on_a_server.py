"""The app on an ApertureDB server that goes, comes back, and has videos that this machine has not.

The server is the embedded engine behind the wire protocol; the client is the official one.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import bootstrap
from core.bootstrap import App
from core.errors import DatabaseAwayError, TooLargeError
from core.media import edits
from core.media.probe import probe
from core.model import PlayState
from core.query import Wanted
from core.settings import Settings
from core.web import Closing, middleware, routes
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw, until
from tests.machine import PASSWORD, Machine
from tests.web.conftest import ORIGIN


def _app(folder: Path, **settings: Any) -> App:
    settings = {"data": folder, "server": "APERTUREDB_JSON", **settings}
    return bootstrap.open_app(Settings(**settings), encoder=ColourEncoder(), must_answer=False)


def _added(app: App, film: Path) -> str:
    video = app.intake.add_file(film).video
    app.worker().drain([video.video_id])
    return video.video_id


def test_it_opens_while_the_server_is_away(machine: Machine, tmp_path: Path) -> None:
    """Opening does not fail; whoever needs the database is told so, until it is there."""
    machine.off()
    app = _app(tmp_path / "app")
    with pytest.raises(DatabaseAwayError, match="chosen by APERTUREDB_JSON, does not answer"):
        app.prepare()
    assert app.database_since() is None
    machine.on()
    app._database._try_again_s = 0  # type: ignore[attr-defined]  # its pause is over
    app.prepare()
    assert app.library.videos() == []
    assert app.database_since() is not None
    assert app.database_version() == "ApertureDB 0.19.6"
    assert f"127.0.0.1:{machine.port}" in app.database_name()
    assert PASSWORD not in app.database_name()
    app.close()


def test_the_server_has_the_bytes(machine: Machine, tmp_path: Path) -> None:
    """A video that was added here is stored there whole, done flag and set as the workflow's."""
    app = _app(tmp_path / "app")
    film = draw(tmp_path / "film.mp4", "red blue")
    _added(app, film)
    (found,) = machine.query({"FindVideo": {"results": {"all_properties": True}}})
    video = found["FindVideo"]["entities"][0]
    assert video["wf_embeddings_clip_video_extraction_done"] is True
    (sets,) = machine.query(
        {"FindDescriptorSet": {"results": {"all_properties": True}, "dimensions": True}}
    )
    entity = sets["FindDescriptorSet"]["entities"][0]
    assert entity["_name"] == "wf_embeddings_clip_video"
    assert {"embeddings_provider", "embeddings_model", "embeddings_pretrained", "type"} <= set(
        entity
    )
    assert app.library.content(video["video_id"]) == film.read_bytes()
    app.close()


def test_another_machine_searches_and_plays(machine: Machine, tmp_path: Path) -> None:
    """What one machine added is found and played on another, from a copy that is fetched once."""
    film = draw(tmp_path / "film.mp4", "red blue")
    here = _app(tmp_path / "here")
    video_id = _added(here, film)
    content = film.read_bytes()
    shutil.move(film, tmp_path / "elsewhere.mp4")  # as on a machine that has other disks
    there = _app(tmp_path / "there")
    # However weak: of mean colours, a library as small is sure of nothing.
    (moment,) = there.searcher.search("blue", wanted=Wanted(1, 0.0)).moments
    assert moment.video_id == video_id
    video = there.library.video(video_id)
    played = there.playable(video)
    assert played is not None
    assert played.is_relative_to(there.settings.cache_folder)
    assert played.read_bytes() == content
    machine.off()
    assert there.playable(video) == played
    machine.on()
    there.delete(video_id)
    assert not played.exists()
    here.close()
    there.close()


def test_a_foreign_video_that_browsers_cannot_play(machine: Machine, tmp_path: Path) -> None:
    """Put there by another program, as MPEG-4 part 2 in AVI: it is fetched, and a copy is made."""
    avi = draw(tmp_path / "film.mp4", "red blue")
    other = tmp_path / "film.avi"
    edits.render(avi, other, edits.VideoEdit(codec="xvid", container="avi"))
    answer, _ = machine._engine.query(
        [{"AddVideo": {"properties": {"name": "theirs"}}}], [other.read_bytes()]
    )
    assert answer == [{"AddVideo": {"status": 0}}]
    app = _app(tmp_path / "app")
    (video,) = app.library.videos()
    assert (video.name, video.path, video.play_state) == ("theirs", None, PlayState.DIRECT)
    assert app.playable(video) is None, "nobody waits for it to be made"
    assert app.standing(video).play_state in (PlayState.WANTED, PlayState.MAKING)
    until(lambda: app.playable(video) is not None, "the copy is made")
    assert app.standing(video).play_state is PlayState.READY
    played = app.playable(video)
    assert played is not None
    assert probe(played).video_codec == "h264"
    app.close()


def test_a_worker_outlives_the_server(machine: Machine, tmp_path: Path) -> None:
    """It waits while the server is away, when it starts as well as in the middle of its work."""
    app = _app(tmp_path / "app")
    first = app.intake.add_file(draw(tmp_path / "a.mp4", "red blue")).video
    stop = threading.Event()
    machine.off()
    work = threading.Thread(target=app.worker().run, args=(stop,))
    work.start()
    until(lambda: app.database_since() is None, "the worker to notice")
    machine.on()
    until(lambda: machine.states()[first.video_id] == "ready", "the first video to be searchable")
    second = app.intake.add_file(draw(tmp_path / "b.mp4", "green red blue " * 20)).video
    until(lambda: machine.states()[second.video_id] != "waiting", "the second to be begun")
    machine.off()
    until(lambda: app.database_since() is None, "the worker to notice again")
    machine.on()
    until(lambda: machine.states()[second.video_id] == "ready", "the second video to be searchable")
    stop.set()
    work.join(30)
    assert not work.is_alive()
    app.close()


def test_a_video_above_the_limit(machine: Machine, tmp_path: Path) -> None:
    """It is refused with the limit and its settings, before it is sent; nothing is left of it."""
    app = _app(tmp_path / "app", message_mb=1)
    film = draw(tmp_path / "film.mp4", "red blue")
    with film.open("ab") as out:
        out.write(bytes(2**20))
    with pytest.raises(TooLargeError, match=r"takes 1 MB.*REELSEEK_MESSAGE_MB"):
        app.intake.add_file(film)
    assert app.library.videos() == []
    app.close()


def test_an_upload_above_the_limit(machine: Machine, tmp_path: Path) -> None:
    """It is refused by what the request says of its size, before the browser has sent it."""
    app = _app(tmp_path / "app", message_mb=1)
    sent: list[bytes] = []

    def film() -> Iterator[bytes]:
        sent.append(bytes(2**20))
        yield sent[-1]

    server = Starlette(routes=routes(app), middleware=middleware(Closing(), []))
    headers = {"X-Reelseek": "upload", "Content-Length": str(2**31)}
    with TestClient(server, base_url=ORIGIN) as client:
        answer = client.put(
            "/api/upload", params={"name": "a.mp4"}, headers=headers, content=film()
        )
    assert answer.status_code == 413
    assert "a.mp4 has 2,048 MB, and the database server takes 1 MB" in answer.json()["error"]
    assert list(app.settings.incoming_folder.glob("*")) == []
    app.close()


def test_the_same_video_twice(machine: Machine, tmp_path: Path) -> None:
    """Content that is there is recognised before anything is sent."""
    app = _app(tmp_path / "app")
    film = draw(tmp_path / "film.mp4", "red blue")
    first = app.intake.add_file(film)
    second = app.intake.add_file(film)
    assert (first.already, second.already) == (False, True)
    assert second.video.video_id == first.video.video_id
    app.close()
