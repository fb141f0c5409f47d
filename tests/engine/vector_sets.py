"""A set of small vectors with numbers, and what lies in files beside the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine.engine import Engine
from core.engine.vectors import rows_file

DIMENSIONS = 4
Rows = dict[int, NDArray[np.float32]]
Open = Callable[[], Engine]
Filled = tuple[Engine, Rows]


def ask(engine: Engine, *commands: dict[str, Any], blobs: Any = ()) -> list[Any]:
    """The bodies of a query's answers."""
    answer, _ = engine.query(list(commands), [np.asarray(b, "<f4").tobytes() for b in blobs])
    assert isinstance(answer, list), answer
    return [next(iter(one.values())) for one in answer]


def drawn(n: int, seed: int = 0) -> NDArray[np.float32]:
    """Some vectors."""
    return np.random.default_rng(seed).standard_normal((n, DIMENSIONS)).astype(np.float32)


def add(engine: Engine, rows: NDArray[np.float32], first: int = 0) -> None:
    """Add vectors numbered from `first`."""
    ask(engine, *[{"AddDescriptor": {"set": "s", "properties": {"n": first + i}}}
                  for i in range(len(rows))], blobs=rows)  # fmt: skip


def numbers(engine: Engine, k: int = 5, **more: Any) -> list[int]:
    """The numbers of those nearest to the first axis."""
    find = {"set": "s", "k_neighbors": k, "results": {"list": ["n"]}, **more}
    (found,) = ask(engine, {"FindDescriptor": find}, blobs=[[1, 0, 0, 0]])
    return [one["n"] for one in found.get("entities", [])]


def expected(rows: Rows, k: int = 5) -> list[int]:
    """The same by numpy."""
    distance = {
        n: float(((row.astype(float) - [1, 0, 0, 0]) ** 2).sum()) for n, row in rows.items()
    }
    return sorted(distance, key=lambda n: (distance[n], n))[:k]


def folder_of(engine: Engine) -> Path:
    """Where the files are."""
    return engine._store.folder / "vectors"


def set_id(engine: Engine) -> int:
    """The set's own number."""
    with engine._store.connection() as db:
        return int(db.execute("SELECT min(set_id) FROM vectors").fetchone()[0])


def head(engine: Engine) -> rows_file.Head:
    """What the file holds."""
    found = rows_file.read_head(folder_of(engine), set_id(engine))
    assert found is not None
    return found
