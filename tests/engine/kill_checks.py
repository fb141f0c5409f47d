"""What must hold after writers were killed: whole queries, all that were answered, no leftovers.

Runs in a process of its own, and opens the folder as the app would: without any repair by hand.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from core.engine.engine import Engine
from tests.engine.kill_load import (
    DIMENSIONS,
    KINDS,
    N_VECTORS,
    State,
    open_engine,
    read,
    vector_of,
    video_of,
)  # fmt: skip

# How many of each kind a group has.
N_OF_FILM = dict.fromkeys(KINDS, 1) | {"Clip": 2, "Descriptor": 2, "Connection": 2}
N_OF_BULK = {"Descriptor": N_VECTORS["bulk"]}
# What may lie in the folder beside the videos that a row names: SQLite's files, cached vectors.
KEPT = re.compile(
    r"aperture\.sqlite3(-wal|-shm)?"
    r"|vectors/\d+(\.json|\.lock|\.graph\.json|\.graph\.lock|-[0-9a-f]+\.(ids|rows|graph|nodes))"
)


def check(folder: Path, journals: list[Path]) -> None:
    """Open the folder and compare it with the journals; settle in them what was cut off."""
    engine = open_engine(folder)
    try:
        seen = _seen(engine)
        expected: State = {}
        for journal in journals:
            expected |= _settled(journal, seen)
        _check_rows(engine, expected)
        _check_vectors(engine, expected)
        _check_files(engine, folder)
    finally:
        engine.close()


def _find(engine: Engine, command: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer, _ = engine.query([{command: body}])
    assert isinstance(answer, list), answer
    said = answer[0][command]
    found = said.get("connections") or said.get("entities") or []
    assert isinstance(found, list)
    return found


def _rows(engine: Engine, kind: str) -> list[dict[str, Any]]:
    more = {"with_class": "A"} if kind == "Entity" else {}
    listed = {"results": {"list": ["tag", "rev"]}, "constraints": {"tag": ["!=", None]}}
    return _find(engine, f"Find{kind}", {**more, **listed})


def _seen(engine: Engine) -> dict[str, int]:
    """Give the groups of which there is a vector, which each has, and their numbers."""
    return {row["tag"]: row["rev"] for row in _rows(engine, "Descriptor")}


def _settled(journal: Path, seen: dict[str, int]) -> State:
    """Decide by one row of the query that was cut off whether it happened; the rest must agree."""
    must, may = read(journal)
    if must == may:
        return must
    (tag,) = {tag for tag, _ in must.items() ^ may.items()}
    happened = seen.get(tag) == (may[tag][1] if tag in may else None)
    mark = '"done"' if happened else '"undone"'
    cut_off = journal.read_text().splitlines()[-1]
    with journal.open("a") as out:
        out.write(cut_off.replace('"start"', mark) + "\n")
    return may if happened else must


def _check_rows(engine: Engine, expected: State) -> None:
    for kind in KINDS:
        wanted = sorted(
            (tag, rev)
            for tag, (what, rev) in expected.items()
            for _ in range((N_OF_FILM if what == "film" else N_OF_BULK).get(kind, 0))
        )
        found = sorted((row["tag"], row["rev"]) for row in _rows(engine, kind))
        assert found == wanted, (kind, found, wanted)
    n_links = 2 * sum(what == "film" for what, _ in expected.values())
    count = {"results": {"count": True}}
    answer, _ = engine.query(
        [
            {"FindConnection": {"with_class": "OfClip", **count}},
            {"FindVideo": {"_ref": 1}},
            {"FindClip": {"video_ref": 1, **count}},
        ]
    )
    assert isinstance(answer, list)
    counts = (answer[0]["FindConnection"]["count"], answer[2]["FindClip"]["count"])
    assert counts == (n_links, n_links), counts


def _check_vectors(engine: Engine, expected: State) -> None:
    """A search of all of a set finds all, at their distances, and each is its own nearest."""
    for what, name in (("film", "s"), ("bulk", "h")):
        tags = sorted(tag for tag, (kind, _) in expected.items() if kind == what)
        keys = [(tag, n) for tag in tags for n in range(N_VECTORS[what])]
        if not keys:
            continue  # nor may there be a set yet
        found, blobs = _nearest(engine, name, vector_of("anything", 0), len(keys) + 9)
        assert sorted((one["tag"], one["n"]) for one in found) == keys
        assert [vector_of(one["tag"], one["n"]) for one in found] == blobs
        there = b"".join(vector_of(*key) for key in keys)
        rows = np.frombuffer(there, "<f4").reshape(-1, DIMENSIONS)
        exact = np.sort(((rows - np.frombuffer(vector_of("anything", 0), "<f4")) ** 2).sum(1))
        np.testing.assert_allclose([one["_distance"] for one in found], exact, rtol=1e-5)
        for tag in tags[:20]:
            found, _ = _nearest(engine, name, vector_of(tag, 1), 1)
            assert [(one["tag"], one["n"], one["_distance"]) for one in found] == [(tag, 1, 0.0)]


def _nearest(
    engine: Engine, name: str, query: bytes, k: int
) -> tuple[list[dict[str, Any]], list[bytes]]:
    body = {"set": name, "k_neighbors": k, "distances": True, "blobs": True}
    answer, blobs = engine.query(
        [{"FindDescriptor": {**body, "results": {"list": ["tag", "n"]}}}], [query]
    )
    assert isinstance(answer, list), answer
    return answer[0]["FindDescriptor"].get("entities", []), blobs


def _check_files(engine: Engine, folder: Path) -> None:
    engine._vectors.settle()  # a graph that grows has files that no head names yet
    answer, blobs = engine.query([{"FindVideo": {"blobs": True, "results": {"list": ["tag"]}}}])
    assert isinstance(answer, list), answer
    found = answer[0]["FindVideo"].get("entities", [])
    assert [video_of(one["tag"]) for one in found] == blobs
    with engine._store.connection() as db:
        named = {name for (name,) in db.execute("SELECT file FROM objects WHERE file IS NOT NULL")}
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    paths = (path for path in folder.rglob("*") if not path.is_dir())
    there = {path.relative_to(folder).as_posix() for path in paths}
    named = {f"videos/{name}" for name in named}
    assert named <= there
    left = [name for name in there - named if not KEPT.fullmatch(name)]
    assert left == [], left
    for kind in ("ids", "rows", "graph", "nodes"):
        of_sets = [name.split("-")[0] for name in there if name.endswith(f".{kind}")]
        assert len(of_sets) == len(set(of_sets)), sorted(there)
