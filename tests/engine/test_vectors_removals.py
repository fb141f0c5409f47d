"""What is removed is found no more, though the file of rows keeps it for a while."""

from __future__ import annotations

import pytest

from core.engine.vectors import seen
from tests.engine.vector_sets import (
    DIMENSIONS,
    Filled,
    Open,
    add,
    ask,
    drawn,
    expected,
    folder_of,
    head,
    numbers,
)


def test_removals_are_known_without_reading_what_is_left(opened: Open, filled: Filled) -> None:
    """Rows that are gone stay in the file and count no more, whoever has it open or opens it."""
    engine, rows = filled
    other = opened()
    numbers(other)
    before = head(engine)
    gone = expected(rows, k=20)
    ask(engine, {"DeleteDescriptor": {"constraints": {"n": ["in", gone]}}})
    for n in gone:
        del rows[n]
    for one in (engine, other, opened()):
        assert numbers(one, k=30) == expected(rows, k=30)
        some = {n: rows[n] for n in list(rows)[:2]}
        scope = {"n": ["in", [*gone, *some]]}
        assert numbers(one, k=3, constraints=scope) == expected(some)
    assert head(engine) == before


def test_a_file_of_which_much_is_gone_is_written_anew(opened: Open, filled: Filled) -> None:
    """Without what is gone, under another name; who had the old one goes on to the new one."""
    engine, rows = filled
    other = opened()
    numbers(other)
    before = head(engine)
    ask(engine, {"DeleteDescriptor": {"constraints": {"n": [">=", 100, "<", 250]}}})
    for n in range(100, 250):
        del rows[n]
    assert numbers(engine, k=10) == expected(rows, k=10)
    assert head(engine).generation != before.generation
    assert head(engine).n_rows == 150
    assert numbers(other, k=10) == expected(rows, k=10)
    more = drawn(100, seed=6)
    for one, first in ((other, 500), (engine, 600)):
        add(one, more, first=first)
        rows |= {first + i: row for i, row in enumerate(more)}
        for each in (engine, other, opened()):
            assert numbers(each, k=10) == expected(rows, k=10)


def test_when_all_is_gone_nothing_is_found_and_what_is_new_is(opened: Open, filled: Filled) -> None:
    """Also for a file of which nothing is left."""
    engine, _ = filled
    ask(engine, {"DeleteDescriptor": {"set": "s"}})
    assert numbers(engine) == []
    assert numbers(opened()) == []
    more = drawn(120, seed=7)
    add(engine, more)
    for one in (engine, opened()):
        assert numbers(one) == expected(dict(enumerate(more)))


def test_the_list_of_removals_does_not_grow_for_ever(
    opened: Open, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its older half goes; who knew it goes on, who did not begins anew."""
    monkeypatch.setattr(seen, "_LOOK_EVERY", 1)
    monkeypatch.setattr(seen, "_MOST_LISTED", 0)
    engine, rows = filled
    late = opened()
    numbers(late)
    for turn in range(8):
        more = drawn(200, seed=20 + turn)
        add(engine, more, first=1000 * (1 + turn))
        gone = list(rows)[:200]
        ask(engine, {"DeleteDescriptor": {"constraints": {"n": ["in", gone]}}})
        rows |= {1000 * (1 + turn) + i: row for i, row in enumerate(more)}
        for n in gone:
            del rows[n]
        for one in (engine, opened()):
            assert numbers(one, k=20) == expected(rows, k=20)
    assert numbers(late, k=20) == expected(rows, k=20)
    with engine._store.connection() as db:
        ((listed,),) = db.execute("SELECT count(*) FROM removed_vectors")
        ((forgotten,),) = db.execute("SELECT n_forgotten FROM removals")
    assert listed <= 2 * 300
    assert forgotten > 0


def test_with_the_set_go_its_files(opened: Open, filled: Filled) -> None:
    """A set of the same name that is added later has nothing of the old one."""
    engine, _ = filled
    ask(engine, {"DeleteDescriptorSet": {"with_name": "s"}})
    ask(engine, {"AddDescriptorSet": {"name": "s", "dimensions": DIMENSIONS}})
    assert numbers(engine) == []
    assert list(folder_of(engine).glob("*.rows")) == []
    with engine._store.connection() as db:
        assert db.execute("SELECT count(*) FROM removed_vectors").fetchone() == (0,)
