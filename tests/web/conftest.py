"""An app with one real film, and a client that speaks to its routes without a server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.web import Closing, middleware, routes
from tests.web.stand_in import StandIn

HOST = "127.0.0.1:8501"
ORIGIN = f"http://{HOST}"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of H.264 in MP4."""
    path = tmp_path_factory.mktemp("film") / "four seconds.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    command += ["-f", "lavfi", "-i", "testsrc=s=320x240:d=4", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.fixture
def app(data_folder: Path, film: Path) -> StandIn:
    """A library that holds that film as `film-1`."""
    app = StandIn(data_folder)
    app.put("film-1", film)
    return app


@pytest.fixture
def client(app: StandIn) -> Iterator[TestClient]:
    """Speaks to the routes behind their middleware, as a browser on this machine addresses them."""
    server = Starlette(routes=routes(app), middleware=middleware(Closing(), ["films.example.com"]))
    with TestClient(server, base_url=ORIGIN) as client:
        yield client
