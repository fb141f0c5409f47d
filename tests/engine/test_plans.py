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
