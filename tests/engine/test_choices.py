"""What docs/aperturedb-compatibility.md names as our own choice, where nothing documents it."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine.engine import Engine


def ask(engine: Engine, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    """The bodies of a query that succeeds."""
    answer, _ = engine.query(list(commands))
    assert isinstance(answer, list), answer
    return [next(iter(one.values())) for one in answer]


def info_of(engine: Engine, *commands: dict[str, Any]) -> str:
    """The text of a query that fails."""
    answer, _ = engine.query(list(commands))
    assert isinstance(answer, dict), answer
    assert answer["status"] == -1
    return str(answer["info"])


def test_dates_come_back_in_utc_with_microseconds(engine: Engine) -> None:
    """Whatever zone and form they came in."""
    days = ["2018-02-27T13:45:12-08:00", "2020-01-01", "Mon Aug 7 10:59:24 PDT 2017"]
    adds = [{"AddEntity": {"class": "D", "properties": {"at": {"_date": one}}}} for one in days]
    find = {"with_class": "D", "results": {"list": ["at"]}, "sort": "at"}
    *_, found = ask(engine, *adds, {"FindEntity": find})
    assert [one["at"]["_date"] for one in found["entities"]] == [
        "2017-08-07T17:59:24.000000+00:00",
        "2018-02-27T21:45:12.000000+00:00",
        "2020-01-01T00:00:00.000000+00:00",
    ]


def test_if_not_found_with_several_matches(engine: Engine) -> None:
    """Status 2, nothing is added, and `_ref` names all of them."""
    ask(engine, *[{"AddEntity": {"class": "E", "properties": {"n": n}}} for n in (1, 1, 2)])
    add = {"class": "E", "_ref": 1, "if_not_found": {"n": ["==", 1]}, "properties": {"n": 3}}
    update = {"UpdateEntity": {"ref": 1, "with_class": "E", "properties": {"seen": True}}}
    count = {"FindEntity": {"with_class": "E", "results": {"count": True}}}
    added, updated, counted = ask(engine, {"AddEntity": add}, update, count)
    assert added == {"info": "Object Exists!", "status": 2}
    assert (updated["count"], counted["count"]) == (2, 3)


def test_a_missing_index_cannot_be_removed(engine: Engine) -> None:
    """RemoveIndex of none fails; CreateIndex of one that is there does not."""
    index = {"index_type": "entity", "class": "E", "property_key": "n"}
    assert "There is no index on E.n" in info_of(engine, {"RemoveIndex": index})
    assert ask(engine, {"CreateIndex": index})[0]["status"] == 0
    assert ask(engine, {"CreateIndex": index})[0]["status"] == 2
    assert ask(engine, {"RemoveIndex": index}) == [{"status": 0}]


def test_aggregates_with_a_batch_are_of_the_page(engine: Engine) -> None:
    """Sums and the like are of the slice, `count` is of everything."""
    ask(engine, *[{"AddEntity": {"class": "E", "properties": {"n": n}}} for n in (1, 2, 3)])
    page = {"with_class": "E", "sort": "n", "batch": {"batch_size": 2, "batch_id": 0}}
    (found,) = ask(engine, {"FindEntity": {**page, "results": {"sum": "n", "count": True}}})
    assert (found["_sum"], found["count"]) == ({"n": 3}, 3)
    (found,) = ask(engine, {"FindEntity": {**page, "results": {"group": "n"}}})
    assert [one["n"] for one in found["groups"]] == [1, 2]


def test_a_size_of_batches_is_kept_and_the_remainder_of_a_number_comes_last(engine: Engine) -> None:
    """998 in 10 are nine times 99 and once 107, as one documentation has it."""
    ask(engine, *[{"AddEntity": {"class": "E"}}] * 998)

    def ends(**batch: int) -> list[tuple[int, int]]:
        found = [
            ask(engine, {"FindEntity": {"with_class": "E", "batch": {**batch, "batch_id": n}}})
            for n in range(10)
        ]
        return [(one["batch"]["start"], one["batch"]["end"]) for (one,) in found]

    assert ends(batches=10) == [*((99 * n, 99 * n + 99) for n in range(9)), (891, 998)]
    assert ends(batch_size=100) == [*((100 * n, 100 * n + 100) for n in range(9)), (900, 998)]


def test_what_a_set_does_not_have_is_null(engine: Engine) -> None:
    """The server's segments and splits mean nothing here."""
    names = ["_name", "_segment_size", "_max_segments", "_splits"]
    add = {"AddDescriptorSet": {"name": "s", "dimensions": 2}}
    _, found = ask(engine, add, {"FindDescriptorSet": {"results": {"list": names}}})
    assert found["entities"] == [{**dict.fromkeys(names), "_name": "s"}]


def test_flags_of_the_status_are_taken_and_say_nothing_more(engine: Engine) -> None:
    """All that the documentation names; another one fails the query."""
    flags = ["all", "connection_count", "cpu_utilization", "memory_utilization"]
    (plain,) = ask(engine, {"GetStatus": {}})
    assert ask(engine, {"GetStatus": dict.fromkeys(flags, True)}) == [plain]
    assert "no parameter 'colour'" in info_of(engine, {"GetStatus": {"colour": True}})


@pytest.mark.parametrize("name", ["Authenticate", "RefreshToken"])
def test_in_process_nobody_logs_in(engine: Engine, name: str) -> None:
    """There is no session; only the wire, which has some, answers these."""
    assert f"no command {name!r}" in info_of(engine, {name: {}})
