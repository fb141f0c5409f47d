"""How indexing grows with length, resolution and library, and what 10,000 hours would need of it.

Run: python -m benchmarks.indexing_growth [--json] [--only length resolution copy library]
[--minutes 1 10 60] [--seconds 60] [--library 0 100000] [--hours 10000]. Each video is indexed in a
fresh process with vectors by lot, all different, so that every sample is saved: the worst case.
What the model costs is measured beside it and added. `--library 1000000` takes half an hour.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.indexing_ways import SAMPLED_PX, SIZES, cpu_s, draw, model_by_lot
from benchmarks.library_growth import measure_library
from benchmarks.lot_encoder import LotEncoder
from benchmarks.need import Hour, need
from benchmarks.report import Report

SECTIONS = ("length", "resolution", "copy", "library")
_MB = 1e6


# -- one video ------------------------------------------------------------------------------------


def index(data: Path, video: Path, seconds: float) -> Hour:
    """Index a video in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_index, (data, video, seconds))


def _index(data: Path, video: Path, seconds: float) -> Hour:
    from core.bootstrap import open_app
    from core.library.library import Library
    from core.settings import Settings

    saved = Counter[str]()

    def see_clips(clips: Sequence[Any]) -> None:
        saved["vectors_mb"] += sum(clip.vectors.nbytes for clip in clips)
        saved["pictures_mb"] += sum(len(clip.jpeg) for clip in clips)

    def see_sheets(sheets: Sequence[Any]) -> None:
        saved["sheets_mb"] += sum(len(sheet.jpeg) for sheet in sheets)

    _show(Library, "save_clips", see_clips)
    _show(Library, "save_sheets", see_sheets)
    settings = Settings(data=data)
    open_app(settings, encoder=LotEncoder()).close()  # an empty library, with nothing in its log
    before_bytes = _size_bytes(data)
    app = open_app(settings, encoder=LotEncoder())
    video_id = app.intake.add_file(video).video.video_id
    cpu, began = cpu_s(), time.perf_counter()
    app.worker().drain([video_id])
    took_s, used_s = time.perf_counter() - began, cpu_s() - cpu
    n_clips = app.library.counts()[1]
    app.close()
    per_h = 3600 / seconds
    parts_mb = {kind: n_bytes / _MB * per_h for kind, n_bytes in saved.items()}
    grown_mb = (_size_bytes(data) - before_bytes) / _MB * per_h
    return Hour(
        cpu_s=used_s * per_h, speed=seconds / took_s, database_mb=grown_mb,
        clips=n_clips * per_h, **parts_mb,
    )  # fmt: skip


def _show(of: type, name: str, see: Callable[[Sequence[Any]], object]) -> None:
    """Show what a method is given to save to `see`, before it is saved."""
    real = getattr(of, name)

    def seen(self: object, video: object, items: Sequence[Any], **more: object) -> object:
        see(items)
        return real(self, video, items, **more)

    setattr(of, name, seen)


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure_videos(
    report: Report, folder: Path, videos: Sequence[tuple[str, str, int]]
) -> dict[str, Hour]:
    """Index videos, (name, size, seconds) each."""
    found = {}
    for name, size, seconds in videos:
        video = draw(folder / "video.mp4", SIZES[size], seconds, key_every=250)
        found[name] = index(folder / f"data {name}", video, seconds)
        found[name].tell(report, name)
    return found


def model_cpu_s(model: Path) -> float:
    """Give the CPU seconds of a model for one picture, on this machine's CPU."""
    from core.encoders.clip import ClipEncoder

    encoder = ClipEncoder(str(model), device="cpu")
    shape = (32, SAMPLED_PX, SAMPLED_PX * 16 // 9, 3)
    frames = list(np.random.default_rng(0).integers(0, 255, shape, np.uint8))
    encoder.encode_images(frames)
    took = []
    for _ in range(3):
        began = time.process_time()
        encoder.encode_images(frames)
        took.append(time.process_time() - began)
    return median(took) / len(frames)


def measure_copy(report: Report, folder: Path, seconds: int) -> None:
    """Make the copy that browsers play of a video in AVI, for which nothing else will do."""
    import subprocess

    from imageio_ffmpeg import get_ffmpeg_exe

    from core.media import probe, proxy

    piece = draw(folder / "piece.mp4", SIZES["1080p"], seconds, key_every=250)
    video, copied = folder / "video.avi", folder / "copy.mp4"
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-i", str(piece)]
    subprocess.run([*command, "-c:v", "mpeg4", "-q:v", "4", str(video)], check=True)  # noqa: S603
    began = cpu_s()
    facts = probe.probe(video)
    proxy.make(video, facts, copied, on_progress=lambda _: None, cancelled=lambda: False)
    per_h = 3600 / seconds
    report.add("a copy for browsers, 1080p: CPU seconds for an hour", (cpu_s() - began) * per_h)
    report.add("a copy for browsers, 1080p: MB for an hour", _size_of(copied) / _MB * per_h)
    report.add("a copy for browsers, 1080p: of the original's bytes",
               _size_of(copied) / _size_of(video))  # fmt: skip


def _size_of(path: Path) -> int:
    return path.stat().st_size


def tell_need(report: Report, one: Hour, each_s: float, hours: float, size: str) -> None:
    """Compute what so many hours need, from what was measured in this run."""
    needed = need(hours, one, model_cpu_s=each_s, n_cores=os.cpu_count() or 1)
    name = f"{hours:,.0f} hours of {size}"
    report.add(f"{name}: core hours", needed.core_hours)
    report.add(f"{name}: hours on one machine like this", needed.machine_hours)
    report.add(f"{name}: machines like this, to be done in a week", needed.machines_for_a_week)
    report.add(f"{name}: TB of database", needed.disk_tb)
    report.add(f"{name}: millions of clips, where nothing is folded", needed.clips_m)
    report.add(f"{name}: GB of vectors in memory", needed.vectors_gb)


def options() -> argparse.Namespace:
    """Read the options from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.indexing_growth", description=__doc__
    )
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10, 60], help="at 480p")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--seconds", type=int, default=60, help="of each resolution (60)")
    parser.add_argument("--library", type=int, nargs="+", default=[0, 100_000], help="clips")
    parser.add_argument("--model", type=Path, help="a checkpoint of CLIP (one by lot)")
    parser.add_argument("--hours", type=float, default=10_000)
    return parser.parse_args()


def main() -> int:
    """Measure what is asked for."""
    asked = options()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "length" in asked.only:
            lengths = [(f"480p, {m:g} min", "480p", round(60 * m)) for m in asked.minutes]
            measure_videos(report, folder, lengths)
        if "resolution" in asked.only:
            sizes = [(f"{size}, {asked.seconds} s", size, asked.seconds) for size in asked.sizes]
            found = measure_videos(report, folder, sizes)
            each_s = model_cpu_s(asked.model or model_by_lot(folder / "model.pt"))
            report.add("the model: CPU seconds for a picture", each_s)
            for size, one in zip(asked.sizes, found.values(), strict=True):
                tell_need(report, one, each_s, asked.hours, size)
        if "copy" in asked.only:
            measure_copy(report, folder, min(20, asked.seconds))
        if "library" in asked.only:
            measure_library(report, folder, asked.library)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
