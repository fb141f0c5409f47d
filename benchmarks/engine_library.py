"""A library of drawn vectors for `benchmarks.engine`; as a program, what opening it costs."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from benchmarks.vectors_data import DIMENSIONS, Rows
from core.engine.engine import Engine
from core.engine.vectors import graphs
from core.library import schema, video_queries
from core.library.index import Index
from core.model import Span, VideoFacts

SET = "frames"
METRICS = ["CS", "L2", "IP"]
FRAME_S = 1.0
_FACTS = VideoFacts(5.5, 852, 480, 30.0, "h264", "aac", "mp4", "yuv420p", 0, 1)


class Library:
    """An engine on the folder, and the questions that are measured."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.engine = Engine(folder, probe_video=lambda _: _FACTS)
        self.n = self.count({})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()

    def ask(self, *commands: Mapping[str, Any], blobs: Iterable[Rows] = ()) -> list[Any]:
        """Answer a query that must succeed."""
        answer, _ = self.engine.query(list(commands), [blob.tobytes() for blob in blobs])
        if not isinstance(answer, list):
            raise SystemExit(str(answer))
        return [next(iter(one.values())) for one in answer]

    def near(self, question: Rows, *, set_name: str = SET, **more: Any) -> list[str]:
        """Give the ids of the ten nearest."""
        find = {"set": set_name, "k_neighbors": 10, "uniqueids": True, "distances": True, **more}
        (found,) = self.ask({"FindDescriptor": find}, blobs=[question])
        return [one["_uniqueid"] for one in found.get("entities", [])]

    def within(self, question: Rows, video_ids: list[str] | None, span: Span | None) -> None:
        """Ask for the ten nearest within a scope as the app does, with all that belongs to it."""
        Index(self.engine, SET).nearest(question, 10, video_ids, span)

    def count_within(self, video_ids: list[str] | None, span: Span | None) -> int:
        """Count the frames within a scope."""
        return Index(self.engine, SET).count_within(video_ids, span)

    def count(self, constraints: Mapping[str, Any]) -> int:
        """Count the frames that meet constraints."""
        find = {"set": SET, "constraints": constraints, "results": {"count": True}}
        return int(self.ask({"FindDescriptor": find})[0]["count"])

    def add(self, rows: Rows, video_id: str) -> None:
        """Add frames of one video by one query."""
        adds = [
            {"AddDescriptor": {"set": SET, "properties": {"video_id": video_id, "start": i}}}
            for i in range(len(rows))
        ]
        self.ask(*adds, blobs=rows)

    def videos(self) -> list[str]:
        """Name fifty videos from all over the library."""
        n = self.n // 500
        return [f"v{i}" for i in range(0, n, max(1, n // 50))]

    def rows(self) -> Rows:
        """Read all frames' vectors, (n, dimensions)."""
        with sqlite3.connect(self._folder / "aperture.sqlite3") as db:
            found = db.execute(
                "SELECT vector FROM vectors WHERE set_id=(SELECT min(set_id) FROM vectors)"
                " ORDER BY id"
            )
            rows = np.empty((self.n, DIMENSIONS), np.float32)
            for i, (vector,) in enumerate(found):
                rows[i] = np.frombuffer(vector, "<f4")
        return rows

    def grow(self, question: Rows, set_name: str = SET) -> None:
        """Let the graph be made, and open it."""
        self.near(question, set_name=set_name, engine="HNSW")
        self.engine._vectors.settle()
        self.near(question, set_name=set_name, engine="HNSW")


def fill(folder: Path, sets: Mapping[str, Iterable[Rows]]) -> None:
    """Make a library; the rows go straight into the tables, as AddDescriptor would put them."""
    with Library.__new__(Library) as library:
        library.engine = Engine(folder, probe_video=lambda _: _FACTS)
        for name in sets:
            library.ask({"AddDescriptorSet": {
                "name": name, "dimensions": DIMENSIONS, "engine": ["HNSW", "Flat"],
                "metric": METRICS, "properties": {schema.LONGEST_CLIP_S: FRAME_S}}})  # fmt: skip
        library.ask(*video_queries.prepare()[0])  # the app's own indexes
    db = sqlite3.connect(folder / "aperture.sqlite3")
    with db:
        for name, parts in sets.items():
            found = db.execute("SELECT id FROM objects WHERE properties LIKE ?", (f'%"{name}"%',))
            _put(db, found.fetchone()[0], name, parts)
    db.close()


def _put(db: sqlite3.Connection, set_id: int, name: str, parts: Iterable[Rows]) -> None:
    (row_id,) = db.execute("SELECT max(id) FROM objects").fetchone()
    n = 0
    for rows in parts:
        objects, vectors = [], []
        for row in rows:
            row_id += 1
            video, at = divmod(n, 500)
            start_s, end_s = at * FRAME_S, (at + 1) * FRAME_S
            properties = {
                "_set_name": name, "_label": "None", schema.VIDEO_ID: f"v{video}",
                schema.START: start_s, schema.END: end_s, schema.TIMESTAMP: start_s,
                schema.SEEN_UNTIL: end_s, schema.SHOT: at // 10, schema.FRAME_NUMBER: 25 * at,
            }  # fmt: skip
            if name != SET:
                of_set = {"_set_name": name, "_label": "None"}
                properties = of_set | {schema.VIDEO_ID: f"{name} {video}"}
            objects.append((row_id, json.dumps(properties)))
            vectors.append((row_id, set_id, row.tobytes()))
            n += 1
        db.executemany("INSERT INTO objects(id, class, properties) VALUES(?,'_Descriptor',?)",
                       objects)  # fmt: skip
        db.executemany("INSERT INTO vectors VALUES(?,?,?)", vectors)


def resident_bytes() -> int:
    """Give this process's resident memory, mapped files included. Linux only."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def main() -> None:
    """Open the folder, answer the question that comes in, say what that took."""
    folder, engine, graphs.LEAST_ROWS = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    question = np.frombuffer(sys.stdin.buffer.read(), np.float32)
    before_bytes, start = resident_bytes(), time.perf_counter()
    library = Library.__new__(Library)
    library.engine = Engine(folder, probe_video=lambda _: _FACTS)
    library.near(question, engine=engine)
    took_s, rise_bytes = time.perf_counter() - start, resident_bytes() - before_bytes
    n = library.count({})
    print(json.dumps({"took_s": took_s, "rise_bytes": rise_bytes, "n": n}))
    library.engine.close()


if __name__ == "__main__":
    main()
