"""What only a real server shows: broken connections, its memory, and its end."""

from __future__ import annotations

import hashlib
import json
import socket
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.web.serve import Server

LARGE_BYTES = 300 << 20
LEEWAY_BYTES = 40 << 20  # Python's own ups and downs included
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads memory from Linux's /proc")


@pytest.fixture
def server(data_folder: Path) -> Iterator[Server]:
    """The routes under uvicorn, with an empty library."""
    with Server(data_folder) as server:
        yield server


@pytest.fixture
def large_film(tmp_path: Path) -> Path:
    """Large, and mostly a hole: it takes no room on the disk."""
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypisom")
        file.truncate(LARGE_BYTES)
    return path


def request(server: Server, first_line: str, *more: str) -> socket.socket:
    connection = server.connect()
    lines = [f"{first_line} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", *more, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def upload(server: Server, n_bytes: int) -> socket.socket:
    """Ask to upload that much; the body is the caller's to send."""
    length = f"Content-Length: {n_bytes}"
    return request(server, "PUT /api/upload?name=a.mp4", "X-Reelseek: upload", length)


def half_upload(server: Server) -> socket.socket:
    """Send half of an upload, and see it arrive."""
    connection = upload(server, 20_000_000)
    connection.sendall(bytes(10_000_000))
    server.wait_until(lambda: [part for part in server.parts() if part.stat().st_size > 0])
    return connection


def test_an_upload_that_is_broken_off(server: Server) -> None:
    """When the connection ends midway the part goes, without a word in the log."""
    half_upload(server).close()
    server.wait_until(lambda: not server.parts())
    assert server.end(limit_s=10) == ""


def test_the_end_in_the_middle_of_an_upload(server: Server) -> None:
    """The server does not wait for the rest: it says so, removes the part, and ends."""
    connection = half_upload(server)
    log = server.end(limit_s=10)
    assert connection.recv(1000).startswith(b"HTTP/1.1 503")
    assert server.parts() == []
    assert log == ""
    connection.close()


def test_the_end_while_a_film_is_paused(data_folder: Path, large_film: Path) -> None:
    """A browser that reads no further does not hold the server up."""
    with Server(data_folder, large_film) as server:
        connection = request(server, "GET /api/video/film")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        server.wait_until(lambda: is_stuck(connection))
        assert "Traceback" not in server.end(limit_s=10)
        connection.close()


def is_stuck(connection: socket.socket) -> bool:
    """Say whether nothing more arrives, as whoever sends has filled all there is to fill."""
    waiting = [n_unread(connection)]
    time.sleep(0.1)
    waiting.append(n_unread(connection))
    return 0 < waiting[0] == waiting[1]


def n_unread(connection: socket.socket) -> int:
    return len(connection.recv(1 << 24, socket.MSG_PEEK))


@linux_only
def test_memory_while_a_large_film_is_uploaded_and_played(server: Server, large_film: Path) -> None:
    """300 MB in and out again, byte for byte, cost the server less than 40 MB at its peak."""
    client = HTTPConnection("127.0.0.1", server.port, timeout=60)
    client.request("GET", "/api/video/none")  # what the first request loads is no leak
    client.getresponse().read()
    before = server.peak_bytes()
    with large_film.open("rb") as file:
        headers = {"X-Reelseek": "upload", "Content-Length": str(LARGE_BYTES)}
        client.request("PUT", "/api/upload?name=a.mp4", file, headers)
        added = json.load(client.getresponse())
        client.request("GET", f"/api/video/{added['video_id']}")
        file.seek(0)
        assert sha256(client.getresponse()) == sha256(file)
    client.close()
    assert server.peak_bytes() - before < LEEWAY_BYTES


def sha256(source: HTTPResponse | BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := source.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
