"""What one transaction or process does to a set of vectors, and what the others then see."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np

from tests.engine.vector_sets import (
    Filled,
    Open,
    add,
    ask,
    drawn,
    expected,
    head,
    numbers,
    set_id,
)  # fmt: skip


def test_what_a_query_added_before_it_failed_is_in_no_file(opened: Open, filled: Filled) -> None:
    """A search in a query that adds finds its rows; after a rollback their ids mean others."""
    engine, rows = filled
    near = {"FindDescriptor": {"set": "s", "k_neighbors": 1, "results": {"list": ["n"]}}}
    at = np.array([1, 0, 0, 0], "<f4").tobytes()
    adds = [{"AddDescriptor": {"set": "s", "properties": {"n": 999}}}] * 100
    gone = {"DeleteDescriptor": {"constraints": {"n": ["<", 200]}}}
    fails = {"AddEntity": {"class": "A", "connect": {"ref": 99}}}
    answer, _ = engine.query([*adds, near, gone, near], [at] * 102)
    assert isinstance(answer, list)
    assert answer[-1]["FindDescriptor"]["entities"] == [{"n": 999}]
    ask(engine, {"DeleteDescriptor": {"constraints": {"n": ["==", 999]}}})
    left = {n: row for n, row in rows.items() if n >= 200}
    assert numbers(engine) == expected(left)
    answer, _ = engine.query([*adds, gone, near, fails], [at] * 101)
    assert isinstance(answer, dict)
    add(engine, drawn(100, seed=8), first=300)
    left |= {300 + i: row for i, row in enumerate(drawn(100, seed=8))}
    for one in (engine, opened()):
        assert numbers(one, k=9) == expected(left, k=9)


def test_a_set_whose_query_failed_leaves_nothing_to_the_next(opened: Open) -> None:
    """Which gets its number, and may have other dimensions."""
    engine = opened()
    fails = {"AddEntity": {"class": "A", "connect": {"ref": 99}}}
    for dimensions, last in ((3, [fails]), (2, [])):
        blob = np.ones(dimensions, "<f4").tobytes()
        query = [
            {"AddDescriptorSet": {"name": "t", "dimensions": dimensions}},
            {"AddDescriptor": {"set": "t"}},
            {"FindDescriptor": {"set": "t", "k_neighbors": 2, "distances": True}},
            *last,
        ]
        answer, _ = engine.query(query, [blob, blob])
        assert isinstance(answer, dict if last else list), answer
    assert isinstance(answer, list)
    assert answer[-1]["FindDescriptor"]["entities"] == [{"_distance": 0.0}]


def test_old_transactions_see_what_they_saw(opened: Open, filled: Filled) -> None:
    """Through removals, additions and a file written anew that others caused meanwhile."""
    engine, _ = filled
    vectors, query = engine._vectors, np.array([1, 0, 0, 0], np.float32)
    of = set_id(engine)
    with engine._store.connection() as old:
        old.execute("BEGIN")
        before = vectors.nearest(old, of, query, k=999, metric="L2")
        assert len(before) == 300
        add(engine, drawn(100, seed=9), first=300)
        for low in (0, 50, 150):
            scope = {"n": [">=", low, "<", low + 90]}
            ask(engine, {"DeleteDescriptor": {"constraints": scope}})
            numbers(engine)
            add(engine, drawn(60, seed=low), first=1000 + low)
            numbers(engine)
            assert vectors.nearest(old, of, query, k=999, metric="L2") == before
            some = [before[3][0], before[50][0]]
            assert vectors.nearest(old, of, query, k=9, metric="L2", among=sorted(some)) == [
                before[3], before[50]
            ]  # fmt: skip
        old.execute("COMMIT")
    assert len(numbers(engine, k=999)) == 300 + 100 + 3 * 60 - 140 - 90


WRITER = """
    import sys
    from pathlib import Path
    import numpy as np
    from core.engine.engine import Engine
    from core.engine.vectors import cache
    from tests.contract.conftest import FACTS

    cache.FLUSH_BYTES = 50 * 16
    engine = Engine(Path(sys.argv[1]), probe_video=lambda _: FACTS)
    rng, n = np.random.default_rng(int(sys.argv[2])), 10**6 * int(sys.argv[2])
    near = {"FindDescriptor": {"set": "s", "k_neighbors": 1, "uniqueids": True}}
    while True:
        rows = rng.standard_normal((60, 4)).astype("<f4")
        adds = [{"AddDescriptor": {"set": "s", "properties": {"n": n + i}}} for i in range(60)]
        engine.query(adds, [row.tobytes() for row in rows])
        engine.query([near], [rows[0].tobytes()])
        n += 60
        print(n, flush=True)
"""


def test_writers_that_are_killed_leave_nothing_false(opened: Open, tmp_path: Path) -> None:
    """Killed at any point of adding, searching and appending, several at once: SQLite is right."""
    engine = opened()
    code = textwrap.dedent(WRITER)
    for turn in range(4):
        writers = [
            subprocess.Popen([sys.executable, "-c", code, tmp_path / "db", str(2 * turn + one)],
                             stdout=subprocess.PIPE, text=True)
            for one in (1, 2)
        ]  # fmt: skip
        for writer in writers:
            assert writer.stdout is not None
            for _ in range(3 + turn):
                assert writer.stdout.readline()
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            assert writer.stdout is not None
            writer.stdout.close()
        with engine._store.connection() as db:
            found = db.execute(
                "SELECT json_extract(o.properties,'$.n'), v.vector FROM vectors v"
                " JOIN objects o USING(id) ORDER BY v.id"
            ).fetchall()
        rows = {n: np.frombuffer(vector, "<f4") for n, vector in found}
        assert len(rows) == len(found) >= 2 * 60
        for one in (engine, opened()):
            assert numbers(one, k=50) == expected(rows, k=50)
        assert head(engine).n_rows > 0
