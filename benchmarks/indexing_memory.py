"""Memory of a worker: a video of four hours beside one of four minutes, and many in a row.

Run: python -m benchmarks.indexing_memory [--json]. The encoder sees mean colours, so that what is
measured is the pipeline and the database, not a model.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

from benchmarks.report import Report

N_SHORT = 200


def draw(path: Path, minutes: float, size: str) -> Path:
    """Draw a video that never shows the same picture twice, four frames a second."""
    source = f"testsrc2=s={size}:r=4:d={minutes * 60},hue=h=t*23"
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(path)], check=True)  # noqa: S603 - our own command
    return path


def peaks_mb(data: Path, videos: list[Path]) -> list[float]:
    """Index videos one after the other in a fresh process; its peak of memory after each."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peaks_mb, (data, videos))


def _peaks_mb(data: Path, videos: list[Path]) -> list[float]:
    from core.bootstrap import open_app
    from core.settings import Settings
    from tests.fakes import ColourEncoder

    app = open_app(Settings(data=data), encoder=ColourEncoder())
    peaks = []
    for video in videos:
        video_id = app.intake.add_file(video).video.video_id
        app.worker().drain([video_id])
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    app.close()
    return peaks


def main() -> int:
    """Measure; the exit status says whether memory stayed where it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short = draw(folder / "short.mp4", 4, "320x180")
        long = draw(folder / "long.mp4", 240, "320x180")
        (short_mb,) = peaks_mb(folder / "a", [short])
        (long_mb,) = peaks_mb(folder / "b", [long])
        report.add("four minutes: peak, MB", short_mb)
        report.add("four hours: peak, of that of four minutes", long_mb / short_mb, "most", 1.1)
        many = [draw(folder / f"{n}.mp4", 0.1 + n / 1000, "160x90") for n in range(N_SHORT)]
        peaks = peaks_mb(folder / "c", many)
        told = f"{N_SHORT} in a row: the last peak, of that half-way"
        report.add(told, peaks[-1] / peaks[N_SHORT // 2], "most", 1.1)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
