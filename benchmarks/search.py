"""What a search costs, from words to ranked moments: `python -m benchmarks.search [--n 100000]`.

On the embedded engine, with a model of ViT-B/32's size and weights by lot: its speed is the real
one's, its vectors mean nothing, so nothing is sure enough to be shown. Each part is timed within
the same searches, beside the bare work that nobody can save: the text tower on the words alone, and
one pass of BLAS over all vectors. `--n` several times; 10,000 and 100,000 unless said.
A million takes 12 GB of disk and half an hour, most of it to make the library.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engine_library import resident_bytes
from benchmarks.indexing import model_by_lot
from benchmarks.report import Report
from benchmarks.vectors_data import Rows, frames
from core.bootstrap import App, open_app
from core.encoders.clip import ClipEncoder
from core.engine.engine import Engine
from core.library.records import NewClip
from core.model import PlayState, Span, VideoFacts
from core.query import Wanted
from core.settings import Settings

N_QUERIES = 40
N_USERS = 8
CLIPS_PER_VIDEO = 500
FACTS = VideoFacts(3600, 852, 480, 30.0, "h264", "aac", "mp4", "yuv420p", 0, 1)
WHO = ("a woman", "a man", "two children", "a dog", "an old car", "somebody")
WHERE = ("in the rain", "at night", "on a beach", "in a kitchen", "near a window", "on stage",
         "by the sea")  # fmt: skip
WANTED = Wanted()  # what a page asks for; of vectors by lot, nothing is sure enough to be shown
EVERYTHING = Wanted(floor=0.0)


def words(n: int) -> str:
    """Give query number n; no two are the same."""
    return f"{WHO[n % len(WHO)]} {WHERE[n % len(WHERE)]} {n}"


def fill(app: App, folder: Path, n: int) -> Rows:
    """Make a library of n clips as a worker does; gives all its vectors."""
    library, kept = app.library, []
    app.library.ensure_index(app.encoder.info())
    for at, rows in enumerate(_videos(n)):
        path = folder / f"{at}.mp4"
        path.touch()
        name = f"{at:032x}"
        library.add_video(
            name, name=path.name, path=path, content_sha256=name, facts=FACTS,
            play_state=PlayState.DIRECT,
        )  # fmt: skip
        video = library.claim("benchmark", lease_s=600, video_ids=[name])
        if video is None:
            raise SystemExit(f"Video {at} cannot be claimed.")
        clips = [
            NewClip(Span(i, i + 1.0), float(i), row[None], b"jpeg", i + 0.5, i // 10)
            for i, row in enumerate(rows)
        ]
        library.save_clips(video, clips, worker="benchmark")
        library.finish(name, "benchmark")
        kept.append(rows)
    return np.concatenate(kept)


def _videos(n: int) -> Iterator[Rows]:
    for rows in frames(n):
        for start in range(0, len(rows), CLIPS_PER_VIDEO):
            yield rows[start : start + CLIPS_PER_VIDEO]


class Clock:
    """Adds up how long calls of some functions take."""

    def __init__(self) -> None:
        self.taken_s: dict[str, float] = {}

    @contextmanager
    def around(self, of: object, name: str, part: str) -> Iterator[None]:
        """Time the method `name` of an object as a part."""
        real = getattr(of, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return real(*args, **kwargs)
            finally:
                self.taken_s[part] = self.taken_s.get(part, 0.0) + time.perf_counter() - start

        setattr(of, name, timed)
        try:
            yield
        finally:
            setattr(of, name, real)


def measure(report: Report, app: App, rows: Rows, engine: Engine) -> None:
    """Measure one user's searches, part by part, and several users at once."""
    n, searcher, encoder = len(rows), app.searcher, app.encoder
    searcher.search(words(-1), wanted=WANTED)
    settle(engine)
    parts: dict[str, list[float]] = {name: [] for name in ("all", "text", "knn", "bare")}
    for number in range(N_QUERIES):
        clock = Clock()
        with clock.around(encoder, "encode_texts", "text"), clock.around(engine, "query", "knn"):
            start = time.perf_counter()
            searcher.search(words(number), wanted=WANTED)
            parts["all"].append(time.perf_counter() - start)
        parts["text"].append(clock.taken_s["text"])
        parts["knn"].append(clock.taken_s["knn"])
        parts["bare"].append(bare_s(encoder, rows, words(number + 10_000)))
    p95 = {name: 1000 * float(np.percentile(taken, 95)) for name, taken in parts.items()}
    rest = [
        1000 * (all_s - text_s - knn_s)
        for all_s, text_s, knn_s in zip(parts["all"], parts["text"], parts["knn"], strict=True)
    ]
    limit = {10_000: 100.0, 100_000: 100.0, 1_000_000: 1000.0}.get(n)
    report.add(f"{n:,} clips: a search, p95 (ms)", p95["all"], "most", limit)
    report.add(f"{n:,} clips: of it the text tower, p95 (ms)", p95["text"])
    report.add(f"{n:,} clips: of it the database, p95 (ms)", p95["knn"])
    report.add(f"{n:,} clips: of it all else, p95 (ms)", float(np.percentile(rest, 95)), "most", 15)
    ratio = float(np.median(np.array(parts["all"]) / np.array(parts["bare"])))
    report.add(f"{n:,} clips: a search / bare text tower and bare pass", ratio, "most", 1.25)
    start = time.perf_counter()
    searcher.search(words(0), wanted=WANTED)
    report.add(f"{n:,} clips: the same search again (ms)", 1000 * (time.perf_counter() - start))
    start = time.perf_counter()
    searcher.search(words(1), wanted=EVERYTHING)
    report.add(f"{n:,} clips: the same, however weak (ms)", 1000 * (time.perf_counter() - start))
    report.add(f"{n:,} clips: {N_USERS} users at once, p95 (ms)", 1000 * crowd_s(app))


def bare_s(encoder: ClipEncoder, rows: Rows, text: str) -> float:
    """Do what nobody can save: encode the words alone, and find the 384 nearest by BLAS."""
    start = time.perf_counter()
    query = encoder.encode_texts([text])[0]
    np.argpartition(rows @ query, -384)[-384:]
    return time.perf_counter() - start


def crowd_s(app: App) -> float:
    """Let several users search at once; the time that 95 of 100 searches stay within."""

    def one(number: int) -> float:
        start = time.perf_counter()
        app.searcher.search(words(1000 + number), wanted=WANTED)
        return time.perf_counter() - start

    with ThreadPoolExecutor(N_USERS) as users:
        return float(np.percentile(list(users.map(one, range(5 * N_USERS))), 95))


def settle(engine: Engine) -> None:
    """Let the graph of a large library be made first."""
    engine._vectors.settle()


def main() -> int:
    """Measure each size, each in a library of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--n", type=int, action="append", help="clips of a library")
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    asked = parser.parse_args()
    report = Report(asked.json)
    for n in asked.n or (10_000, 100_000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            encoder = ClipEncoder(str(model_by_lot(folder / "model.pt")))
            engine = Engine(folder / "database", probe_video=lambda _: FACTS)
            app = open_app(Settings(data=folder), database=engine, encoder=encoder)
            began = time.perf_counter()
            rows = fill(app, folder, n)
            report.note(f"{n:,} clips saved in {time.perf_counter() - began:.0f} s")
            measure(report, app, rows, engine)
            report.note(f"resident: {resident_bytes() / 1e9:.2f} GB, with {rows.nbytes / 1e9:.2f}")
            app.close()
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
