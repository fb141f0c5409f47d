"""A load of writes for the kill tests: random queries, a journal of each, and what must be there.

Runs in a child that is killed at any time. It knows the engine by its query language only.
"""

from __future__ import annotations

import json
import os
import random
import signal
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.engine.engine import Engine
from core.model import VideoFacts

FACTS = VideoFacts(1.0, 16, 16, 10.0, "h264", None, "mp4", "yuv420p", 0, 1)
DIMENSIONS = 8
SETS = {
    "s": "FaissFlat",
    "h": "HNSW",
}  # films' vectors go to the first, many at a time to the other
N_VECTORS = {"film": 2, "bulk": 40}
STEPS = (
    "film",
    "film",
    "bulk",
    "bulk",
    "change",
    "remove",
    "remove",
    "refused",
    "search",
    "search",
    "search",
)
OF_OLD = ("change", "remove", "search")  # steps that need a group
Query = tuple[list[dict[str, Any]], list[bytes]]
State = dict[str, tuple[str, int]]  # a group's tag: its kind, and the number of its last change


def open_engine(folder: Path) -> Engine:
    """Open the engine as every process of the test does."""
    return Engine(folder, probe_video=lambda _: FACTS)


def video_of(tag: str) -> bytes:
    """Give the bytes of a group's video, other ones for each group."""
    return tag.encode() * (200 + sum(tag.encode()) % 5000)


def vector_of(tag: str, n: int) -> bytes:
    """Give the n-th vector of a group, other ones for each."""
    drawn = random.Random(f"{tag}/{n}")
    return struct.pack(f"<{DIMENSIONS}f", *(drawn.gauss(0, 1) for _ in range(DIMENSIONS)))


# -- queries -----------------------------------------------------------------------------------


def _own(tag: str, **more: Any) -> dict[str, Any]:
    return {"tag": tag, "rev": 0, **more}


def add_film(tag: str) -> Query:
    """A video with two clips, a vector for each, and a picture, a blob and an entity beside."""
    commands: list[dict[str, Any]] = [{"AddVideo": {"_ref": 1, "properties": _own(tag)}}]
    blobs = [video_of(tag)]
    for n in range(N_VECTORS["film"]):
        span = {"start": n * 30, "stop": n * 30 + 29}
        clip = {"_ref": 2 + 2 * n, "video_ref": 1, "frame_number_range": span}
        vector = {"_ref": 3 + 2 * n, "set": "s", "connect": {"ref": 2 + 2 * n, "class": "OfClip"}}
        commands += [
            {"AddClip": {**clip, "properties": _own(tag, n=n)}},
            {"AddDescriptor": {**vector, "properties": _own(tag, n=n)}},
            {"AddConnection": {"class": "OfVideo", "src": 1, "dst": 3 + 2 * n,
                               "properties": _own(tag)}},
        ]  # fmt: skip
        blobs.append(vector_of(tag, n))
    for name in ("AddImage", "AddBlob"):
        commands.append({name: {"properties": _own(tag), "connect": {"ref": 1}}})
        blobs.append(tag.encode())
    return [*commands, {"AddEntity": {"class": "A", "properties": _own(tag)}}], blobs


def add_bulk(tag: str) -> Query:
    """Many vectors in one query."""
    numbers = range(N_VECTORS["bulk"])
    adds = [{"AddDescriptor": {"set": "h", "properties": _own(tag, n=n)}} for n in numbers]
    return adds, [vector_of(tag, n) for n in numbers]


def _of(tag: str) -> dict[str, Any]:
    return {"constraints": {"tag": ["==", tag]}}


KINDS = ("Video", "Clip", "Descriptor", "Image", "Blob", "Entity", "Connection")


def change(tag: str, rev: int) -> Query:
    """Give everything of a group another number."""
    new = {"properties": {"rev": rev}}
    return [{f"Update{kind}": {**_of(tag), **new}} for kind in KINDS], []


def remove(tag: str) -> Query:
    """Delete everything of a group; its connections go with their ends."""
    return [{f"Delete{kind}": _of(tag)} for kind in KINDS[:-1]], []


def refused(tag: str) -> Query:
    """Add a film, and fail with the last command: nothing of it may ever be seen."""
    commands, blobs = add_film(tag)
    return [*commands, {"AddDescriptor": {"set": "no such set"}}], [*blobs, b"\0" * 32]


# -- the journal -------------------------------------------------------------------------------


@dataclass
class Writer:
    """One child's load: what it starts, what was answered, what must be there."""

    name: str
    state: State = field(default_factory=dict)
    n: int = 0

    def steps(self, rng: random.Random) -> Iterator[tuple[str, str]]:
        """Choose step after step: (what, the tag of a group)."""
        while True:
            self.n += 1
            what = rng.choice(STEPS)
            if what in OF_OLD and not self.state:
                what = "film"
            is_old = what in OF_OLD
            yield what, rng.choice(sorted(self.state)) if is_old else f"{self.name}-{self.n}"

    def query(self, what: str, tag: str) -> Query:
        """Give the query of a step."""
        if what == "search":
            of = "s" if self.state[tag][0] == "film" else "h"
            find = {"set": of, "k_neighbors": 1, "distances": True}
            listed = {"results": {"list": ["tag", "n"]}}
            return [{"FindDescriptor": {**find, **listed}}], [vector_of(tag, 0)]
        if what == "change":
            return change(tag, self.n)
        return {"film": add_film, "bulk": add_bulk, "remove": remove, "refused": refused}[what](tag)


def after(state: State, what: str, tag: str, n: int) -> State:
    """Give what is there once a step was done."""
    if what in N_VECTORS:
        return {**state, tag: (what, 0)}
    if what == "change":
        return {**state, tag: (state[tag][0], n)}
    return {key: value for key, value in state.items() if (what, key) != ("remove", tag)}


def write(folder: Path, journal: Path, seed: str) -> None:
    """Fire queries until somebody kills this process, or asks it by SIGTERM to end."""
    ends: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ends.append(number))
    writer = Writer(journal.stem)
    out = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    engine = open_engine(folder)
    for name, kind in SETS.items():
        engine.query(
            [{"AddDescriptorSet": {"name": name, "dimensions": DIMENSIONS, "engine": kind}}]
        )
    for what, tag in writer.steps(random.Random(seed)):
        if ends:
            break
        os.write(out, f"{json.dumps(['start', what, tag, writer.n])}\n".encode())
        answer, _ = engine.query(*writer.query(what, tag))
        assert isinstance(answer, dict) == (what == "refused"), answer
        if what == "search":
            nearest = {"tag": tag, "n": 0, "_distance": 0.0}
            assert answer[0]["FindDescriptor"]["entities"] == [nearest], (tag, answer)
        os.write(out, f"{json.dumps(['done', what, tag, writer.n])}\n".encode())
        writer.state = after(writer.state, what, tag, writer.n)
    engine.close()


def read(journal: Path) -> tuple[State, State]:
    """Give what must be there, and what may be: as if the step that was cut off had happened."""
    before: State = {}
    started: tuple[str, str, int] | None = None
    for line in journal.read_text().splitlines():
        mark, what, tag, n = json.loads(line)
        started = (what, tag, n) if mark == "start" else None
        if mark == "done":
            before = after(before, what, tag, n)
    return before, after(before, *started) if started else before
