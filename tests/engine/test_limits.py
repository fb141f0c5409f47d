"""What is too much for one query is said to be, before it is memory or a sentence of SQLite's."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine import transaction
from core.engine.commands import objects
from core.engine.constraints import MOST_TERMS
from core.engine.engine import Engine
from core.engine.messages import TOO_LARGE

N, TEXT = 40, "x" * 100
OF_N = {"with_class": "N"}
ALL = {"results": {"all_properties": True}}


@pytest.fixture
def full(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Forty entities, connected to one hub, of which a query may list twenty or so."""
    monkeypatch.setattr(transaction, "MOST_LISTED_BYTES", 20 * 160)
    link = {"connect": {"ref": 1, "class": "Of", "properties": {"text": TEXT}}}
    adds = [
        {"AddEntity": {"class": "N", "properties": {"n": n, "text": TEXT}, **link}}
        for n in range(N)
    ]
    _ok(engine, {"AddEntity": {"class": "Hub", "_ref": 1}}, *adds)
    return engine


def _ok(engine: Engine, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    answer, _ = engine.query(list(commands))
    assert isinstance(answer, list), answer
    return [next(iter(one.values())) for one in answer]


def _too_large(engine: Engine, *commands: dict[str, Any]) -> None:
    answer, blobs = engine.query(list(commands))
    assert isinstance(answer, dict), answer
    assert answer["status"] == TOO_LARGE
    assert "limit" in str(answer["info"])
    assert blobs == []


def test_an_answer_lists_so_much_and_no_more(full: Engine) -> None:
    """Objects or connections without bound are status 4; a part of them is answered."""
    _too_large(full, {"FindEntity": {**OF_N, **ALL}})
    _too_large(full, {"FindEntity": {**OF_N, "results": {"list": ["n"]}}})
    _too_large(full, {"FindConnection": {"with_class": "Of", **ALL}})
    assert _ok(full, {"FindEntity": {**OF_N, **ALL, "limit": 15}})[0]["returned"] == 15
    one = {"FindEntity": {**OF_N, **ALL, "limit": 8}}
    assert len(_ok(full, one, one)) == 2
    _too_large(full, one, one, one)


def test_a_query_that_lists_too_much_changes_nothing(full: Engine) -> None:
    """What it added before is undone, as with any failure."""
    add = {"AddEntity": {"class": "M", "properties": {"n": 1}}}
    _too_large(full, add, {"FindEntity": {**OF_N, **ALL}})
    assert (
        _ok(full, {"FindEntity": {"with_class": "M", "results": {"count": True}}})[0]["count"] == 0
    )


def test_a_large_result_comes_in_batches(full: Engine) -> None:
    """Of all objects each batch is answered, and together they are all."""
    seen = []
    for batch_id in range(4):
        batch = {"batch_size": 10, "batch_id": batch_id}
        (found,) = _ok(full, {"FindEntity": {**OF_N, "batch": batch, "results": {"list": ["n"]}}})
        seen += [one["n"] for one in found["entities"]]
    assert seen == list(range(N))


def test_what_lists_nothing_may_be_of_any_size(full: Engine) -> None:
    """Counts, aggregates, refs, updates and deletes reach all objects."""
    counted, summed, found, connected = _ok(
        full,
        {"FindEntity": {**OF_N, "results": {"count": True}}},
        {"FindEntity": {**OF_N, "results": {"sum": "n", "max": ["n", "text"]}}},
        {"FindEntity": {**OF_N, "_ref": 1}},
        {"FindEntity": {"is_connected_to": {"ref": 1}, "results": {"list": ["n"]}}},
    )
    assert counted["count"] == N
    assert summed["_sum"] == {"n": N * (N - 1) // 2}
    assert (found["returned"], connected["returned"]) == (0, 1)
    assert _ok(full, {"UpdateEntity": {**OF_N, "properties": {"seen": True}}})[0]["count"] == N
    assert _ok(full, {"DeleteEntity": OF_N})[0]["count"] == N


def test_an_entity_counts_for_each_source_that_lists_it(full: Engine) -> None:
    """One hub of forty sources would be listed forty times."""
    _ok(full, {"UpdateEntity": {"with_class": "Hub", "properties": {"text": TEXT}}})
    grouped = {"is_connected_to": {"ref": 1}, "group_by_source": True, **ALL}
    few, many = {**OF_N, "_ref": 1, "limit": 5}, {**OF_N, "_ref": 1}
    assert len(_ok(full, {"FindEntity": few}, {"FindEntity": grouped})[1]["entities"]) == 5
    _too_large(full, {"FindEntity": many}, {"FindEntity": grouped})


def test_adding_lists_nothing(full: Engine) -> None:
    """A query that looks its set up for each of many vectors does not reach the limit."""
    _ok(full, {"AddDescriptorSet": {"name": "s", "dimensions": 1, "properties": {"text": TEXT}}})
    answer, _ = full.query([{"AddDescriptor": {"set": "s"}}] * 50, [b"\0\0\0\0"] * 50)
    assert isinstance(answer, list), answer


def test_updates_reach_every_part(full: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are rewritten some at a time; each is, once."""
    monkeypatch.setattr(objects, "_REWRITTEN_AT_ONCE", 7)
    (answer,) = _ok(
        full, {"UpdateEntity": {**OF_N, "properties": {"m": 1}, "remove_props": "text"}}
    )
    assert answer["count"] == N
    with_text = {**OF_N, "constraints": {"text": ["!=", None]}, "results": {"count": True}}
    summed = {**OF_N, "results": {"sum": "m"}}
    found, left = _ok(full, {"FindEntity": summed}, {"FindEntity": with_text})
    assert (found["_sum"], left["count"]) == ({"m": N}, 0)


# -- what one statement can say ----------------------------------------------------------------


@pytest.mark.parametrize("n_terms", [31, 1100, 5000])
def test_very_many_terms_mean_what_few_do(engine: Engine, n_terms: int) -> None:
    """Joined by any or all, in either way of writing."""
    for n in (0, n_terms - 1, n_terms):
        _ok(engine, {"AddEntity": {"class": "A", "properties": {"n": n}}})
    alike: list[tuple[Any, list[int]]] = [
        (["any", *[["$n", "==", n] for n in range(n_terms)]], [0, n_terms - 1]),
        ({"n": [x for n in range(n_terms) for x in ("!=", n)]}, [n_terms]),
        ({"any": {f"p{n}" if n else "n": ["==", 0] for n in range(n_terms)}}, [0]),
    ]
    for said, expected in alike:
        find = {"with_class": "A", "constraints": said, "results": {"list": ["n"]}}
        (found,) = _ok(engine, {"FindEntity": find})
        assert [one["n"] for one in found["entities"]] == expected


def _alternating(n_levels: int, n_members: int) -> Any:
    said: Any = ["$n", "==", 1]
    for level in range(n_levels):
        others = [["$n", "not in", {"array": [level, "a", True, None]}]] * n_members
        said = ["any" if level % 2 else "all", *others, said]
    return said


@pytest.mark.parametrize(
    "said",
    [
        ["any", *[["$n", "==", n] for n in range(MOST_TERMS + 1)]],
        _alternating(21, 2), _alternating(19, 40),
    ],
    ids=["terms", "levels", "levels of many"],
)  # fmt: skip
def test_too_many_terms_are_refused(engine: Engine, said: Any) -> None:
    """The sentence says what to send instead."""
    answer, _ = engine.query([{"FindEntity": {"constraints": said, "_ref": 1}}])
    assert isinstance(answer, dict)
    assert "use `in` with a list" in str(answer["info"])


@pytest.mark.parametrize("said", [_alternating(20, 29), _alternating(10, 900)])
def test_what_is_not_refused_can_be_searched(engine: Engine, said: Any) -> None:
    """The most that is allowed does not reach the limits of SQLite."""
    _ok(engine, {"AddEntity": {"class": "A", "properties": {"n": 1}}})
    _ok(engine, {"FindEntity": {"with_class": "A", "constraints": said, "_ref": 1}})


def test_parts_that_are_too_much_together(engine: Engine) -> None:
    """Where only all of a query is too much for SQLite, the sentence is still ours."""
    find = {"FindEntity": {"_ref": 1, "with_class": "A"}}
    clause = {"ref": 1, "constraints": _alternating(1, 900)}
    connected = {"is_connected_to": {"any": [clause] * 100}, "_ref": 2}
    answer, _ = engine.query([find, {"FindEntity": connected}])
    assert isinstance(answer, dict)
    assert "use `in` with a list" in str(answer["info"])


@pytest.mark.parametrize(
    "more", [{"sort": ["n"] * 101}, {"is_connected_to": {"any": [{"ref": 1}] * 501}}]
)
def test_long_lists_are_refused(engine: Engine, more: dict[str, Any]) -> None:
    """Keys to sort by and connections are counted before anything runs."""
    answer, _ = engine.query([{"FindEntity": {"_ref": 1}}, {"FindEntity": {"_ref": 2, **more}}])
    assert isinstance(answer, dict)
    assert "at most" in str(answer["info"])
