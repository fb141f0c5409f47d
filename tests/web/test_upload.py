"""Uploads: whole, twice, not a video, broken off, too large, and with nowhere to go."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from core.bootstrap import App, open_app
from core.errors import MediaError
from core.ingest.names import display_name
from core.settings import Settings
from core.web import Closing, incoming, middleware, routes, upload
from core.web.incoming import LEFT_OVER_S, Part, sweep
from core.web.upload import BLOCK_BYTES, UploadRoute
from tests.fakes import ColourEncoder
from tests.web.conftest import ORIGIN

OURS = {"X-Reelseek": "upload", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    """The real one, with an empty library."""
    app = open_app(settings, encoder=ColourEncoder())
    yield app
    app.close()


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    """Speaks to its routes behind their middleware."""
    server = Starlette(routes=routes(app), middleware=middleware(Closing(), []))
    with TestClient(server, base_url=ORIGIN) as client:
        yield client


def send(client: TestClient, content: bytes | Iterator[bytes], name: str = "a.mp4") -> Response:
    return client.put("/api/upload", params={"name": name}, headers=OURS, content=content)


def test_a_whole_film(client: TestClient, app: App, film: Path) -> None:
    """It arrives byte for byte, under the name it was given, and can be played at once."""
    answer = send(client, film.read_bytes(), name="Holiday.mp4")
    assert answer.status_code == 200
    added = answer.json()
    assert added == {"video_id": added["video_id"], "name": "Holiday.mp4", "already": False}
    assert client.get(f"/api/video/{added['video_id']}").content == film.read_bytes()
    video = app.library.video(added["video_id"])
    assert video.content_sha256 == hashlib.sha256(film.read_bytes()).hexdigest()


def test_the_same_content_again(client: TestClient, film: Path) -> None:
    """It is recognised under any name, and the second copy is gone."""
    first = send(client, film.read_bytes(), name="one.mp4").json()
    again = send(client, film.read_bytes(), name="two.mp4").json()
    assert again == {**first, "already": True}


def test_more_than_one_block_and_no_length(client: TestClient, app: App, film: Path) -> None:
    """A body in odd pieces without Content-Length is put together and hashed right."""
    content = film.read_bytes() + os.urandom(2 * BLOCK_BYTES + 12345)
    pieces = (content[start : start + 777_777] for start in range(0, len(content), 777_777))
    added = send(client, pieces).json()
    assert client.get(f"/api/video/{added['video_id']}").content == content
    video = app.library.video(added["video_id"])
    assert video.content_sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("content", [b"", b"this is a text" * 1000])
def test_what_is_no_video(client: TestClient, app: App, film: Path, content: bytes) -> None:
    """It is 422 with the intake's sentence, nothing stays, and the next file still works."""
    answer = send(client, content)
    assert answer.status_code == 422
    assert answer.json()["error"].endswith(".")
    assert ".part" not in answer.json()["error"]
    assert app.library.videos() == []
    assert list(app.settings.incoming_folder.iterdir()) == []
    assert send(client, film.read_bytes()).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["\"quotes\" & 'more'.mp4", "🎬 ☃.mkv", "a/b\\c/../d.mp4", "x" * 300 + ".mp4", "100%.mp4"],
)
def test_names_are_for_display_only(client: TestClient, app: App, film: Path, name: str) -> None:
    """Any name is shown as a name is; the file's own name is one of ours."""
    added = send(client, film.read_bytes(), name=name).json()
    assert added["name"] == display_name(name)
    (stored,) = app.settings.videos_folder.iterdir()
    assert stored.stem == added["video_id"]


def test_uploads_without_our_header_or_a_name(client: TestClient, film: Path) -> None:
    """403 and 400, each with a sentence; a form of another site can send neither."""
    plain = client.put("/api/upload?name=a.mp4", content=film.read_bytes())
    assert plain.status_code == 403
    nameless = client.put("/api/upload?name=%20", headers=OURS, content=b"x")
    assert nameless.status_code == 400
    assert plain.json()["error"]
    assert nameless.json()["error"]


def test_more_than_the_disk_has_room_for(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Content-Length beyond the free space is 507 before anything is written."""
    monkeypatch.setattr(incoming, "ROOM_TO_KEEP_BYTES", 1 << 60)
    answer = send(client, b"x" * 2_000_000, name="large.mp4")
    assert answer.status_code == 507
    assert "'large.mp4': it has 2 MB, and 0 MB are free" in answer.json()["error"]
    assert list(app.settings.incoming_folder.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_on_the_way(
    client: TestClient, app: App, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """It is 507 with a sentence, and the part is removed."""

    def full(_part: Part, _block: bytes) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Part, "write", full)
    answer = send(client, b"x" * 10)
    assert answer.status_code == 507
    assert answer.json()["error"].startswith("The disk is full")
    assert list(app.settings.incoming_folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_to(client: TestClient, app: App) -> None:
    """It is 500 with a sentence, not a traceback."""
    app.settings.incoming_folder.write_text("a file in its place")
    answer = send(client, b"x")
    assert answer.status_code == 500
    assert "could not be stored" in answer.json()["error"]


def test_a_client_that_falls_silent(app: App) -> None:
    """After a while without a byte it is 408, and the part is removed."""

    async def receive() -> Message:
        if app.settings.incoming_folder.exists() and not received:
            received.append(True)
            return {"type": "http.request", "body": b"x" * 100, "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    received: list[bool] = []
    headers = [(name.lower().encode(), value.encode()) for name, value in OURS.items()]
    scope = {"type": "http", "method": "PUT", "query_string": b"name=a.mp4", "headers": headers}
    upload = UploadRoute(app, stalled_s=0.05).upload
    answer = asyncio.run(upload(Request(scope, receive)))
    assert answer.status_code == 408
    assert received
    assert list(app.settings.incoming_folder.iterdir()) == []


def test_a_database_that_is_too_slow_is_not_the_clients_fault(
    client: TestClient, app: App, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a body that stops coming is 408: a disk or a database may time out as well."""

    def slow(*_: object, **__: object) -> None:
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    monkeypatch.setattr(app.intake, "adopt_upload", slow)
    answer = send(client, film.read_bytes())
    assert answer.status_code == 500
    assert "could not be stored" in answer.json()["error"]
    assert list(app.settings.incoming_folder.iterdir()) == []


def test_a_slow_client(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """What trickles in is written long before a block is full, or its part would be swept."""
    sizes: list[int] = []
    write = Part.write
    monkeypatch.setattr(Part, "write", lambda part, b: (sizes.append(len(b)), write(part, b)))
    minutes = SimpleNamespace(monotonic=itertools.count(step=60).__next__)
    monkeypatch.setattr(upload, "time", minutes)
    pieces = iter([b"this is a text"] * 5)

    async def receive() -> Message:
        body = next(pieces, b"")
        return {"type": "http.request", "body": body, "more_body": bool(body)}

    headers = [(name.lower().encode(), value.encode()) for name, value in OURS.items()]
    scope = {"type": "http", "method": "PUT", "query_string": b"name=a.mp4", "headers": headers}
    with pytest.raises(MediaError):  # it is no video
        asyncio.run(UploadRoute(app, stalled_s=100).upload(Request(scope, receive)))
    assert len(sizes) > 2
    assert sum(sizes) == 5 * len("this is a text")


def test_what_a_killed_server_left_behind(app: App) -> None:
    """Only parts that nobody wrote to for long are swept; other files are left alone."""
    folder = app.settings.incoming_folder
    growing, left_over = Part(folder), Part(folder)
    other = folder / "notes.txt"
    other.write_text("mine")
    old_s = time.time() - LEFT_OVER_S - 1
    for path in (left_over.path, other):
        os.utime(path, (old_s, old_s))
    assert sweep(folder) == [left_over.path]
    assert sorted(folder.iterdir()) == sorted([growing.path, other])
    assert sweep(folder.with_name("not there")) == []
    left_over.discard()
    growing.discard()
