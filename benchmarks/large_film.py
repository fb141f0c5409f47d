"""What a large film, uploaded and played, costs in memory: `python -m benchmarks.large_film`.

Of 2 GiB, or of `--mib`; `--json` prints a list of {name, value, goal, ok}. Starts the app as a user
does. The film is a real MP4, made large by an empty box at its end, which
takes no room on the disk until it is uploaded. Linux only, as memory is read from /proc.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

import imageio_ffmpeg

from benchmarks.report import Report
from tests.app_server import AppServer
from tests.conftest import TINY_MODEL

ALLOWED_MB = 100
BLOCK_BYTES = 1 << 20


def draw_large_film(path: Path, film_bytes: int) -> Path:
    """Make a playable MP4 of so many bytes: ten seconds, then one `free` box (ISO 14496-12)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", "testsrc=s=640x360:d=10", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)  # noqa: S603 - our own words only
    empty_bytes = film_bytes - path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\0\0\0\x01free" + empty_bytes.to_bytes(8, "big"))
        file.truncate(film_bytes)
    return path


def peak_mb(pid: int) -> float:
    """The most memory that the process ever had, in MB of 2^20 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(report: Report, server: AppServer, film: Path) -> None:
    """Upload and play the film; what each took, and the rise of the peak in MB."""
    client = HTTPConnection("127.0.0.1", server.port, timeout=600)
    client.request("GET", "/api/video/none")  # what the first request loads is no part of it
    client.getresponse().read()
    pid = server._process.pid
    before = peak_mb(pid)
    report.add("the app before it, MB", before)
    started = time.monotonic()
    with film.open("rb") as file:
        headers = {"X-Reelseek": "upload", "Content-Length": str(film.stat().st_size)}
        client.request("PUT", "/api/upload?name=large.mp4", file, headers)
        added = json.load(client.getresponse())
    report.add("uploaded in (s)", time.monotonic() - started)
    report.add("rise of the peak by uploading, MB", peak_mb(pid) - before)
    client.request("GET", f"/api/video/{added['video_id']}")
    answer, n_bytes = client.getresponse(), 0
    while block := answer.read(BLOCK_BYTES):
        n_bytes += len(block)
    report.add("played, of the film's bytes", n_bytes / film.stat().st_size, "least", 1.0)
    rise_mb = peak_mb(pid) - before
    report.add("rise of the peak by uploading and playing, MB", rise_mb, "most", ALLOWED_MB)


def main() -> int:
    """Measure; the exit status says whether the rise is within ALLOWED_MB."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_film", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--mib", type=int, default=2048, help="size of the film (2048)")
    asked = parser.parse_args()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = draw_large_film(folder / "large.mp4", asked.mib << 20)
        with AppServer(folder / "reelseek", TINY_MODEL, folder / "log.txt") as server:
            measure(report, server, film)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
