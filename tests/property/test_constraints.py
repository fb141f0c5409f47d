"""Constraints and ranges as SQL against a twin in plain Python that shares no line with it."""

from __future__ import annotations

import sqlite3
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine import constraints, positions
from core.engine.sql import Condition
from core.engine.values import stored
from tests.engine.test_constraints import CONSTRAINTS, PROPERTIES, chosen_by_sql
from tests.property.naive_values import clip_range, frame_place, holds, is_inside, kept, place

FRAMES = st.integers(0, 6)
FRACTIONS = st.sampled_from([0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 1, 1.0])
# Times that are written differently and are the same, or almost.
SECONDS = st.sampled_from(["0", "1", "1.0", "59.999999", "60", "61.5"])
TIMES = st.one_of(
    SECONDS,
    st.sampled_from(
        ["0:01", "00:00:01.0", "1:00", "01:01.500000", "0:59.999999", "1:0:0", "60:00"]
    ),
)
VALUES = {"frame_number": FRAMES, "time_fraction": FRACTIONS, "time_offset": TIMES}


def _span(measure: str, ends: tuple[Any, Any]) -> dict[str, Any]:
    start, stop = sorted(ends, key=lambda one: place(measure, one))
    return {f"{measure}_range": {"start": start, "stop": stop}}


MEASURES = st.sampled_from(sorted(VALUES))
CLIPS = MEASURES.flatmap(lambda m: st.tuples(VALUES[m], VALUES[m]).map(lambda ends: _span(m, ends)))
POINTS = MEASURES.flatmap(lambda m: st.fixed_dictionaries({m: VALUES[m]}))
INSIDE = MEASURES.flatmap(
    lambda m: st.fixed_dictionaries({}, optional={"start": VALUES[m], "stop": VALUES[m]}).map(
        lambda span: {f"in_{m}_range": span}
    )
)
LISTED = st.fixed_dictionaries(
    {}, optional={f"{m}s": st.lists(values, max_size=3) for m, values in VALUES.items()}
)


def chosen(conditions: list[Condition], found: list[dict[str, Any]]) -> list[int]:
    """Let SQLite decide which of some properties satisfy all conditions."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE o(id INTEGER PRIMARY KEY, properties TEXT)")
    db.executemany("INSERT INTO o VALUES(?,?)", [(i, stored(p)) for i, p in enumerate(found)])
    text = " AND ".join(part for part, _ in conditions) or "1"
    values = [value for _, some in conditions for value in some]
    rows = db.execute(f"SELECT o.id FROM o WHERE {text} ORDER BY 1", values)  # noqa: S608
    ids = [i for (i,) in rows]
    db.close()
    return ids


@settings(deadline=None)
@given(found=st.lists(PROPERTIES, max_size=6), said=CONSTRAINTS)
def test_constraints(found: list[dict[str, Any]], said: dict[str, Any]) -> None:
    """SQL chooses what the language's documentation says, for any properties and constraints."""
    there = [{key: kept(value) for key, value in one.items()} for one in found]
    expected = [i for i, one in enumerate(there) if holds(said, one)]
    assert chosen_by_sql(there, constraints.parse(said)) == expected


@settings(deadline=None)
@given(clips=st.lists(CLIPS, max_size=6), said=INSIDE)
def test_clips_inside_a_range(clips: list[dict[str, Any]], said: dict[str, Any]) -> None:
    """A clip is inside by its own measure, both ends included, however its times are written."""
    there = [positions.of_clip(one, "AddClip") for one in clips]
    assert there == [clip_range(one) for one in clips]
    expected = [i for i, one in enumerate(there) if is_inside(said, one)]
    assert chosen(positions.clips_inside(said), there) == expected


@settings(deadline=None)
@given(frames=st.lists(POINTS, max_size=6), said=INSIDE, listed=LISTED)
def test_frames_inside_a_range(
    frames: list[dict[str, Any]], said: dict[str, Any], listed: dict[str, Any]
) -> None:
    """A frame is in a range, ends included, and at one of the places listed, of any measure."""
    there = [positions.of_frame(one, "AddFrame") for one in frames]
    body = {**said, **listed}
    bare = [frame_place(one) for one in frames]
    expected = [i for i, one in enumerate(bare) if is_inside(body, one)]
    conditions = [*positions.frames_inside(body), *positions.frames_at(body)]
    assert chosen(conditions, there) == expected
