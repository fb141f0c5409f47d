"""Films by range and their pictures, as a browser asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.model import PlayState
from tests.web.stand_in import StandIn

FILM = "/api/video/film-1"


def test_a_whole_film(client: TestClient, film: Path) -> None:
    """Without a range the whole file comes, with what a player wants to know about it."""
    answer = client.get(FILM)
    assert answer.status_code == 200
    assert answer.content == film.read_bytes()
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=1000-1999", slice(1000, 2000)),
        ("bytes=2000-", slice(2000, None)),
        ("bytes=-500", slice(-500, None)),
        ("bytes=10-999999999", slice(10, None)),
    ],
)
def test_ranges(client: TestClient, film: Path, asked: str, wanted: slice) -> None:
    """First bytes, the middle, from somewhere on, the last bytes, and more than there is."""
    whole = film.read_bytes()
    first, behind, _ = wanted.indices(len(whole))
    answer = client.get(FILM, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[wanted]
    assert answer.headers["content-range"] == f"bytes {first}-{behind - 1}/{len(whole)}"
    assert answer.headers["content-length"] == str(behind - first)


def test_a_range_behind_the_end(client: TestClient, film: Path) -> None:
    """It is 416, and says how long the film is."""
    size = film.stat().st_size
    answer = client.get(FILM, headers={"Range": f"bytes={size}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{size}"


def test_head_says_the_same_without_the_bytes(client: TestClient, film: Path) -> None:
    """HEAD has GET's headers and no body."""
    head, got = client.head(FILM), client.get(FILM)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(film.stat().st_size)
    assert {**head.headers} == {**got.headers}


def test_a_film_that_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    """With its ETag the answer is 304; a range with another film's ETag is the whole film."""
    etag = client.get(FILM).headers["etag"]
    again = client.get(FILM, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert client.get(FILM, headers=other).status_code == 200
    same = {"Range": "bytes=0-9", "If-Range": etag}
    assert client.get(FILM, headers=same).status_code == 206


@pytest.mark.parametrize(
    "video_id",
    [
        "film-2",
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e",
        "..",
        "%2Fetc%2Fpasswd",
        "film-1%00",
        "film-1%0a",
        "x" * 500,
        "%F0%9F%8E%AC",
        "a b",
    ],
)
def test_unknown_ids_and_paths_in_their_place(client: TestClient, video_id: str) -> None:
    """Whatever is no id of a film is 404 with a sentence, on all three addresses."""
    for rest in ("", "/poster", "/picture?t=1"):
        answer = client.get(f"/api/video/{video_id}{rest}")
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["error"]
        assert "root:" not in answer.text


def test_media_types_come_from_the_container(client: TestClient, app: StandIn, film: Path) -> None:
    """The name of a file says nothing about how it is served."""
    containers = {"matroska,webm": "video/webm", "mov,mp4,m4a": "video/mp4", "ogg": "video/ogg"}
    misnamed = film.with_name("page.html")
    misnamed.write_bytes(film.read_bytes())
    for container, media_type in containers.items():
        known = app.put("named", misnamed)
        facts = type(known.facts)(4, 64, 48, 25, "vp9", None, container, "yuv420p", 0, 1)
        app.put("named", misnamed, facts=facts)
        answer = client.head("/api/video/named")
        assert answer.headers["content-type"] == media_type
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_playable_copy_is_served_in_place_of_the_original(
    client: TestClient, app: StandIn, film: Path
) -> None:
    """Once the copy is made, its bytes come, as MP4."""
    copy = app.settings.proxies_folder / "old.mp4"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"the copy")
    app.put("old", film.with_name("old.avi"), play_state=PlayState.READY)
    answer = client.get("/api/video/old")
    assert (answer.content, answer.headers["content-type"]) == (b"the copy", "video/mp4")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (PlayState.WANTED, (409, "is being made (42%)")),
        (PlayState.MAKING, (409, "is being made (42%)")),
        (PlayState.FAILED, (409, "no decoder")),
        (PlayState.READY, (404, "no longer there")),
    ],
)
def test_why_a_film_cannot_be_played(
    client: TestClient, app: StandIn, film: Path, state: PlayState, reason: tuple[int, str]
) -> None:
    """Not yet, never, or gone: each has its status and its sentence."""
    status, words = reason
    app.put("old", film, play_state=state, play_progress=0.42, play_error="There is no decoder.")
    answer = client.get("/api/video/old")
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_a_film_whose_file_was_moved_away(client: TestClient, app: StandIn, film: Path) -> None:
    """It is 404 with a sentence, and so is a folder in its place."""
    app.put("moved", film.with_name("elsewhere.mp4"))
    app.put("folder", film.parent)
    for video_id in ("moved", "folder"):
        answer = client.get(f"/api/video/{video_id}")
        assert answer.status_code == 404
        assert "no longer there" in answer.json()["error"]


def test_a_database_that_is_away(client: TestClient, app: StandIn) -> None:
    """It is 503 and the database's own sentence."""
    app.is_away = True
    answer = client.get(FILM)
    assert answer.status_code == 503
    assert answer.json() == {"error": "The database does not answer; start it again."}


def test_pictures(client: TestClient, app: StandIn) -> None:
    """Poster and picture are JPEGs that a browser keeps, and asks about by their ETag."""
    app.jpegs = {("film-1", -1.0): b"\xff\xd8 poster", ("film-1", 2.5): b"\xff\xd8 picture"}
    for address, jpeg in {
        "poster": b"\xff\xd8 poster",
        "picture?t=2.5": b"\xff\xd8 picture",
    }.items():
        answer = client.get(f"{FILM}/{address}")
        assert (answer.status_code, answer.content) == (200, jpeg)
        assert answer.headers["content-type"] == "image/jpeg"
        assert (
            answer.headers["cache-control"] == "private, max-age=60, stale-while-revalidate=604800"
        )
        known = {"If-None-Match": answer.headers["etag"]}
        assert client.get(f"{FILM}/{address}", headers=known).status_code == 304


def test_no_picture_yet(client: TestClient) -> None:
    """It is 404 that no browser keeps, as there may be one in a moment."""
    for address in ("poster", "picture?t=2.5"):
        answer = client.get(f"{FILM}/{address}")
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("t", ["", "soon", "nan", "inf", "-1"])
def test_a_time_that_is_none(client: TestClient, t: str) -> None:
    """A picture at no time is 400 with a sentence."""
    answer = client.get(f"{FILM}/picture", params={"t": t})
    assert answer.status_code == 400
    assert "?t=12.5" in answer.json()["error"]


def test_an_address_that_is_none(client: TestClient) -> None:
    """Under /api/ nothing falls through to Streamlit's page."""
    assert client.get("/api/nothing").status_code == 404
    assert client.post(FILM).status_code == 405
