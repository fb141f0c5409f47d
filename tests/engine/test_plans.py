"""What a search costs: each step of a query goes by an index, so large libraries stay quick."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine.engine import Engine
from tests.contract.conftest import vector


def plans(engine: Engine, query: list[Any], blobs: list[bytes]) -> list[tuple[str, list[str]]]:
    """Run a query; give each SELECT that it ran, and SQLite's plan for it."""
    ran: list[str] = []
    with engine._store.connection() as db:
        db.set_trace_callback(ran.append)
    answer, _ = engine.query(query, blobs)
    assert isinstance(answer, list), answer
    with engine._store.connection() as db:  # the one that was used
        db.set_trace_callback(None)
        selects = [text for text in ran if text.startswith("SELECT")]
        return [
            (text, [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}")]) for text in selects
        ]


@pytest.fixture
def indexed(engine: Engine) -> Engine:
    """An engine with a set and the indexes that a library asks for."""
    create = {"index_type": "entity", "property_key": "video_id"}
    engine.query([{"AddDescriptorSet": {"name": "s", "dimensions": 1}}])
    for name in ("_Video", "_Clip", "_Image", "_Descriptor"):
        engine.query([{"CreateIndex": {**create, "class": name}}])
    return engine


SCOPE = {"video_id": ["in", ["a", "b"]], "end": [">", 1.5]}
NEAR = {
    "FindDescriptor": {
        "_ref": 1, "set": "s", "k_neighbors": 9, "uniqueids": True, "constraints": SCOPE,
    }
}  # fmt: skip
OF_CLIP = {"ref": 1, "connection_class": "ClipHasDescriptor"}
ONE = {"constraints": {"video_id": ["==", "a"]}, "uniqueids": True, "sort": "start", "limit": 1}


@pytest.mark.parametrize(
    ("query", "blobs", "n_by_property"),
    [
        ([NEAR, {"FindClip": {"is_connected_to": OF_CLIP, "group_by_source": True,
                              "uniqueids": True}}], [vector(1)], 1),
        ([NEAR, {"FindVideo": {"is_connected_to": {"ref": 1}, "uniqueids": True}}], [vector(1)], 1),
        ([{"FindVideo": {"_ref": 1, **ONE}}, {"FindClip": {"video_ref": 1, "uniqueids": True}}],
         [], 1),
        ([{"FindImage": ONE}, {"FindClip": {**ONE, "constraints": {
            "video_id": [">=", "a", "<", "b"]}}}], [], 2),
        ([{"FindEntity": {"with_class": "_Video", "constraints": ["$video_id", "==", "a"],
                          "results": {"count": True}}}], [], 1),
    ],
)  # fmt: skip
def test_nothing_is_read_that_was_not_asked_for(
    indexed: Engine, query: list[Any], blobs: list[bytes], n_by_property: int
) -> None:
    """No step reads a whole table, and constraints on an indexed property go by its index."""
    found = plans(indexed, query, blobs)
    assert len(found) >= len(query)
    steps = [step for _, plan in found for step in plan]
    assert [step for step in steps if step.startswith(("SCAN o", "SCAN c", "SCAN v"))] == []
    assert sum("USING INDEX property_" in s or "COVERING INDEX property_" in s
               for s in steps) == n_by_property, steps  # fmt: skip


def test_an_index_on_a_connections_property(engine: Engine) -> None:
    """CreateIndex works for connections, too."""
    index = {"target": "connection", "class": "Has", "property": "start", "kind": "ordered"}
    engine.query([{"CreateIndex": index}])
    find = {"with_class": "Has", "constraints": {"start": [">", 3]}, "uniqueids": True}
    ((_, plan),) = plans(engine, [{"FindConnection": find}], [])
    assert "USING INDEX property_" in plan[0]


@pytest.mark.parametrize(
    "scope",
    [
        {"start": [">=", 10, "<", 20]},
        {"start": [">", 10, "<", 20], "end": ["<=", 90.5]},
        {"video_id": ["==", "a"], "label": ["==", "x"]},
    ],
)
def test_a_scope_of_neighbours_costs_what_it_selects(
    indexed: Engine, scope: dict[str, Any]
) -> None:
    """The index gives the ids, and of the vectors only those are read."""
    create = {"index_type": "entity", "class": "_Descriptor", "property_key": "start"}
    indexed.query([{"CreateIndex": create}])
    add = {"AddDescriptor": {"set": "s", "properties": {"video_id": "a", "start": 12}}}
    indexed.query([add] * 3, [vector(1)] * 3)
    near = {"set": "s", "k_neighbors": 2, "uniqueids": True, "constraints": scope}
    found = plans(indexed, [{"FindDescriptor": near}], [vector(1)])
    steps = [step for _, plan in found for step in plan]
    assert [step for step in steps if step.startswith(("SCAN o", "SCAN v"))] == []
    (by_property,) = [step for step in steps if "INDEX property_" in step]
    assert "<expr>" in by_property
    # Of the vectors either single ones are read, by their ids, or the newest one's id.
    of_vectors = [text for text, _ in found if "FROM vectors" in text or "vectors v" in text]
    assert all("max(id)" in text or "json_each" in text for text in of_vectors), of_vectors
