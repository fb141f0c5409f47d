"""Nearest neighbours against a plain search in numpy, whatever happened to the set before."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.engine.engine import Engine
from core.engine.vectors import Vectors
from tests.contract.conftest import FACTS
from tests.engine.vector_sets import Rows, ask

DIMENSIONS = 3


def similarity(metric: str, row: NDArray[np.float32], query: NDArray[np.float32]) -> float:
    """What the metric says of two vectors, in double precision."""
    a, b = row.astype(np.float64), query.astype(np.float64)
    if metric == "L2":
        return float(((a - b) ** 2).sum())
    if metric == "IP":
        return float(a @ b)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths else 0.0


def expected(metric: str, rows: Rows, query: NDArray[np.float32], k: int) -> list[float]:
    """The distances of the k nearest, best first."""
    return sorted((similarity(metric, row, query) for row in rows.values()),
                  reverse=metric != "L2")[:k]  # fmt: skip


NUMBER = st.one_of(
    st.floats(-100, 100, width=32), st.sampled_from([0.0, 1.0, -1.0, 1e-20, -3e-15, 1e15])
)
VECTOR = st.lists(NUMBER, min_size=DIMENSIONS, max_size=DIMENSIONS).map(
    lambda numbers: np.array(numbers, np.float32)
)
STEP = st.one_of(
    st.tuples(st.just("add"), st.lists(VECTOR, min_size=1, max_size=5)),
    st.tuples(st.just("delete"), st.integers(0, 3)),
    st.tuples(st.just("search"), VECTOR),
)


@settings(max_examples=40, deadline=None)
@given(metric=st.sampled_from(["L2", "IP", "CS"]), steps=st.lists(STEP, max_size=8), last=VECTOR)
def test_like_a_plain_search(
    tmp_path_factory: pytest.TempPathFactory, metric: str, steps: list[Any], last: Any
) -> None:
    """After any additions and removals, with and without constraints, numpy agrees."""
    engine = Engine(tmp_path_factory.mktemp("db"), probe_video=lambda _: FACTS)
    ask(engine, {"AddDescriptorSet": {"name": "s", "dimensions": DIMENSIONS, "metric": metric}})
    rows: Rows = {}
    n = 0
    for what, value in [*steps, ("search", last)]:
        if what == "add":
            for row in value:
                rows[n] = row
                n += 1
            first = n - len(value)
            ask(engine, *[{"AddDescriptor": {"set": "s", "properties": {"n": i}}}
                          for i in range(first, n)], blobs=value)  # fmt: skip
        elif what == "delete":
            gone = [i for i in rows if i % 4 == value]
            ask(engine, {"DeleteDescriptor": {"constraints": {"n": ["in", gone]}}})
            for i in gone:
                del rows[i]
        else:
            check(engine, metric, rows, value)
    engine.close()


def check(engine: Engine, metric: str, rows: Rows, query: NDArray[np.float32]) -> None:
    """Compare a search of all, and one of every other vector, with numpy."""
    find = {"set": "s", "k_neighbors": 4, "distances": True, "results": {"list": ["n"]}}
    even = [i for i in rows if i % 2 == 0]
    scope = {"constraints": {"n": ["in", even]}}
    both = ask(engine, {"FindDescriptor": find}, {"FindDescriptor": {**find, **scope}},
               blobs=[query, query])  # fmt: skip
    for found, there in zip(both, (rows, {i: rows[i] for i in even}), strict=True):
        entities = found.get("entities", [])
        wanted = expected(metric, there, query, 4)
        scale = max([1.0, *(abs(one) for one in wanted)]) if metric != "CS" else 1.0
        distances = [entity["_distance"] for entity in entities]
        assert distances == pytest.approx(wanted, rel=1e-4, abs=1e-4 * scale)
        for entity in entities:
            own = similarity(metric, there[entity["n"]], query)
            assert entity["_distance"] == pytest.approx(own, rel=1e-4, abs=1e-4 * scale)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """An engine with a set of ten vectors, the n-th at n tenths of a right angle."""
    ask(engine, {"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": "CS"}})
    angles = np.arange(10) * np.pi / 20
    ask(engine, *[{"AddDescriptor": {"set": "s", "properties": {"n": n, "odd": n % 2 == 1}}}
                  for n in range(10)],
        blobs=np.stack([np.cos(angles), np.sin(angles)], 1))  # fmt: skip
    return engine


@pytest.mark.parametrize(
    ("more", "numbers"),
    [
        ({"k_neighbors": 3}, [0, 1, 2]),
        ({"k_neighbors": 0}, []),
        ({"k_neighbors": 99}, list(range(10))),
        ({"k_neighbors": 4, "sort": {"key": "n", "order": "descending"}}, [3, 2, 1, 0]),
        ({"k_neighbors": 4, "limit": 2}, [0, 1]),
        ({"k_neighbors": 4, "limit": 2, "offset": 1}, [1, 2]),
        ({"k_neighbors": 4, "results": {"list": ["n"], "limit": 1}}, [0]),
        ({"k_neighbors": 3, "constraints": {"odd": ["==", True]}}, [1, 3, 5]),
        ({"k_neighbors": 3, "knn_first": True, "constraints": {"odd": ["==", True]}}, [1]),
        ({"k_neighbors": 3, "constraints": {"n": ["in", []]}}, []),
        ({"k_neighbors": 2, "with_label": "None", "constraints": {"n": [">", 6]}}, [7, 8]),
        ({"k_neighbors": 2, "engine": "FaissFlat", "metric": "CS"}, [0, 1]),
    ],
)
def test_what_becomes_of_the_winners(
    filled: Engine, more: dict[str, Any], numbers: list[int]
) -> None:
    """Filters come before the search unless it is said otherwise; sort, limit, offset after it."""
    find = {"set": "s", "results": {"list": ["n"]}, **more}
    (found,) = ask(filled, {"FindDescriptor": find}, blobs=[[1, 0]])
    assert [entity["n"] for entity in found.get("entities", [])] == numbers


def test_counts_and_aggregates_are_of_the_winners(filled: Engine) -> None:
    """Of the k nearest, not of the set; a limit does not lower the count."""
    find = {"set": "s", "k_neighbors": 4, "limit": 2, "results": {"count": True, "max": "n"}}
    assert ask(filled, {"FindDescriptor": find}, blobs=[[1, 0]]) == [
        {"_max": {"n": 1}, "count": 4, "returned": 0, "status": 0}
    ]


def test_neighbours_of_what_is_connected(filled: Engine) -> None:
    """is_connected_to narrows the vectors that are searched, as constraints do."""
    ask(filled, {"FindDescriptor": {"_ref": 1, "constraints": {"n": [">=", 8]}}},
        {"AddEntity": {"class": "Late", "connect": {"ref": 1, "class": "Has"}}})  # fmt: skip
    near = {"set": "s", "k_neighbors": 5, "results": {"list": ["n"]}, "is_connected_to": {"ref": 1}}
    _, found = ask(filled, {"FindEntity": {"with_class": "Late", "_ref": 1}},
                   {"FindDescriptor": near}, blobs=[[1, 0]])  # fmt: skip
    assert [entity["n"] for entity in found["entities"]] == [8, 9]


def test_equals_come_in_the_order_of_their_age(engine: Engine) -> None:
    """Of equal vectors the oldest come first, also where k cuts between them."""
    for metric in ("L2", "IP", "CS"):
        ask(engine, {"AddDescriptorSet": {"name": metric, "dimensions": 1, "metric": metric}})
        ask(engine, *[{"AddDescriptor": {"set": metric, "properties": {"n": n}}}
                      for n in range(50)], blobs=[[1.0]] * 50)  # fmt: skip
        find = {"set": metric, "k_neighbors": 5, "results": {"list": ["n"]}}
        (found,) = ask(engine, {"FindDescriptor": find}, blobs=[[1.0]])
        assert [entity["n"] for entity in found["entities"]] == [0, 1, 2, 3, 4], metric


def test_a_query_sees_its_own_vectors_and_nobody_those_of_a_failed_one(filled: Engine) -> None:
    """A search in the query that adds finds them; after its failure they are forgotten."""
    near = {"FindDescriptor": {"set": "s", "k_neighbors": 1, "results": {"list": ["n"]}}}
    add = {"AddDescriptor": {"set": "s", "properties": {"n": 77}}}
    gone = {"DeleteDescriptor": {"set": "s", "constraints": {"n": ["<", 9]}}}
    late_failure = {"AddEntity": {"class": "A", "connect": {"ref": 99}}}
    blob = np.array([0, 1], "<f4").tobytes()
    _, found = ask(filled, add, near, blobs=[[0, 1], [0, 1]])
    assert found["entities"] == [{"n": 77}]
    ask(filled, {"DeleteDescriptor": {"constraints": {"n": ["==", 77]}}})
    answer, _ = filled.query([add, gone, near, late_failure], [blob, blob])
    assert isinstance(answer, dict)
    assert "99" in answer["info"]
    # The id of the vector that was rolled back goes to another one.
    ask(filled, {"AddDescriptor": {"set": "s", "properties": {"n": 5000}}}, blobs=[[0, -1]])
    (found,) = ask(filled, near, blobs=[[0, 1]])
    assert found["entities"] == [{"n": 9}]
    (found,) = ask(filled, near, blobs=[[0, -1]])
    assert found["entities"] == [{"n": 5000}]


def test_each_view_of_the_set_is_its_own(filled: Engine, tmp_path: Path) -> None:
    """A transaction that began before a removal and an addition still searches what it sees."""
    path = tmp_path / "database/aperture.sqlite3"
    vectors, query = Vectors(filled._store), np.array([1, 0], np.float32)
    old, new = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    set_id = old.execute("SELECT min(set_id) FROM vectors").fetchone()[0]

    def ids(db: sqlite3.Connection) -> list[int]:
        near = vectors.nearest(db, set_id, query, k=99, metric="CS")
        return sorted(row_id for row_id, _ in near)

    old.execute("BEGIN")
    before = ids(old)
    assert len(before) == 10
    ask(filled, {"DeleteDescriptor": {"constraints": {"n": ["in", [0, 9]]}}})
    ask(filled, {"AddDescriptor": {"set": "s"}}, blobs=[[1, 1]])
    after = [*before[1:-1], before[-1] + 1]
    for _ in range(2):
        assert ids(new) == after
        assert ids(old) == before
    old.execute("COMMIT")
    assert ids(old) == after
    old.close()
    new.close()


def test_searches_while_others_add_and_remove(filled: Engine) -> None:
    """Every search of many threads finds whole vectors at their own places."""
    wrong: list[Any] = []
    find = {"set": "s", "k_neighbors": 20, "distances": True, "results": {"list": ["at"]}}

    def change(at: float) -> None:
        for _ in range(15):
            ask(filled, *[{"AddDescriptor": {"set": "s", "properties": {"at": at}}}] * 5,
                blobs=[[np.cos(at), np.sin(at)]] * 5)  # fmt: skip
            scope = {"constraints": {"at": ["==", at]}, "limit": 3, "_ref": 1}
            ask(filled, {"FindDescriptor": scope}, {"DeleteDescriptor": {"ref": 1}})

    def search() -> None:
        for _ in range(30):
            (found,) = ask(filled, {"FindDescriptor": find}, blobs=[[1, 0]])
            ours = [entity for entity in found["entities"] if entity["at"] is not None]
            wrong.extend(e for e in ours if abs(np.cos(e["at"]) - e["_distance"]) > 1e-5)

    threads = [threading.Thread(target=change, args=(at,)) for at in (0.3, 0.6)]
    threads += [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    (found,) = ask(filled, {"FindDescriptor": {**find, "k_neighbors": 999}}, blobs=[[1, 0]])
    assert found["returned"] == 10 + 2 * 15 * 2


@pytest.mark.parametrize("numbers", [[1, float("inf")], [float("nan"), 1], [3e38, 3e38], [1e19, 0]])
def test_vectors_that_cannot_be_compared_are_refused(filled: Engine, numbers: list[float]) -> None:
    """Numbers that are not finite, or whose squares would not be, are neither kept nor searched."""
    blob = np.array(numbers, "<f4").tobytes()
    for command in ({"AddDescriptor": {"set": "s"}},
                    {"FindDescriptor": {"set": "s", "k_neighbors": 1, "_ref": 1}}):  # fmt: skip
        answer, _ = filled.query([command], [blob])
        assert isinstance(answer, dict)
        assert "finite" in answer["info"]
