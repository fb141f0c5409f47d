"""Pictures that nobody stored: each made once, two at a time, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import io
import os
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.testclient import TestClient

from core.errors import DatabaseError, NoSuchVideoError
from core.model import IndexState
from core.web.kept import Kept
from core.web.stills import Stills
from tests.web.stand_in import StandIn

FILM = "/api/video/film-1"
LENGTH_S = 60.0  # at 25 frames a second


def drawn(*colour: int) -> bytes:
    """A JPEG of bars of this colour and white; of black alone where the colour is black."""
    image = Image.new("RGB", (64, 48), colour)
    if any(colour):
        image.paste((255, 255, 255), (0, 0, 64, 12))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


class Decoder(StandIn):
    """A library whose database makes pictures, when it may, and notes how it was asked."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.asked: list[float] = []
        self.n_now = self.most_at_once = 0
        self.makes: list[bytes] | Exception = [drawn(200, 0, 0)]
        self._lock = threading.Lock()

    def extract_pictures(self, _: str, start_s: float, *, n: int = 1, **__: Any) -> list[bytes]:
        with self._lock:
            self.asked.append(start_s)
            self.n_now += 1
            self.most_at_once = max(self.most_at_once, self.n_now)
        assert self.may_go_on.wait(10)
        with self._lock:
            self.n_now -= 1
        if isinstance(self.makes, Exception):
            raise self.makes
        return self.makes[:n]


@pytest.fixture
def app(data_folder: Path, film: Path) -> Iterator[Decoder]:
    app = Decoder(data_folder)
    video = app.put("film-1", film)
    app.put("film-1", film, facts=replace(video.facts, duration_s=LENGTH_S))
    yield app
    app.may_go_on.set()
    app.stills.close()


def ask(app: Decoder, *times_s: float) -> list[bytes | None]:
    """Ask for the pictures at these times, all at once."""

    async def all_of_them() -> list[bytes | None]:
        return await asyncio.gather(*(app.stills.picture("film-1", at_s) for at_s in times_s))

    return asyncio.run(all_of_them())


def limit(app: Decoder, wait_s: float) -> None:
    app.stills = Stills(
        app, Kept(app.settings.stills_folder, 100_000, what="picture"), wait_s=wait_s
    )


def n_kept(app: Decoder) -> int:
    return sum(path.suffix != ".part" for path in app.settings.stills_folder.glob("*"))


def test_a_picture_is_made_where_none_is_stored(client: TestClient, app: Decoder) -> None:
    """It is answered like one that is stored; one that is stored is not made."""
    for address in ("picture?t=2.5", "poster"):
        answer = client.get(f"{FILM}/{address}")
        assert (answer.status_code, answer.content) == (200, drawn(200, 0, 0))
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["etag"]
    app.jpegs = {("film-1", -1.0): b"\xff\xd8 poster", ("film-1", 2.5): b"\xff\xd8 picture"}
    for address in ("picture?t=2.5", "poster"):
        assert client.get(f"{FILM}/{address}").content.startswith(b"\xff\xd8 p")
    assert len(app.asked) == 2


def test_a_picture_is_made_once(app: Decoder) -> None:
    """For all who ask at the same time, for later ones, and after a new start."""
    assert ask(app, *[1.0] * 8) == [drawn(200, 0, 0)] * 8
    assert ask(app, 1.0) == [drawn(200, 0, 0)]
    limit(app, 10)
    assert ask(app, 1.0) == [drawn(200, 0, 0)]
    assert app.asked == [1.0]


def test_a_frame_has_one_picture(app: Decoder) -> None:
    """Whichever instant of it is asked for; beyond the end it is the last."""
    for at_s in (1.0, 1.001, 1.0399, LENGTH_S - 0.01, LENGTH_S, 1e308, float(str(26 / 25))):
        assert ask(app, at_s) == [drawn(200, 0, 0)]
    assert app.asked == [1.0, LENGTH_S - 0.01, 1.04]


def test_a_page_of_tiles_starts_two_decoders(app: Decoder) -> None:
    """Forty pictures come, and meanwhile no thread is held that other requests need."""
    app.may_go_on.clear()

    async def page() -> list[bytes | None]:
        tiles = [asyncio.ensure_future(app.stills.picture("film-1", float(at))) for at in range(40)]
        while len(app.asked) < 2:
            await asyncio.sleep(0.01)
        # Starlette has forty threads for requests; if each tile held one this would wait.
        await asyncio.wait_for(run_in_threadpool(lambda: None), 5)
        app.may_go_on.set()
        return await asyncio.gather(*tiles)

    assert asyncio.run(page()) == [drawn(200, 0, 0)] * 40
    assert app.most_at_once == 2
    assert sorted(app.asked) == [float(at) for at in range(40)]


def test_what_nobody_waits_for_any_more_is_not_begun(app: Decoder) -> None:
    """After a while there is no picture; the two that were begun are there for the next visit."""
    limit(app, 0.2)
    app.may_go_on.clear()
    assert ask(app, *map(float, range(10))) == [None] * 10
    begun = sorted(app.asked)
    assert len(begun) == 2
    app.may_go_on.set()
    until_s = time.monotonic() + 10
    while n_kept(app) < 2 and time.monotonic() < until_s:
        time.sleep(0.01)
    limit(app, 10)
    assert ask(app, *begun) == [drawn(200, 0, 0)] * 2
    assert sorted(app.asked) == begun
    assert ask(app, 9.0) == [drawn(200, 0, 0)]


def test_closing_waits_for_no_picture(app: Decoder) -> None:
    """Who waits for one that was not begun has none; those that were keep no process alive."""
    app.may_go_on.clear()

    async def closed() -> list[bytes | None]:
        tiles = [asyncio.ensure_future(app.stills.picture("film-1", float(at))) for at in range(5)]
        while len(app.asked) < 2:
            await asyncio.sleep(0.01)
        app.stills.close()
        without = [tile for at, tile in enumerate(tiles) if float(at) not in app.asked]
        assert await asyncio.gather(*without) == [None] * 3
        app.may_go_on.set()
        return await asyncio.gather(*tiles)

    assert asyncio.run(closed()).count(drawn(200, 0, 0)) == 2
    assert len(app.asked) == 2
    makers = [one for one in threading.enumerate() if one.name == "stills"]
    assert all(one.daemon for one in makers)


def test_where_no_thread_can_be_started_a_later_one_makes_it(
    app: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a system has too many of them for a moment."""
    start = threading.Thread.start

    def full(thread: threading.Thread) -> None:
        if thread.name == "stills":
            raise RuntimeError("can't start new thread")
        start(thread)

    limit(app, 5)
    with monkeypatch.context() as at_first:
        at_first.setattr(threading.Thread, "start", full)
        with pytest.raises(RuntimeError, match="new thread"):
            ask(app, 1.0)
    assert ask(app, 1.0) == [drawn(200, 0, 0)]


@pytest.mark.parametrize("makes", [DatabaseError("no decoder"), RuntimeError("a fault"), []])
def test_what_cannot_be_made(
    client: TestClient, app: Decoder, makes: Exception | list[bytes]
) -> None:
    """It is 404, as where there is no picture yet, and is not tried again at once."""
    app.makes = makes
    for address in ("poster", "picture?t=2.5") * 2:
        answer = client.get(f"{FILM}/{address}")
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"
    assert len(app.asked) == 2


def test_a_folder_that_cannot_be_made_hides_nothing(app: Decoder) -> None:
    """The picture is given, though it cannot be kept."""
    app.settings.stills_folder.parent.mkdir(parents=True)
    app.settings.stills_folder.write_text("in the way")
    assert ask(app, 1.0) == [drawn(200, 0, 0)]


def test_a_poster_is_not_black(app: Decoder) -> None:
    """It is the first picture that shows something; the first, where none does."""
    app.makes = [drawn(0, 0, 0), drawn(0, 0, 0), drawn(0, 0, 200), drawn(200, 0, 0)]
    assert asyncio.run(app.stills.poster("film-1")) == drawn(0, 0, 200)
    app.put("film-2", Path("film"))
    app.makes = [drawn(0, 0, 0)] * 5
    assert asyncio.run(app.stills.poster("film-2")) == drawn(0, 0, 0)


def test_only_of_what_is_searchable(app: Decoder, film: Path) -> None:
    """What is indexed here brings its own pictures; of what is not there that is said."""
    app.put("film-1", film, state=IndexState.INDEXING)
    assert ask(app, 1.0) == [None]
    with pytest.raises(NoSuchVideoError):
        _run(app.stills.poster("film-9"))
    assert app.asked == []


def test_other_content_has_other_pictures(app: Decoder, film: Path) -> None:
    """And what was made of a deleted video goes."""
    app.put("film-1", film, sha256="a" * 64)
    assert ask(app, 1.0) == [drawn(200, 0, 0)]
    app.put("film-1", film, sha256="b" * 64)
    app.makes = [drawn(0, 0, 200)]
    assert ask(app, 1.0) == [drawn(0, 0, 200)]
    assert len(list(app.settings.stills_folder.iterdir())) == 2
    app.stills.forget("film-1")
    assert list(app.settings.stills_folder.iterdir()) == []


def test_a_picture_of_a_video_that_is_deleted_meanwhile_is_not_kept(app: Decoder) -> None:
    """It was begun before; those of other videos are."""
    app.put("film-2", Path("film"))
    app.may_go_on.clear()

    async def deleted() -> None:
        tiles = [asyncio.ensure_future(app.stills.poster(one)) for one in ("film-1", "film-2")]
        while len(app.asked) < 2:
            await asyncio.sleep(0.01)
        app.stills.forget("film-1")
        app.may_go_on.set()
        await asyncio.gather(*tiles)

    asyncio.run(deleted())
    assert n_kept(app) == 1
    n_asked = len(app.asked)
    assert asyncio.run(app.stills.poster("film-2")) == drawn(200, 0, 0)
    assert len(app.asked) == n_asked


def test_the_folder_does_not_grow(app: Decoder) -> None:
    """The pictures that were seen longest ago go."""
    n_bytes = len(drawn(200, 0, 0))
    app.stills = Stills(app, Kept(app.settings.stills_folder, 3 * n_bytes, what="picture"))
    for at_s in range(6):
        ask(app, float(at_s))
        for path in app.settings.stills_folder.iterdir():
            age_s = time.time() - path.stat().st_mtime
            os.utime(path, (time.time() - age_s - 100,) * 2)
    assert len(list(app.settings.stills_folder.iterdir())) == 3


def _run(asked: Coroutine[Any, Any, bytes | None]) -> bytes | None:
    return asyncio.run(asked)
