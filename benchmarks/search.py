"""What a search costs, from words to ranked moments: `python -m benchmarks.search [--n 100000]`.

On the embedded engine, with a model of ViT-B/32's size and weights by lot: its speed is the real
one's, its vectors mean nothing, so nothing is sure enough to be shown. Each part is timed within
the same searches, beside the bare work: clip's own text tower in float32 on the words alone, no
longer than they are, and one pass of BLAS over all vectors; and, without a goal, beside the same
with Reelseek's text tower, which is faster than clip's. `--n` several times; 10,000, 100,000 and a
million unless said. The million takes 12 GB of disk and ten minutes, most to make the library.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engine_library import resident_bytes
from benchmarks.indexing_ways import model_by_lot
from benchmarks.plain_clip import PlainTower
from benchmarks.report import Report
from benchmarks.vectors_data import Rows, frames
from core.bootstrap import App, open_app
from core.encoders.clip import ClipEncoder
from core.engine.engine import Engine
from core.library.records import NewClip
from core.model import PlayState, Span, VideoFacts
from core.query import Query, Wanted
from core.settings import Settings

SIZES = (10_000, 100_000, 1_000_000)
_LIMITS_MS = {10_000: 100.0, 100_000: 100.0, 1_000_000: 1000.0}
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
    """Adds up how long calls of some functions take, for each thread by itself."""

    def __init__(self) -> None:
        self._own = threading.local()

    def taken_s(self) -> dict[str, float]:
        """Give what the parts have taken in this thread so far, and begin again."""
        taken, self._own.taken = getattr(self._own, "taken", {}), {}
        return taken

    @contextmanager
    def around(self, of: object, name: str, part: str) -> Iterator[None]:
        """Time the method `name` of an object as a part."""
        real = getattr(of, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return real(*args, **kwargs)
            finally:
                taken = self._own.__dict__.setdefault("taken", {})
                taken[part] = taken.get(part, 0.0) + time.perf_counter() - start

        setattr(of, name, timed)
        try:
            yield
        finally:
            setattr(of, name, real)


@dataclass
class Bench:
    """A library to be searched, and what the bare work is measured with."""

    app: App
    engine: Engine
    encoder: ClipEncoder
    plain: PlainTower
    rows: Rows
    report: Report
    clock: Clock = field(default_factory=Clock)

    def search(self, number: int, wanted: Wanted = WANTED) -> dict[str, float]:
        """Search for words number n; gives what each part took, in seconds."""
        self.clock.taken_s()
        start = time.perf_counter()
        self.app.searcher.search(words(number), wanted=wanted)
        all_s = time.perf_counter() - start
        parts = {"text": 0.0, "database": 0.0, "knn": 0.0} | self.clock.taken_s()
        return parts | {
            "all": all_s,
            "rest": all_s - parts["text"] - parts["knn"],
            "own": all_s - parts["text"] - parts["database"],
        }

    def bare_s(self, number: int) -> dict[str, float]:
        """Encode the words alone, and find the 384 nearest by BLAS; seconds with each tower."""
        own = self.encoder
        return {
            "plain": self._bare_s(lambda: self.plain.encode(words(number))),
            "own": self._bare_s(lambda: own.encode_texts([words(number)])[0]),
        }

    def _bare_s(self, encode: Callable[[], Rows]) -> float:
        start = time.perf_counter()
        np.argpartition(self.rows @ encode(), -384)[-384:]
        return time.perf_counter() - start

    def measure(self, n_users: int, first: int) -> None:
        """Let so many users search at once, and as many do the bare work, by turns."""
        n = len(self.rows)
        parts: list[dict[str, float]] = []
        bare: list[dict[str, float]] = []
        with ThreadPoolExecutor(n_users) as users:
            for at in range(first, first + N_QUERIES, n_users):
                numbers = range(at, at + n_users)
                parts += users.map(self.search, numbers)
                bare += users.map(self.bare_s, [10_000 + number for number in numbers])
        title = f"{n:,} clips, {n_users} at once" if n_users > 1 else f"{n:,} clips"
        is_one = n_users == 1
        self._say(f"{title}: a search", parts, "all", _LIMITS_MS.get(n) if is_one else None)
        median_ms = 1000 * float(np.median([one["all"] for one in parts]))
        self.report.add(f"{title}: a search, median (ms)", median_ms)
        self._say(f"{title}: of it the text tower", parts, "text")
        self._say(f"{title}: of it the nearest vectors", parts, "knn")
        self._say(f"{title}: of it all else", parts, "rest", 15.0 if is_one else None)
        self._say(f"{title}: of that, outside of the database", parts, "own")
        for tower, limit in (("plain", 1.25 if is_one else None), ("own", None)):
            ratio = median_ms / 1000 / float(np.median([one[tower] for one in bare]))
            name = f"{title}: a search / {tower} text tower and bare pass"
            self.report.add(name, ratio, "most", limit)

    def measure_others(self) -> None:
        """Time what a page may ask for beside a first search."""
        title, query = f"{len(self.rows):,} clips", Query(words(0))
        weak = [self.search(500 + number, EVERYTHING) for number in range(10)]
        self._say(f"{title}: a search, however weak", weak, "all")
        self.app.searcher.search(query, wanted=WANTED)
        again = [
            self._timed(lambda: self.app.searcher.search(query, wanted=WANTED)) for _ in range(10)
        ]
        self._say(f"{title}: the same search again", again, "all")
        heat = [self._timed(lambda: self.app.searcher.heat(query, f"{0:032x}")) for _ in range(5)]
        self._say(f"{title}: the strip of one video", heat, "all")

    def _say(
        self, name: str, parts: Sequence[dict[str, float]], part: str, limit: float | None = None
    ) -> None:
        p95 = 1000 * float(np.percentile([one[part] for one in parts], 95))
        self.report.add(f"{name}, p95 (ms)", p95, "most", limit)

    @staticmethod
    def _timed(work: Callable[[], object]) -> dict[str, float]:
        start = time.perf_counter()
        work()
        return {"all": time.perf_counter() - start}


def measure(bench: Bench) -> None:
    """Measure one user's searches part by part, several users', and what else a page asks."""
    bench.app.searcher.search(words(-1), wanted=WANTED)
    settle(bench.engine)
    around = bench.clock.around
    with (
        around(bench.encoder, "encode_texts", "text"),
        around(bench.engine, "query", "database"),
        around(bench.engine._vectors, "nearest", "knn"),
    ):
        bench.measure(1, first=0)
        bench.measure(N_USERS, first=1000)
        bench.measure_others()


def settle(engine: Engine) -> None:
    """Let the graph of a large library be made first."""
    engine._vectors.settle()


def main() -> int:
    """Measure each size, each in a library of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--n", type=int, action="append", help="clips of a library")
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--model", type=Path, help="a checkpoint of CLIP (one by lot)")
    asked = parser.parse_args()
    report = Report(asked.json)
    for n in asked.n or SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            checkpoint = asked.model or model_by_lot(folder / "model.pt")
            encoder, plain = ClipEncoder(str(checkpoint), device="cpu"), PlainTower(checkpoint)
            engine = Engine(folder / "database", probe_video=lambda _: FACTS)
            app = open_app(Settings(data=folder), database=engine, encoder=encoder)
            began = time.perf_counter()
            rows = fill(app, folder, n)
            report.note(f"{n:,} clips saved in {time.perf_counter() - began:.0f} s")
            measure(Bench(app, engine, encoder, plain, rows, report))
            report.note(f"resident: {resident_bytes() / 1e9:.2f} GB, with {rows.nbytes / 1e9:.2f}")
            app.close()
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
