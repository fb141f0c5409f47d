"""What a 2 GB film, uploaded and played, costs in memory: `python -m benchmarks.large_film`.

Starts the app as a user does. The film is a real MP4, made large by an empty box at its end, which
takes no room on the disk until it is uploaded. Linux only, as memory is read from /proc.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

import imageio_ffmpeg

from tests.app_server import AppServer
from tests.conftest import TINY_MODEL

FILM_BYTES = 2 << 30
ALLOWED_MB = 100
BLOCK_BYTES = 1 << 20


def draw_large_film(path: Path) -> Path:
    """Make a playable MP4 of FILM_BYTES: ten seconds, then one `free` box (ISO 14496-12)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", "testsrc=s=640x360:d=10", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)  # noqa: S603 - our own words only
    empty_bytes = FILM_BYTES - path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\0\0\0\x01free" + empty_bytes.to_bytes(8, "big"))
        file.truncate(FILM_BYTES)
    return path


def peak_mb(pid: int) -> float:
    """The most memory that the process ever had, in MB of 2^20 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(server: AppServer, film: Path) -> float:
    """Upload and play the film, print what it took, and return the rise of the peak in MB."""
    client = HTTPConnection("127.0.0.1", server.port, timeout=600)
    client.request("GET", "/api/video/none")  # what the first request loads is no part of it
    client.getresponse().read()
    pid = server._process.pid
    before = peak_mb(pid)
    started = time.monotonic()
    with film.open("rb") as file:
        headers = {"X-Reelseek": "upload", "Content-Length": str(FILM_BYTES)}
        client.request("PUT", "/api/upload?name=large.mp4", file, headers)
        added = json.load(client.getresponse())
    uploaded, took_s = peak_mb(pid), time.monotonic() - started
    print(f"uploaded in {took_s:.1f} s: +{uploaded - before:.0f} MB on {before:.0f} MB")
    client.request("GET", f"/api/video/{added['video_id']}")
    answer, n_bytes = client.getresponse(), 0
    while block := answer.read(BLOCK_BYTES):
        n_bytes += len(block)
    print(f"played {n_bytes / 2**30:.2f} GiB: +{peak_mb(pid) - uploaded:.0f} MB")
    return peak_mb(pid) - before


def main() -> int:
    """Print the rise, and say by the exit status whether it is within ALLOWED_MB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = draw_large_film(folder / "large.mp4")
        with AppServer(folder / "reelseek", TINY_MODEL, folder / "log.txt") as server:
            rise = measure(server, film)
    print(f"in all +{rise:.0f} MB; {ALLOWED_MB} MB are allowed")
    return 0 if rise <= ALLOWED_MB else 1


if __name__ == "__main__":
    sys.exit(main())
