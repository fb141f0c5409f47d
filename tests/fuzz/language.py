# ruff: noqa: ARG002 - the stand-in has the decoder's signatures
"""Fuzzes the query language: whatever is asked, there is an answer of a documented shape.

Never an exception, a hang, or memory without bound; and a query that fails, or only reads, leaves
the database as it was. `run` makes inputs from a seed until its time is over.
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.editing import VideoEdit, VideoOperation
from core.engine.engine import Engine
from core.engine.language import COMMANDS
from core.errors import NotAVideoError
from core.model import VideoFacts
from tests.fuzz.queries import Maker, Query

MOST_GROWTH_KIB = 512 * 1024  # of this process, whatever is asked
SLOWEST_S = 20.0
N_PER_ENGINE = 200  # inputs, then the database is a new one
N_PER_COMPARISON = 50  # inputs, then another engine must find the same
FACTS = VideoFacts(5.5, 852, 480, 30.0, "h264", "aac", "mov,mp4", "yuv420p", 0, 2_911_784)
OF_QUERIES = ("videos", "staging")  # what lies in these folders comes and goes with queries
SETS = [
    {"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": ["L2", "CS", "IP"]}},
    {"AddDescriptorSet": {"name": "t", "dimensions": 2, "metric": "CS"}},
]


def run(seconds: float, seed: int) -> int:
    """Try inputs for so long and give their number.

    Raises:
        AssertionError: what must not happen, with the input.
    """
    ends_s = time.monotonic() + seconds
    before_kib = _peak_kib()
    n = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Pillow's, of damaged images
        while time.monotonic() < ends_s:
            with tempfile.TemporaryDirectory() as folder:
                n = _run(Path(folder), n, ends_s, seed)
            growth_kib = _peak_kib() - before_kib
            assert growth_kib < MOST_GROWTH_KIB, f"{growth_kib} KiB by input {n} of seed {seed}"
    return n


def _run(folder: Path, n: int, ends_s: float, seed: int) -> int:
    """Try inputs from the n-th on with one database; give the number of the next."""
    engine = open_engine(folder)
    engine.query(SETS)
    try:
        for at in range(n, n + N_PER_ENGINE):
            query = Maker(random.Random(f"{seed} {at}")).query()
            name = f"input {at} of seed {seed}: {shown(query)}"
            try_query(engine, folder, query, name)
            if at % N_PER_COMPARISON == 0:
                compare(engine, folder, name)
            if time.monotonic() > ends_s:
                return at + 1
    finally:
        engine.close()
    return n + N_PER_ENGINE


class Studio:
    """Stands in for the decoder, which has tests of its own: small black pictures, short files."""

    def pictures(
        self, path: Path, numbers: Sequence[int], operations: Sequence[VideoOperation] = ()
    ) -> Iterator[NDArray[np.uint8]]:
        """Yield pictures up to the last one that there really is."""
        return (np.zeros((8, 12, 3), np.uint8) for number in numbers if number < 160)

    def numbers_at(self, path: Path, times_s: Sequence[float]) -> list[int]:
        """Give the pictures of a constant rate."""
        return [min(164, int(time_s * 30)) for time_s in times_s]

    def render(
        self, path: Path, target: Path, edit: VideoEdit, *, max_bytes: int | None = None
    ) -> None:
        """Write a file, or refuse one that would have no picture."""
        if edit.first_frame > 164:
            raise NotAVideoError("Nothing of it is left.")
        target.write_bytes(repr(edit).encode())


def open_engine(folder: Path) -> Engine:
    """Open an engine that takes most bytes for a video."""
    return Engine(folder, probe_video=_probe, studio=Studio())


def _probe(path: Path) -> VideoFacts:
    if not path.is_file() or b"refuse" in path.read_bytes():
        raise NotAVideoError("This is not a video.")
    return FACTS


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def shown(query: Query) -> str:
    """Write a query for the one who reads of a failure."""
    try:
        return repr(query)[:5000]
    except ValueError:  # a number of more digits than Python writes
        return "(a query with a very long number)"


# -- one input ---------------------------------------------------------------------------------


def try_query(engine: Engine, folder: Path, query: Query, name: str) -> None:
    """Ask, and check that the answer has a documented shape and nothing is half done.

    Raises:
        AssertionError: it has not, or something is; with the name.
    """
    before = digest(folder)
    start_s = time.monotonic()
    try:
        answer, blobs = engine.query(*query)
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} by {name}") from error
    took_s = time.monotonic() - start_s
    assert took_s < SLOWEST_S, f"{took_s:.1f} s for {name}"
    try:
        _check(query[0], answer, blobs)
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise AssertionError(f"{error!r}: the answer {answer!r} to {name}") from error
    if isinstance(answer, dict) or not any(COMMANDS[c].writes for one in answer for c in one):
        assert digest(folder) == before, f"changed by {name}"


def digest(folder: Path) -> str:
    """Give a digest of all that is in the database: rows, indexes, counters, files."""
    db = sqlite3.connect(folder / "aperture.sqlite3")
    try:
        kept = hashlib.sha256("\n".join(db.iterdump()).encode("utf-8", "backslashreplace"))
    finally:
        db.close()
    paths = [path for at in OF_QUERIES for path in (folder / at).rglob("*") if path.is_file()]
    names = sorted(path.name for path in paths if path.suffix != ".lock")
    kept.update(repr(names).encode())
    return kept.hexdigest()


# -- what must come back -----------------------------------------------------------------------


def _check(query: Any, answer: Any, blobs: list[bytes]) -> None:
    """Check an answer's shape by parts A2 and A3 of the language's documentation."""
    json.dumps(answer, allow_nan=False).encode()
    assert all(isinstance(blob, bytes) for blob in blobs)
    if isinstance(answer, dict):
        assert set(answer) == {"info", "status"}
        assert answer["status"] in (-1, 3, 4)
        assert isinstance(answer["info"], str)
        assert answer["info"]
        assert blobs == []
        return
    asked = json.loads(query) if isinstance(query, str) else query
    assert [list(one) for one in answer] == [list(one) for one in asked]
    n_blobs = 0
    for one, said in zip(answer, asked, strict=True):
        ((name, body),) = one.items()
        n_blobs = _check_body(name, said[name], body, n_blobs)
    assert n_blobs == len(blobs)


def _check_body(name: str, said: Any, body: dict[str, Any], n_blobs: int) -> int:
    """Check the answer to one command; give how many blobs there are up to it."""
    assert list(body) == sorted(body)
    assert body["status"] in ((0, 2) if name.startswith(("Add", "Create")) else (0,))
    assert body["status"] == 0 or isinstance(body["info"], str)
    if name.startswith(("Update", "Delete")):
        assert body["count"] >= 0
    if not name.startswith(("Find", "Extract")):
        return n_blobs
    assert body["returned"] >= 0
    listed = body.get("connections" if name == "FindConnection" else "entities")
    assert listed is None or body["returned"]
    if isinstance(listed, dict):
        assert body["group_by_source"] is True
        listed = [entity for found in listed.values() for entity in found]
    elif listed is not None:
        assert len(listed) == body["returned"]
    if "blobs_start" not in body:
        return n_blobs
    assert said.get("blobs") is True or name == "ExtractFrames"
    assert body["blobs_start"] == n_blobs
    after = n_blobs + body["returned"]
    for entity in listed or []:
        assert n_blobs <= entity.get("_blob_index", n_blobs) < after
    return after


EVERYTHING = [
    {"FindEntity": {"uniqueids": True, "results": {"all_properties": True}}},
    {"FindConnection": {"uniqueids": True, "results": {"all_properties": True}}},
    {"GetSchema": {}},
    {"GetIndexes": {}},
]


def compare(engine: Engine, folder: Path, name: str) -> None:
    """Ask for everything, and for the neighbours of a point, here and in an engine just opened."""
    near = {"k_neighbors": 2**40, "distances": True, "uniqueids": True}
    sets = [{"FindDescriptor": {"set": one, **near}} for one in "st"]
    other = open_engine(folder)
    try:
        assert engine.query(EVERYTHING) == other.query(EVERYTHING), f"after {name}"
        for one in sets:
            here, there = (each.query([one], [bytes(8)]) for each in (engine, other))
            assert here == there, f"after {name}"
    finally:
        other.close()
