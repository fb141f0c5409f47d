"""Constraints in SQL against the same constraints in plain Python, in both ways of writing."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from aperturedb.Constraints import to_expression
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine import constraints, sql
from core.engine.engine import Engine
from core.engine.messages import QueryFailedError
from core.engine.values import comparable, stored

KEYS = ("a", "b", "key with spaces", "clé", "it's", "a.b", "$", "all")
NUMBERS = st.one_of(
    st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1), st.sampled_from([0.5, -1.5, 2.0, -0.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(["", "a", "B", "b'; --", "é", "$a", "true", "1"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4),
)
DATES = st.sampled_from(
    [
        "2020-01-01T00:00:00+00:00",
        "2020-01-01T00:00:00-05:00",
        "2019-06-30",
        "1999-12-31T23:59:59",
        "2020-01-01T00:00:00.5",
        "2020-01-01T00:00:00.499999",
        "0001-01-01",
        "0999-12-31",
        "9999-12-31T23:59:59.999999",
    ]
).map(lambda text: {"_date": text})
VALUES = st.one_of(NUMBERS, st.booleans(), TEXTS, DATES)
PROPERTIES = st.dictionaries(st.sampled_from(KEYS), VALUES)
PAIR = st.one_of(
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), VALUES),
    st.tuples(st.sampled_from(["==", "!="]), st.one_of(VALUES, st.none())),
    st.tuples(
        st.sampled_from(["in", "not in"]), st.lists(st.one_of(VALUES, st.none()), max_size=4)
    ),
)
PAIRS = st.lists(PAIR, min_size=1, max_size=2).map(
    lambda pairs: [x for pair in pairs for x in pair]
)
TERMS = st.dictionaries(st.sampled_from(KEYS), PAIRS, max_size=3)
CONSTRAINTS = st.one_of(
    TERMS, TERMS.map(lambda t: {"all": t}), TERMS.map(lambda t: {"any": t}),
    st.tuples(TERMS, TERMS).map(lambda two: {**two[0], "any": two[1]}),
)  # fmt: skip


def chosen_by_sql(found: list[dict[str, Any]], node: constraints.Node) -> list[int]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE o(id INTEGER PRIMARY KEY, properties TEXT)")
    db.executemany("INSERT INTO o VALUES(?,?)", [(i, stored(p)) for i, p in enumerate(found)])
    text, values = sql.condition(node)
    rows = db.execute(f"SELECT o.id FROM o WHERE {text} ORDER BY 1", values)  # noqa: S608
    found_ids = [i for (i,) in rows]
    db.close()
    return found_ids


@settings(deadline=None)
@given(found=st.lists(PROPERTIES, max_size=6), said=CONSTRAINTS)
def test_sql_and_python_agree(found: list[dict[str, Any]], said: dict[str, Any]) -> None:
    """For any properties and any constraints, SQL chooses the rows that Python chooses."""
    kept = [{k: comparable(v) for k, v in p.items()} for p in found]
    node = constraints.parse(said)
    expected = [i for i, p in enumerate(kept) if constraints.matches(node, p)]
    assert chosen_by_sql(kept, node) == expected


@settings(deadline=None)
@given(found=st.lists(PROPERTIES, max_size=6), said=CONSTRAINTS)
def test_both_ways_of_writing_mean_the_same(
    found: list[dict[str, Any]], said: dict[str, Any]
) -> None:
    """The official client's own translation of constraints into arrays chooses the same rows."""
    arrays = to_expression(said)
    if arrays is None:
        return  # the client leaves empty constraints out
    kept = [{k: comparable(v) for k, v in p.items()} for p in found]
    assert chosen_by_sql(kept, constraints.parse(arrays)) == chosen_by_sql(
        kept, constraints.parse(_without_empty(said))
    )


def _without_empty(said: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in said.items() if not (k in ("all", "any") and v == {})}


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ({"done": ["!=", True]}, ["new", "half"]),  # also what lacks the property
        ({"done": ["==", None]}, ["new"]),
        ({"done": ["!=", None]}, ["half", "old"]),
        ({"done": ["in", [None, True]]}, ["new", "old"]),
        ({"n": [">=", 2, "<", 3]}, ["half"]),
        ({"any": {"n": ["==", 1], "done": ["==", True]}}, ["new", "old"]),
        ({"any": {"n": [">", 1, "<", 3], "name": ["==", "new"]}}, ["new", "half"]),
        ({"n": ["in", []]}, []),
        ({"n": ["not in", []]}, ["new", "half", "old"]),
        ({"n": ["not in", [1]]}, ["half", "old"]),
        ({"n": ["in", list(range(2, 5000))]}, ["half", "old"]),  # longer than SQL's expressions
        ({"n": ["==", True]}, []),  # a number is no boolean
        ({"n": ["==", 2.0]}, ["half"]),
        ({"unknown": ["==", 1]}, []),
        ({"_uniqueid": ["!=", "0.0.0"]}, ["new", "half", "old"]),
        ({"_uniqueid": ["==", "7.1.0"]}, []),  # the row's number alone is not its id
        ({"_uniqueid": ["in", ["1.1.0", "1.²3.0", "x", "1.3.0"]]}, ["new", "old"]),
        (["$n", ">", 1], ["half", "old"]),
        (["all", ["$n", ">", 1], ["any", ["$done", "==", True], ["$n", "==", 9]]], ["old"]),
        (["$n", "in", {"array": [1, 3]}], ["new", "old"]),
        (["$price", "==", "$$5"], ["old"]),
        (["$at", "<", {"to_date": "2020-01-01"}], ["old"]),
        ({"at": ["==", {"_date": "Mon Aug 7 10:59:24 PDT 2017"}]}, ["old"]),
        ({"at": [">", {"_date": "2017-08-07T17:59:23.999999Z"}]}, ["old"]),
        ({"at": [">", {"_date": "0999-12-31"}, "<", {"_date": "9999-12-31"}]}, ["old"]),
        ({"at": ["in", [{"_date": "2017-08-07T19:59:24+02:00"}, 1]]}, ["old"]),
        ({"at": ["==", '{"_date":"2017-08-07T17:59:24.000000+00:00"}']}, []),  # a text
    ],
)
def test_the_documented_meanings(engine: Engine, said: Any, chosen: list[str]) -> None:
    """Ranges, null, negatives, any, ids and the clients' arrays mean what the reference says."""
    date = {"_date": "2017-08-07T17:59:24Z"}
    there: dict[str, dict[str, Any]] = {
        "new": {"n": 1},
        "half": {"n": 2, "done": False},
        "old": {"n": 3, "done": True, "price": "$5", "at": date},
    }
    for name, more in there.items():
        engine.query([{"AddEntity": {"class": "T", "properties": {"name": name, **more}}}])
    find = {"with_class": "T", "constraints": said, "results": {"list": ["name"]}, "sort": "n"}
    answer, _ = engine.query([{"FindEntity": find}])
    assert isinstance(answer, list), answer
    assert [e["name"] for e in answer[0]["FindEntity"].get("entities", [])] == chosen


@pytest.mark.parametrize(
    "said",
    [
        [], ["all", 3], ["n", "==", 1], ["$n", "=="], ["$n", "~", 1], [["$n", "==", 1]],
        ["$n", "==", "$m"], ["$n", "==", {"json": {}}], {"n": ["<", None]},
        {"n": ["in", 3]}, {"n": []}, {"n": ["==", 1, "<"]}, {"n": "=="}, {"n": ["==", [1]]},
        {"n": ["==", 2**63]}, {"n": ["==", float("inf")]}, {"n": ["==", "a\0b"]},
        {"n": ["==", "\ud800"]}, {'n"': ["==", 1]}, {"n\\": ["==", 1]}, {"": ["==", 1]},
        {"_uniqueid": ["<", "1.1.0"]}, {"n": ["==", {"_date": "soon"}]},
        {"n": ["==", {"_date": 5}]}, {"n": ["==", {"_date": "0001-01-01T00:00:00+05:00"}]},
    ],
    ids=repr,
)  # fmt: skip
def test_what_cannot_be_read_is_refused(said: Any) -> None:
    """A constraint that is not of the language is a failure, not a search without a match."""
    with pytest.raises(QueryFailedError):
        constraints.parse(said)


def test_endless_nesting_is_refused() -> None:
    """Groups within groups end at a limit, in either way of writing."""
    array: Any = ["$n", "==", 1]
    mapping: Any = {"n": ["==", 1]}
    for _ in range(1000):
        array, mapping = ["all", array], {"any": mapping}
    for said in (array, mapping):
        with pytest.raises(QueryFailedError, match="nested"):
            constraints.parse(said)
