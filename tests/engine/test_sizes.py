"""How many vectors a set holds is right at every moment, for every process and transaction."""

from __future__ import annotations

import random

from core.engine.engine import Engine
from core.engine.vectors import seen
from tests.engine.vector_sets import Filled, Open, add, ask, drawn, set_id


def size(engine: Engine) -> int:
    """What the engine says."""
    (found,) = ask(engine, {"FindDescriptorSet": {"with_name": "s", "counts": True}})
    return int(found["entities"][0]["_count"])


def counted(engine: Engine) -> int:
    """What SQLite counts."""
    with engine._store.connection() as db:
        return int(db.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_whatever_comes_and_goes(opened: Open) -> None:
    """Two processes add and remove by turns, the newest as well as others, and both know."""
    rng = random.Random(1)
    engines = [opened(), opened()]
    for n in range(60):
        add(rng.choice(engines), drawn(rng.randint(1, 5), n), first=10 * n)
        if rng.random() < 0.5:
            bounds = rng.choice(([">=", 10 * n], ["<", 10 * n], [">=", 10 * n - 30, "<", 10 * n]))
            gone = {"constraints": {"n": bounds}, "limit": rng.randint(1, 9), "_ref": 1}
            find = {"FindDescriptor": {"set": "s", **gone}}
            ask(rng.choice(engines), find, {"DeleteDescriptor": {"ref": 1}})
        one = rng.choice(engines)
        assert size(one) == counted(one), n


def test_what_was_undone_was_never_counted(opened: Open) -> None:
    """A query that adds, counts and fails leaves no number behind; ids come again."""
    engine = opened()
    add(engine, drawn(2))
    assert size(engine) == 2
    adds = [{"AddDescriptor": {"set": "s"}}] * 3
    count = {"FindDescriptorSet": {"with_name": "s", "counts": True}}
    blobs = [row.tobytes() for row in drawn(3)]
    answer, _ = engine.query([*adds, count, {"DeleteEntity": {"ref": 9}}], blobs)
    assert isinstance(answer, dict)
    ask(engine, {"AddEntity": {"class": "A"}}, {"AddEntity": {"class": "A"}})
    add(engine, drawn(1))  # the id that the last of the three had
    assert size(engine) == 3


def test_a_query_counts_what_it_added_itself(opened: Open) -> None:
    """In its own transaction the set has grown already."""
    engine = opened()
    add(engine, drawn(2))
    assert size(engine) == 2
    count = {"FindDescriptorSet": {"with_name": "s", "counts": True}}
    *_, found = ask(engine, {"AddDescriptor": {"set": "s"}}, count, blobs=drawn(1))
    assert found["entities"][0]["_count"] == 3


def test_an_older_snapshot_counts_its_own(filled: Filled) -> None:
    """A reader that began before a change sees the number from before, and spoils none."""
    engine, _ = filled
    with engine._store.connection() as db:
        db.execute("BEGIN")
        at = set_id(engine)
        assert len(list(db.execute("SELECT id FROM vectors"))) == 300
        ask(engine, {"DeleteDescriptor": {"constraints": {"n": ["<", 100]}}})
        add(engine, drawn(5), first=300)
        assert size(engine) == 205
        assert engine._vectors.sizes.count(db, at, is_committed=True) == 300
        db.execute("ROLLBACK")
    assert size(engine) == 205


def test_removals_that_are_listed_no_longer(filled: Filled) -> None:
    """Where the list of what went was cut, all are counted anew."""
    engine, _ = filled
    assert size(engine) == 300
    for n in range(4):
        ask(engine, {"DeleteDescriptor": {"constraints": {"n": ["==", n]}}})
    with engine._store.connection() as db:
        at = set_id(engine)
        db.execute("DELETE FROM removed_vectors WHERE n<=2")
        db.execute("UPDATE removals SET n_forgotten=2")
        assert seen.seen(db, at).n_forgotten == 2
    assert size(engine) == 296
