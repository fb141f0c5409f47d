"""The whole app as a user starts it: `streamlit run app.py` with the real library behind it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import imageio_ffmpeg
import pytest

from core.web.policy import SECURITY_HEADERS
from tests.app_server import ROOT, AppServer
from tests.conftest import TINY_MODEL
from tests.ingest.conftest import until

OURS = {"X-Reelseek": "upload", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with an empty library; at the end its log holds no traceback."""
    folder = tmp_path_factory.mktemp("app")
    with AppServer(folder / "reelseek", TINY_MODEL, folder / "log.txt") as server:
        yield server
    assert "Traceback" not in server.read_log()


@pytest.fixture
def client(server: AppServer) -> Iterator[httpx2.Client]:
    """Asks it, and asks for gzip as browsers do."""
    with httpx2.Client(base_url=server.url, headers={"Accept-Encoding": "gzip"}) as client:
        yield client


def test_streamlits_own_pages_carry_our_headers(client: httpx2.Client) -> None:
    """The page, a deep link and Streamlit's health alike."""
    for address in ("/", "/search?q=a+red+star", "/_stcore/health", "/favicon.png"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_page_is_not_for_strange_names(client: httpx2.Client) -> None:
    """A rebound name gets neither the page nor a film."""
    for address in ("/", "/api/video/none"):
        assert client.get(address, headers={"Host": "evil.example"}).status_code == 403


def test_an_unknown_film(client: httpx2.Client) -> None:
    """It is 404 with a sentence."""
    answer = client.get("/api/video/none")
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_a_film_from_upload_to_play(client: httpx2.Client, film: Path, server: AppServer) -> None:
    """Uploaded, probed and registered, it plays by range, uncompressed; again it is recognised."""
    address = "/api/upload?name=four%20seconds.mp4"
    added = client.put(address, headers=OURS, content=film.read_bytes())
    assert added.status_code == 200, added.text
    video_id = added.json()["video_id"]
    whole = client.get(f"/api/video/{video_id}")
    assert whole.content == film.read_bytes()
    assert whole.headers["content-type"] == "video/mp4"
    assert "content-encoding" not in whole.headers
    part = client.get(f"/api/video/{video_id}", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, film.read_bytes()[100:200])
    again = client.put(address, headers=OURS, content=film.read_bytes())
    assert again.json() == {**added.json(), "already": True}
    assert list((server.data / "incoming").iterdir()) == []


def test_what_the_worker_makes_of_an_upload(
    client: httpx2.Client, film: Path, tmp_path: Path
) -> None:
    """A film in a container that browsers do not play gets a copy, a poster and pictures."""
    matroska = tmp_path / "film.mkv"
    remux = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-c", "copy"]
    subprocess.run([*remux, str(matroska)], check=True)
    added = client.put("/api/upload?name=f.mkv", headers=OURS, content=matroska.read_bytes())
    address = f"/api/video/{added.json()['video_id']}"
    copy = wait_for(client, address, meanwhile=409)
    assert copy.headers["content-type"] == "video/mp4"
    assert copy.content[4:8] == b"ftyp"
    assert wait_for(client, f"{address}/poster", meanwhile=404).content[:2] == b"\xff\xd8"
    assert wait_for(client, f"{address}/picture?t=2.5", meanwhile=404).content[:2] == b"\xff\xd8"


def wait_for(client: httpx2.Client, address: str, *, meanwhile: int) -> httpx2.Response:
    """Ask until it is there; until then it must be refused with that status."""
    until = time.monotonic() + 60
    while (answer := client.get(address)).status_code == meanwhile and time.monotonic() < until:
        time.sleep(0.1)  # the answer is the condition; this only spaces the questions
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("content", [b"", b"just a text\n" * 100])
def test_a_bad_upload(client: httpx2.Client, server: AppServer, content: bytes) -> None:
    """It is 422 with one sentence that names the file as its owner knows it; nothing stays."""
    answer = client.put("/api/upload?name=notes.mp4", headers=OURS, content=content)
    assert answer.status_code == 422
    assert ".part" not in answer.json()["error"]
    assert list((server.data / "incoming").iterdir()) == []


def test_settings_that_cannot_be_used(tmp_path: Path) -> None:
    """The app does not start; it says why in one sentence and ends with 1."""
    environment = {**os.environ, "REELSEEK_DATA": str(tmp_path), "REELSEEK_FRAMING": "round"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "Reelseek cannot start. REELSEEK_FRAMING is 'round'; use one of whole, centre, thirds."
    )


def children_of(pid: int) -> list[str]:
    """The ids of a process's children."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def workers_of(pid: int) -> list[str]:
    """Those of its children that are workers by now: each begins as a copy of its parent."""
    told = {child: Path(f"/proc/{child}/cmdline").read_text() for child in children_of(pid)}
    return [child for child, words in told.items() if words.endswith("worker\0--with-parent\0")]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the child in Linux's /proc")
def test_the_worker_comes_and_goes_with_the_app(tmp_path: Path) -> None:
    """It runs beside the app as its child, and is gone when the app has ended."""
    with AppServer(tmp_path / "reelseek", TINY_MODEL, tmp_path / "log.txt") as server:
        pid = server._process.pid
        until(lambda: workers_of(pid), "a child that has become the worker")
        children = children_of(pid)
        assert len(workers_of(pid)) == 1
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert "Traceback" not in server.read_log()
