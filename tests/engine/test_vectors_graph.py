"""The graph of large sets: what it finds, what it costs to keep, and that it is never believed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.engine.engine import Engine
from core.engine.vectors import graph, graph_file, graphs
from tests.engine.vector_sets import Open, ask, folder_of

DIMENSIONS = 32
AXIS = np.eye(DIMENSIONS, dtype=np.float32)[0]


@pytest.fixture
def large(opened: Open, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open engines for which a few hundred vectors are many, and a few dozen new ones, too."""
    monkeypatch.setattr(graphs, "LEAST_ROWS", 200)
    monkeypatch.setattr(graphs, "_EXTEND_ROWS", 50)
    return opened


def shots(n: int, seed: int = 0) -> NDArray[np.float32]:
    """Frames of shots, a dozen each, of unit length."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.standard_normal((n // 12 + 1, DIMENSIONS)), 12, axis=0)[:n]
    rows = rows + 0.02 * rng.standard_normal(rows.shape)
    unit: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("f4")
    return unit


def new_set(engine: Engine, name: str, rows: NDArray[np.float32], /, **more: Any) -> None:
    """Add a set with these vectors, an approximate engine first."""
    said = {"dimensions": DIMENSIONS, "engine": ["HNSW", "Flat"], "metric": ["CS", "L2", "IP"]}
    ask(engine, {"AddDescriptorSet": {"name": name, **said, **more}})
    put(engine, name, rows)


def put(engine: Engine, name: str, rows: NDArray[np.float32], first: int = 0) -> None:
    """Add numbered vectors to a set."""
    ask(engine, *[{"AddDescriptor": {"set": name, "properties": {"n": first + i}}}
                  for i in range(len(rows))], blobs=rows)  # fmt: skip


def near(
    engine: Engine, /, name: str = "g", to: Any = AXIS, **more: Any
) -> list[tuple[int, float]]:
    """Numbers and distances of the nearest, once nothing grows any more."""
    find = {"set": name, "k_neighbors": 10, "distances": True, "results": {"list": ["n"]}, **more}
    (found,) = ask(engine, {"FindDescriptor": find}, blobs=[to])
    engine._vectors.settle()
    return [(one["n"], one["_distance"]) for one in found.get("entities", [])]


def graph_of(engine: Engine, name: str = "g") -> graph_file.GraphHead | None:
    """The head of a set's graph."""
    find = {"FindDescriptorSet": {"with_name": name, "uniqueids": True}}
    of = int(ask(engine, find)[0]["entities"][0]["_uniqueid"].split(".")[1])
    return graph_file.read_head(folder_of(engine), of)


@pytest.fixture
def grown(large: Open) -> Engine:
    """An engine with a set of 600 vectors and its graph."""
    engine = large()
    new_set(engine, "g", shots(600))
    near(engine)
    assert graph_of(engine) is not None
    return engine


def test_by_the_graph_as_by_looking_at_all(grown: Engine, large: Open) -> None:
    """The same neighbours with the same distances, by all metrics, also in another engine."""
    for engine in (grown, large()):
        for metric in ("CS", "L2", "IP"):
            for to in shots(40, seed=7)[::5]:
                exact = near(engine, to=to, metric=metric, engine="Flat")
                assert near(engine, to=to, metric=metric, engine="HNSW") == exact


def test_frames_of_a_shot_are_one_node(grown: Engine) -> None:
    """600 frames in shots of a dozen: as many nodes as shots, and every frame is found."""
    head = graph_of(grown)
    assert head is not None
    assert head.n_nodes == 50
    (found,) = ask(grown, {"FindDescriptor": {"set": "g", "k_neighbors": 12, "uniqueids": True}},
                   blobs=[shots(600)[120]])  # fmt: skip
    ids = sorted(int(one["_uniqueid"].split(".")[1]) for one in found["entities"])
    assert ids == list(range(ids[0], ids[0] + 12))


def test_additions_are_found_at_once_and_later_extend_the_graph(
    grown: Engine, large: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never made anew for them; a few are looked at one by one until they are many."""
    monkeypatch.delattr(graph, "begin")
    before = graph_of(grown)
    assert before is not None
    axis = np.tile(AXIS, (5, 1))
    put(grown, "g", axis, first=1000)
    assert [n for n, _ in near(grown)][:5] == [1000, 1001, 1002, 1003, 1004]
    assert graph_of(grown) == before
    put(grown, "g", shots(100, seed=3), first=2000)
    near(grown)
    after = graph_of(grown)
    assert after is not None
    assert after.last_id > before.last_id
    assert after.n_nodes > before.n_nodes
    for engine in (grown, large()):
        assert near(engine) == near(engine, engine="Flat")


def test_indexed_results_only_may_miss_what_is_new(grown: Engine) -> None:
    """It looks at the graph alone."""
    put(grown, "g", np.tile(AXIS, (3, 1)), first=1000)
    assert near(grown, indexed_results_only=True)[0][0] < 1000
    assert near(grown)[0][0] == 1000


def test_what_is_removed_is_found_no_more(grown: Engine, large: Open) -> None:
    """Also where all that is near was removed; the graph stays as it is."""
    other = large()
    near(other)
    before = graph_of(grown)
    for _ in range(4):
        gone = [n for n, _ in near(grown, k_neighbors=40)]
        assert len(gone) == 40
        ask(grown, {"DeleteDescriptor": {"constraints": {"n": ["in", gone]}}})
        for engine in (grown, other, large()):
            assert near(engine) == near(engine, engine="Flat")
    assert graph_of(grown) == before


def test_what_was_removed_before_there_was_a_graph_hides_nothing(large: Open) -> None:
    """A row is found by its run also where the rows after it were removed before."""
    engine = large()
    rows = np.random.default_rng(3).standard_normal((600, DIMENSIONS)).astype("f4")
    new_set(engine, "g", rows)
    near(engine, engine="Flat")
    ask(engine, {"DeleteDescriptor": {"constraints": {"n": ["in", list(range(1, 100, 2))]}}})
    near(engine)
    assert graph_of(engine) is not None
    for at in range(0, 100, 10):
        assert near(engine, to=rows[at], indexed_results_only=True)[0][0] == at


def test_a_graph_of_which_most_is_gone_is_made_anew(grown: Engine) -> None:
    """Once it is to be extended."""
    ask(grown, {"DeleteDescriptor": {"constraints": {"n": ["<", 400]}}})
    put(grown, "g", shots(300, seed=5), first=1000)
    near(grown)
    head = graph_of(grown)
    assert head is not None
    assert head.n_nodes <= 17 + 25 + 1
    assert near(grown) == near(grown, engine="Flat")


def test_a_scope_is_searched_exactly(grown: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Constraints choose rows, and all of those are measured."""
    monkeypatch.delattr(graph.Graph, "candidates")
    scope = {"n": [">=", 200, "<", 230]}
    found = near(grown, constraints=scope)
    assert found == near(grown, constraints=scope, engine="Flat")
    assert len(found) == 10


DAMAGES: dict[str, Callable[[Path], None]] = {
    "no head": lambda folder: next(folder.glob("*.graph.json")).unlink(),
    "no JSON": lambda folder: next(folder.glob("*.graph.json")).write_bytes(b"{"),
    "no graph": lambda folder: next(folder.glob("*.graph")).unlink(),
    "short graph": lambda folder: os.truncate(next(folder.glob("*.graph")), 1000),
    "no nodes": lambda folder: next(folder.glob("*.nodes")).unlink(),
    "short nodes": lambda folder: os.truncate(next(folder.glob("*.nodes")), 80),
    "other nodes": lambda folder: next(folder.glob("*.nodes")).write_bytes(bytes(50 * 16)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_graph_is_made_anew(grown: Engine, large: Open, damage: str) -> None:
    """Until then, and after it, the answers are right."""
    grown.close()
    DAMAGES[damage](folder_of(grown))
    engine = large()
    exact = near(engine, engine="Flat")
    assert near(engine) == exact
    assert near(engine) == exact
    head = graph_of(engine)
    assert head is not None
    assert head.n_nodes == 50
    assert near(large(), indexed_results_only=True) == exact


def test_a_graph_of_other_vectors_is_not_used(grown: Engine, large: Open) -> None:
    """One that belongs to another set, put in its place."""
    new_set(grown, "h", shots(600, seed=11))
    near(grown, "h")
    folder = folder_of(grown)
    g, h = graph_of(grown), graph_of(grown, "h")
    assert g is not None
    assert h is not None
    grown.close()
    theirs = next(folder.glob(f"*-{h.generation}.graph"))
    mine = next(folder.glob(f"*-{g.generation}.graph"))
    mine.write_bytes(theirs.read_bytes())
    engine = large()
    assert near(engine, indexed_results_only=True) == near(engine, engine="Flat")


@pytest.mark.parametrize(
    ("metric", "kind"), [("CS", graph.DIRECTIONS), ("L2", graph.PLACES), ("IP", None)]
)
def test_vectors_of_unequal_lengths(large: Open, metric: str, kind: str | None) -> None:
    """Near by direction is not near by distance: a graph serves its own metric alone."""
    engine = large()
    rows = shots(400) * np.repeat(np.linspace(0.5, 3, 40), 10)[:, None].astype("f4")
    new_set(engine, "g", rows, metric=[metric, *({"CS", "L2", "IP"} - {metric})])
    near(engine)
    head = graph_of(engine)
    assert (head.kind if head else None) == kind
    for by in ("CS", "L2", "IP"):
        assert near(engine, metric=by) == near(engine, metric=by, engine="Flat")


@pytest.mark.parametrize(("n", "engine"), [(600, "FaissFlat"), (199, "HNSW")])
def test_where_there_is_no_graph(large: Open, n: int, engine: str) -> None:
    """Flat looks at all vectors, however many; of few, that is as fast for any engine."""
    new_set(opened := large(), "g", shots(n), engine=engine)
    near(opened)
    assert graph_of(opened) is None


def test_closing_stops_the_growing(large: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not saved is grown by the next one that searches."""
    monkeypatch.setattr(graph, "_ADD_NODES", 1)
    engine = large()
    new_set(engine, "g", shots(600))
    find = {"FindDescriptor": {"set": "g", "k_neighbors": 1, "uniqueids": True}}
    (found,) = ask(engine, find, blobs=[AXIS])
    engine.close()
    assert found["returned"] == 1
    again = large()
    assert near(again) == near(again, engine="Flat")
    assert getattr(graph_of(again), "n_nodes", 0) >= 50
