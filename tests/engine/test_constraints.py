"""Constraints in SQL against the same constraints in plain Python."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine import constraints
from core.engine.engine import Engine

KEYS = ("a", "b", "key with spaces")
VALUES = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, -1.5, 2.0]),
    st.booleans(),
    st.sampled_from(["", "a", "B", "b'; --", "é"]),
    st.sampled_from(["2020-01-01T00:00:00+00:00", "2020-01-01T00:00:00-05:00"]).map(
        lambda text: {"_date": text}
    ),
)
PROPERTIES = st.dictionaries(st.sampled_from(KEYS), VALUES)
PAIR = st.one_of(
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), VALUES),
    st.tuples(st.sampled_from(["==", "!="]), st.one_of(VALUES, st.none())),
    st.tuples(st.sampled_from(["in", "not in"]), st.lists(VALUES, max_size=3)),
)
TERMS = st.dictionaries(
    st.sampled_from(KEYS),
    st.lists(PAIR, min_size=1, max_size=2).map(lambda pairs: [x for pair in pairs for x in pair]),
    max_size=3,
)
CONSTRAINTS = st.one_of(
    TERMS, TERMS.map(lambda t: {"all": t}), TERMS.filter(bool).map(lambda t: {"any": t})
)


@given(found=st.lists(PROPERTIES, max_size=6), said=CONSTRAINTS)
def test_sql_and_python_agree(found: list[dict[str, Any]], said: dict[str, Any]) -> None:
    """For any properties and any constraints, SQL chooses the rows that Python chooses."""
    stored = [{k: constraints.comparable(v) for k, v in p.items()} for p in found]
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE o(id INTEGER PRIMARY KEY, properties TEXT)")
    db.executemany("INSERT INTO o VALUES(?,?)", [(i, json.dumps(p)) for i, p in enumerate(stored)])
    text, values = constraints.sql(said)
    rows = db.execute(f"SELECT o.id FROM o WHERE {text} ORDER BY 1", values).fetchall()  # noqa: S608
    db.close()
    assert [i for (i,) in rows] == [i for i, p in enumerate(stored) if constraints.matches(said, p)]


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ({"done": ["!=", True]}, ["new", "half"]),  # also what lacks the property
        ({"done": ["==", None]}, ["new"]),
        ({"done": ["!=", None]}, ["half", "old"]),
        ({"n": [">=", 2, "<", 3]}, ["half"]),
        ({"any": {"n": ["==", 1], "done": ["==", True]}}, ["new", "old"]),
        ({"n": ["in", []]}, []),
        ({"n": ["not in", [1]]}, ["half", "old"]),
        ({"n": ["==", True]}, []),  # a number is no boolean
    ],
)
def test_the_documented_meanings(engine: Engine, said: dict[str, Any], chosen: list[str]) -> None:
    """Ranges, null, negatives and any mean what the reference says."""
    for name, more in {"new": {"n": 1}, "half": {"n": 2, "done": False},
                       "old": {"n": 3, "done": True}}.items():  # fmt: skip
        engine.query([{"AddEntity": {"class": "T", "properties": {"name": name, **more}}}])
    find = {"with_class": "T", "constraints": said, "results": {"list": ["name"]}, "sort": "n"}
    answer, _ = engine.query([{"FindEntity": find}])
    assert isinstance(answer, list)
    assert [e["name"] for e in answer[0]["FindEntity"].get("entities", [])] == chosen


def test_an_index_is_used(engine: Engine) -> None:
    """CreateIndex makes an index that SQLite chooses for a constraint on that property."""
    index = {"index_type": "entity", "class": "_Descriptor", "property_key": "video_id"}
    engine.query([{"CreateIndex": index}])
    text, values = constraints.sql({"video_id": ["==", "v"]})
    query = f"SELECT o.id FROM objects o WHERE o.class='_Descriptor' AND {text}"  # noqa: S608
    with engine._store.connection() as db:
        plan = db.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
    assert "USING INDEX property_" in plan[0][3]
