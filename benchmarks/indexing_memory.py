"""Memory of a worker and its ffmpeg: a video of hours beside one of minutes, and many in a row.

Run: python -m benchmarks.indexing_memory [--json] [--only length many] [--minutes 4 240]
[--many 200]. Videos of 480p at 25 frames a second; no two of their samples are alike to the
encoder, whose vectors are by lot, so that every sample is saved: what is measured is the pipeline
and the database, not a model.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from imageio_ffmpeg import get_ffmpeg_exe

from benchmarks.indexing_ways import SIZES, draw
from benchmarks.report import Report

FPS = 25
ROUGHLY = 1.1  # how much more is no growth
_SHORT_S = 6  # the shortest of many


class Peak(NamedTuple):
    """The most memory so far of the worker and of its largest ffmpeg, and clips saved so far."""

    own_mb: float
    ffmpeg_mb: float
    n_clips: int


def peaks(data: Path, videos: list[Path]) -> list[Peak]:
    """Index videos one after the other in a fresh process; the peaks after each."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peaks, (data, videos))


def _peaks(data: Path, videos: list[Path]) -> list[Peak]:
    from benchmarks.lot_encoder import LotEncoder
    from core.bootstrap import open_app
    from core.settings import Settings

    app = open_app(Settings(data=data), encoder=LotEncoder())
    found = []
    for video in videos:
        video_id = app.intake.add_file(video).video.video_id
        app.worker().drain([video_id])
        own_mb, ffmpeg_mb = (
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        found.append(Peak(own_mb, ffmpeg_mb, app.library.counts()[1]))
    app.close()
    return found


def measure_length(report: Report, folder: Path, minutes: list[float]) -> None:
    """Compare a long video with a short one."""
    found = []
    for at, length in enumerate(minutes):
        video = draw(
            folder / f"{at}.mp4", SIZES["480p"], round(60 * length), key_every=250, fps=FPS
        )
        (peak,) = peaks(folder / f"data {at}", [video])
        name = f"{length:g} minutes"
        share = peak.n_clips / round(60 * length)
        report.add(f"{name}: clips, of the samples", share, "least", 0.99)
        report.add(f"{name}: peak of the worker, MB", peak.own_mb)
        report.add(f"{name}: peak of ffmpeg, MB", peak.ffmpeg_mb)
        found.append(peak)
        video.unlink()
    name = f"{minutes[-1]:g} minutes, of {minutes[0]:g}: peak of"
    report.add(f"{name} the worker", found[-1].own_mb / found[0].own_mb, "most", ROUGHLY)
    report.add(f"{name} ffmpeg", found[-1].ffmpeg_mb / found[0].ffmpeg_mb, "most", ROUGHLY)


def measure_many(report: Report, folder: Path, n: int) -> None:
    """Compare the peaks after the last of many videos and half-way."""
    piece = draw(folder / "piece.mp4", SIZES["480p"], 20, key_every=250, fps=FPS)
    videos = [_part(piece, folder / f"part {at}.mp4", at) for at in range(n)]
    found = peaks(folder / "data of many", videos)
    half = found[n // 2 - 1]
    name = f"{n} in a row"
    report.add(f"{name}: clips, of the samples", found[-1].n_clips / (n * _SHORT_S), "least", 0.99)
    report.add(f"{name}: peak of the worker after the first, MB", found[0].own_mb)
    report.add(f"{name}: peak of the worker after the last, MB", found[-1].own_mb)
    report.add(f"{name}: the last peak of the worker, of that half-way",
               found[-1].own_mb / half.own_mb, "most", ROUGHLY)  # fmt: skip
    report.add(f"{name}: the last peak of ffmpeg, of that half-way",
               found[-1].ffmpeg_mb / half.ffmpeg_mb, "most", ROUGHLY)  # fmt: skip


def _part(piece: Path, path: Path, at: int) -> Path:
    """Cut the beginning off a video; each is a file of its own content, as its title differs."""
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-i", str(piece), "-c", "copy"]
    command += ["-t", str(_SHORT_S), "-metadata", f"title={at}", str(path)]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    return path


def main() -> int:
    """Measure; the exit status says whether memory stayed where it was."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.indexing_memory", description=__doc__
    )
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--only", nargs="+", choices=("length", "many"), default=["length", "many"])
    parser.add_argument("--minutes", type=float, nargs=2, default=[4.0, 240.0], metavar="MINUTES")
    parser.add_argument("--many", type=int, default=200, help="videos in a row (200)")
    asked = parser.parse_args()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        if "length" in asked.only:
            measure_length(report, Path(name), asked.minutes)
        if "many" in asked.only:
            measure_many(report, Path(name), asked.many)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
