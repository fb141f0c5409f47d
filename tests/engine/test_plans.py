"""What a search costs: each step of a query goes by an index, so large libraries stay quick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.engine.engine import Engine
from core.library.library import Library
from core.model import Span
from tests.contract.conftest import vector
from tests.fakes import COLOURS, vector_of
from tests.library.conftest import index

Plans = list[tuple[str, list[str]]]


def plans(engine: Engine, query: list[Any], blobs: list[bytes]) -> Plans:
    """Run a query; give each SELECT that it ran, and SQLite's plan for it."""

    def run() -> None:
        answer, _ = engine.query(query, blobs)
        assert isinstance(answer, list), answer

    return plans_of(engine, run)


def plans_of(engine: Engine, run: Callable[[], object]) -> Plans:
    """Give each SELECT that this lets the engine run, and SQLite's plan for it."""
    ran: list[str] = []
    with engine._store.connection() as db:
        db.set_trace_callback(ran.append)
    run()
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


DATE, LATER = {"_date": "2024-05-01T12:00:00+02:00"}, {"_date": "2024-06-01"}


@pytest.mark.parametrize(
    ("said", "by"),
    [
        (["==", DATE], "<expr>=?"),
        ([">", DATE], "<expr>>?"),
        ([">=", DATE, "<", LATER], "<expr>>? AND <expr><?"),
        (["in", [DATE, LATER]], "<expr>=?"),
        (["==", None], "<expr>=?"),
    ],
)
def test_an_index_on_a_date(engine: Engine, said: list[Any], by: str) -> None:
    """Dates are found by their index, and so are objects that have none."""
    create = {"index_type": "entity", "class": "Day", "property_key": "at"}
    add = {"AddEntity": {"class": "Day", "properties": {"at": DATE}}}
    engine.query([{"CreateIndex": create}, add, {"AddEntity": {"class": "Day"}}])
    find = {"with_class": "Day", "constraints": {"at": said}, "results": {"list": ["at"]}}
    ((_, plan),) = plans(engine, [{"FindEntity": find}], [])
    assert f"({'class=? AND ' + by})" in plan[0], plan
    assert "USING INDEX property_" in plan[0]
    answer, _ = engine.query([{"FindEntity": find}])
    none = {"at": None}
    there = {"at": {"_date": "2024-05-01T10:00:00.000000+00:00"}}
    expected = none if said[1] is None else there if said[0] != ">" else None
    assert answer[0]["FindEntity"].get("entities") == ([expected] if expected else None)


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


# -- what the library asks -----------------------------------------------------------------------

RED = vector_of(COLOURS["red"])
BOTH_SIDES = "(class=? AND <expr>>? AND <expr><?)"


@pytest.fixture
def library(engine: Engine) -> Library:
    """A library of two videos, as the app opens it."""
    library = Library(engine)
    library.prepare()
    index(library, "a", "red green blue red")
    index(library, "b", "red", worker="w2")
    return library


def _of_descriptors(found: Plans) -> list[str]:
    """Give how each statement about descriptors gets at their rows."""
    steps = [step for text, plan in found if "o.class='_Descriptor'" in text for step in plan]
    return [step for step in steps if step.startswith(("SEARCH o", "SCAN o"))]


def _read_few(steps: list[str]) -> bool:
    return all("INDEX property_" in step or "rowid=?" in step for step in steps)


@pytest.mark.parametrize("video_ids", [None, ["a"], ["a", "b"]])
def test_a_stretch_is_found_by_its_times(
    engine: Engine, library: Library, video_ids: list[str] | None
) -> None:
    """`search --from --to` bounds the starts on both sides, and reads nothing outside them."""
    scope: dict[str, Any] = {"video_ids": video_ids, "span": Span(1, 2)}
    steps = _of_descriptors(plans_of(engine, lambda: library.nearest(RED, 1, **scope)))
    assert any(BOTH_SIDES in step for step in steps), steps
    assert _read_few(steps), steps
    (hit,) = library.nearest(RED, 1, **scope)
    assert (hit.video_id, hit.best_s) == ("a", 1)


def test_what_is_known_of_a_set_costs_no_count(engine: Engine, library: Library) -> None:
    """Each search asks for its set with everything, and that must not read a million rows."""
    library.nearest(RED, 1)
    index(library, "c", "red red", worker="w3")
    found = plans_of(engine, lambda: library.nearest(RED, 1))
    counted = [text for text, _ in found if "count(*) FROM vectors" in text]
    assert counted
    assert all("id>" in text for text in counted), counted


def test_too_few_hits_read_only_what_has_no_times(engine: Engine, library: Library) -> None:
    """Clips of other programs are looked for where there are not enough: by the index, too."""
    found = plans_of(engine, lambda: library.nearest(RED, 9, span=Span(1, 2)))
    steps = _of_descriptors(found)
    assert any("IS NULL" in text for text, _ in found)
    assert _read_few(steps), steps


def test_counting_a_stretch_reads_only_that(engine: Engine, library: Library) -> None:
    """How many clips were looked through is counted by the index."""
    found = plans_of(engine, lambda: library.count_within(None, Span(1, 2)))
    (step,) = _of_descriptors(found)
    assert BOTH_SIDES in step
    assert library.count_within(None, Span(1, 2)) == 1


@pytest.mark.parametrize(
    ("video_ids", "start", "by"),
    [
        (["v7"], [">=", 0, "<", 2], "<expr>=?"),
        (["v7", "v8"], ["<", 2], "<expr>=?"),
        (["long"], [">=", 400, "<", 402], "<expr>>? AND <expr><?"),
        ([*(f"v{n}" for n in range(300)), "long"], [">=", 400, "<", 402], "<expr>>? AND <expr><?"),
    ],
)
def test_of_two_indexes_the_narrower_is_taken(
    indexed: Engine, video_ids: list[str], start: list[Any], by: str
) -> None:
    """One video of many at a time goes by the video, one instant of a long one by the time."""
    create = {"index_type": "entity", "class": "_Descriptor", "property_key": "start"}
    indexed.query([{"CreateIndex": create}])
    rows = [(f"v{n}", at) for n in range(300) for at in range(2)]
    rows += [("long", at) for at in range(600)]
    adds = [{"AddDescriptor": {"set": "s", "properties": {"video_id": video, "start": at}}}
            for video, at in rows]  # fmt: skip
    indexed.query(adds, [vector(1)] * len(rows))
    scope = {"video_id": ["in", video_ids], "start": start}
    find = {"set": "s", "k_neighbors": 2, "uniqueids": True, "constraints": scope}
    found = plans(indexed, [{"FindDescriptor": find}], [vector(1)])
    (step,) = [
        plan[0] for text, plan in found
        if "o.class='_Descriptor'" in text and "count(*)" not in text and "o.id IN" not in text
    ]  # fmt: skip
    assert f"(class=? AND {by})" in step, found
    answer, _ = indexed.query([{"FindDescriptor": find}], [vector(1)])
    assert answer[0]["FindDescriptor"]["returned"] == 2
