"""Two engines on one folder and the naive twin: what one is asked, all must agree on."""

from __future__ import annotations

import json
import random
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from core.engine.engine import Engine
from core.engine.vectors import cache, graphs, rows_file
from core.errors import NotAVideoError
from core.model import VideoFacts
from tests.property.chance import DATES
from tests.property.naive import Naive
from tests.property.queries import query, varied

VIDEOS = {
    b"v30": VideoFacts(5.5, 852, 480, 30.0, "h264", "aac", "mp4", "yuv420p", 0, 3),
    b"v29": VideoFacts(2.0, 16, 16, 29.97, "h264", None, "mp4", "yuv420p", 0, 3),
}
EVERYTHING = [
    {"FindEntity": {"uniqueids": True, "results": {"all_properties": True}}},
    {"FindEntity": {"results": {"list": ["_uniqueid", "_create_txn"]}}},
    {"FindConnection": {"results": {"list": ["_uniqueid", "_src", "_dst", "n", "_create_txn"]}}},
    {"FindConnection": {"results": {"all_properties": True}}},
    {"FindDescriptorSet": {"counts": True, "engines": True, "metrics": True, "dimensions": True}},
    {"GetSchema": {}},
    {"GetIndexes": {}},
]


def _probe(path: Path) -> VideoFacts:
    content = path.read_bytes() if path.is_file() else b""
    if content not in VIDEOS:
        raise NotAVideoError("This is not a video.")
    return VIDEOS[content]


def _facts(content: bytes) -> dict[str, Any] | None:
    """Give the system properties that part B12 of the language's documentation names."""
    of = VIDEOS.get(content)
    return of and {
        "_fps": 30 if of.fps == 30 else of.fps, "_frame_count": round(of.duration_s * of.fps),
        "_frame_width": of.width_px, "_frame_height": of.height_px,
        "_duration_us": round(of.duration_s * 1e6),
    }  # fmt: skip


def _same(here: Any, there: Any) -> bool:
    """Compare answers; numbers computed in another order may differ in the last digits."""
    if isinstance(here, dict) and isinstance(there, dict):
        return list(here) == sorted(there) and all(_same(here[key], there[key]) for key in here)
    if isinstance(here, list) and isinstance(there, list):
        return len(here) == len(there) and all(map(_same, here, there))
    if isinstance(here, float) and isinstance(there, float):
        return here == pytest.approx(there, rel=1e-6)
    return type(here) is type(there) and bool(here == there)


def _beginning() -> Iterator[tuple[list[dict[str, Any]], list[bytes]]]:
    yield (
        [
            {"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": ["L2", "CS", "IP"]}},
            {"AddDescriptorSet": {"name": "t", "dimensions": 2, "engine": "HNSW", "metric": "CS"}},
        ],
        [],
    )
    for n, blob in enumerate(VIDEOS):
        span = {"start": n, "stop": 5}
        yield [
            {"AddVideo": {"_ref": 1, "properties": {"n": n, "s": "a"}}},
            {"AddClip": {"_ref": 2, "video_ref": 1, "frame_number_range": span, "label": "a"}},
            {"AddFrame": {"_ref": 3, "video_ref": 1, "frame_number": n, "properties": {"n": n}}},
            {"AddDescriptor": {"set": "s", "properties": {"n": n, "b": True}, "label": "a",
                               "connect": {"ref": 2, "class": "C", "properties": {"n": n}}}},
            {"AddDescriptor": {"set": "s", "properties": {"n": 2, "s": "B"}}},
            {"AddDescriptor": {"set": "s", "properties": {"n": n, "b": False}, "label": "B"}},
            {"AddDescriptor": {"set": "t", "connect": {"ref": 1, "direction": "in"}}},
            {"AddEntity": {"_ref": 4, "class": "A", "properties": {"n": n, "d": DATES[n]}}},
            {"AddEntity": {"_ref": 5, "class": "B", "connect": {"ref": 4, "class": "D"}}},
            {"AddImage": {"properties": {"s": "B"}, "connect": {"ref": 1}}},
            {"AddBlob": {"properties": {"x y": 0.5}}},
            {"AddConnection": {"class": "C", "src": 4, "dst": 1, "properties": {"b": False}}},
        ], [blob, *(struct.pack("<2f", *two) for two in ((n, 1), (2, n), (-1, n), (1, n))),
            b"x", b"yy"]  # fmt: skip


BEGINNING = list(_beginning())


class Pair:
    """Engines and twin, in a folder of their own."""

    def __init__(self) -> None:
        # Files of vectors and graphs, which need thousands, shall play their part here, too.
        self._patches = [
            patch.object(cache, "FLUSH_BYTES", 24), patch.object(rows_file, "_SPARE_BYTES", 64),
            patch.object(graphs, "LEAST_ROWS", 4), patch.object(graphs, "_EXTEND_ROWS", 1),
        ]  # fmt: skip
        for one in self._patches:
            one.start()
        base = Path("/dev/shm")  # noqa: S108 - no disk to wait for
        self.folder = Path(tempfile.mkdtemp(dir=base if base.is_dir() else None))
        for name in ("one", "two"):
            (self.folder / f"{name}.mp4").write_bytes(b"v30")
        files = {path.as_uri(): path.read_bytes() for path in self.folder.iterdir()}
        self.naive = Naive(_facts, files)
        self.engines = {who: self._open() for who in ("first", "second")}
        self.n_asked = 0
        self._reads: list[tuple[list[dict[str, Any]], list[bytes]]] = []
        for commands, blobs in BEGINNING:
            self.ask("first", commands, blobs)

    def _open(self) -> Engine:
        return Engine(self.folder / "db", probe_video=_probe)

    def reopen(self, who: str) -> None:
        """Open an engine anew: it knows what was committed, and no batch."""
        self.engines[who].close()
        self.engines[who] = self._open()
        self.naive.snapshots.pop(who, None)

    def ask_anything(self, who: str, seed: int, n_commands: int) -> None:
        """Ask a query of chance, or one of those before again, a little otherwise."""
        rng = random.Random(f"{seed} {self.n_asked}")
        if self._reads and rng.random() < 0.3:
            commands, blobs = varied(rng, rng.choice(self._reads[-6:]))
        else:
            commands, blobs = query(rng, str(self.folder), n_commands)
        if all(name.startswith("Find") for one in commands for name in one):
            self._reads.append((commands, blobs))
        self.ask(who, commands, blobs)

    def ask(self, who: str, commands: list[dict[str, Any]], blobs: list[bytes]) -> None:
        """Ask one of the engines, and the twin.

        Raises:
            AssertionError: they disagree.
        """
        self.n_asked += 1
        expected, expected_blobs = self.naive.query(commands, blobs, who=who)
        answer, answer_blobs = self.engines[who].query(commands, blobs)
        shown = json.dumps(commands, ensure_ascii=False)
        if isinstance(answer, dict) or isinstance(expected, dict):
            assert isinstance(answer, dict), f"expected a failure of {shown}: {answer}"
            assert isinstance(expected, dict), f"{answer} for {shown}, expected {expected}"
            assert answer["status"] == expected["status"], (answer, shown)
            assert set(answer) == {"info", "status"}
        else:
            assert _same(answer, expected), f"{answer}\n is not {expected}\n for {shown}"
        assert answer_blobs == expected_blobs, shown

    def compare(self) -> None:
        """Check that both engines hold what the twin holds.

        Raises:
            AssertionError: they do not.
        """
        expected, _ = self.naive.query(EVERYTHING, [], who="dump")
        for engine in self.engines.values():
            answer, _ = engine.query(EVERYTHING)
            assert _same(answer, expected), f"{answer}\n is not {expected}"

    def close(self) -> None:
        """Close the engines and remove the folder."""
        for engine in self.engines.values():
            engine.close()
        for one in self._patches:
            one.stop()
        shutil.rmtree(self.folder)
