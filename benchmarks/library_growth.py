"""What saving costs in a library that holds much: a part of `benchmarks.indexing_growth`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.lot_encoder import DIMENSIONS, LotEncoder
from benchmarks.report import Report
from benchmarks.search import FACTS, fill
from core.bootstrap import App, open_app
from core.engine.engine import Engine
from core.library.records import NewClip
from core.model import PlayState, Span
from core.settings import Settings

_N_SAVED = 20  # videos of 32 clips, added to a library of each size
_OTHERS = 10**12  # numbers that no video of the filling has


def measure_library(report: Report, folder: Path, sizes: Sequence[int]) -> None:
    """Time what a worker asks of libraries of these sizes, in clips, for a video of 32 clips."""
    found: list[dict[str, float]] = []
    for n in sizes:
        steps = saved_ms(folder / str(n), n)
        for step, took_ms in steps.items():
            report.add(f"a library of {n:,} clips: {step} (ms)", took_ms)
        found.append(steps)
    for step in found[0]:
        if len(found) > 1:
            name = f"{step}: with {sizes[-1]:,} clips, of that with {sizes[0]:,}"
            report.add(name, found[-1][step] / found[0][step])


def saved_ms(folder: Path, n: int) -> dict[str, float]:
    """Fill a library with n clips, then add small videos; medians in milliseconds."""
    folder.mkdir()
    engine = Engine(folder / "database", probe_video=lambda _: FACTS)  # the files are empty
    app = open_app(Settings(data=folder), database=engine, encoder=LotEncoder())
    app.library.ensure_index(app.encoder.info())
    if n:
        fill(app, folder, n)
    turns = [_save_one(app, folder, at) for at in range(_N_SAVED)]
    app.close()
    return {step: 1000 * median(turn[step] for turn in turns) for step in turns[0]}


def _save_one(app: App, folder: Path, at: int) -> dict[str, float]:
    name = f"{_OTHERS + at:032x}"
    path = folder / f"new {at}.mp4"
    path.touch()
    app.library.add_video(
        name, name=path.name, path=path, content_sha256=name, facts=FACTS,
        play_state=PlayState.DIRECT,
    )  # fmt: skip
    rows = np.random.default_rng(at).standard_normal((32, 1, DIMENSIONS)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=-1, keepdims=True)
    clips = [
        NewClip(Span(i, i + 1.0), float(i), row, bytes(10_000), i + 0.5, i // 10)
        for i, row in enumerate(rows)
    ]
    times = [time.perf_counter()]
    video = app.library.claim("benchmark", lease_s=600, video_ids=[name])
    times.append(time.perf_counter())
    app.library.save_clips(video, clips, worker="benchmark")
    times.append(time.perf_counter())
    app.library.finish(name, "benchmark")
    times.append(time.perf_counter())
    steps = ("claim a video", "save 32 clips", "finish a video")
    return dict(zip(steps, np.diff(times).tolist(), strict=True))
