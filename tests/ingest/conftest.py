"""Films of plain colours and an app that sees them by their mean colour: all real but the model."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from core.bootstrap import App, open_app
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.rights import forbid  # noqa: F401 - a fixture

LIMIT_S = 60


def draw(path: Path, colours: str, *, seconds_each: float = 1, fps: int = 10) -> Path:
    """Encode a film of one plain colour after another, 64x36 pixels."""
    source = ";".join(
        f"color={colour}:s=64x36:r={fps}:d={seconds_each}[c{n}]"
        for n, colour in enumerate(colours.split())
    )
    n_colours = len(colours.split())
    joined = "".join(f"[c{n}]" for n in range(n_colours))
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-filter_complex"]
    command += [f"{source};{joined}concat=n={n_colours}", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)
    return path


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    end = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < end, f"never came true: {what}"
        time.sleep(0.02)


def sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def encoder() -> ColourEncoder:
    return ColourEncoder()


@pytest.fixture
def app(settings: Settings, encoder: ColourEncoder) -> Iterator[App]:
    app = open_app(settings, encoder=encoder)
    yield app
    app.close()


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder of a person's own."""
    folder = tmp_path / "films"
    folder.mkdir()
    return folder
