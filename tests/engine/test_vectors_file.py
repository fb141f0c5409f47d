"""The file of rows is a cache: whatever happens to it, answers are those of SQLite."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.engine.vectors import cache, rows_file
from tests.engine.vector_sets import (
    Filled,
    Open,
    add,
    drawn,
    expected,
    folder_of,
    head,
    numbers,
    set_id,
)  # fmt: skip


def test_many_rows_go_to_the_file_and_a_new_process_reads_them_there(
    opened: Open, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second engine finds the same without reading from SQLite what the file has."""
    engine, rows = filled
    assert head(engine).n_rows == 300
    read: list[int] = []
    from_sqlite = cache.rows_after

    def counted(db: Any, set_id: int, last_id: int, dimensions: int) -> Any:
        read.append(last_id)
        return from_sqlite(db, set_id, last_id, dimensions)

    monkeypatch.setattr(cache, "rows_after", counted)
    assert numbers(opened()) == expected(rows)
    assert read == [head(engine).last_id]


def test_additions_extend_the_file_in_place(opened: Open, filled: Filled) -> None:
    """The generation stays; another engine that had it open sees what was appended."""
    engine, rows = filled
    other = opened()
    numbers(other)
    before = head(engine)
    more = drawn(200, seed=1)
    add(engine, more, first=300)
    rows |= {300 + i: row for i, row in enumerate(more)}
    assert numbers(engine) == expected(rows)
    assert (head(engine).generation, head(engine).n_rows) == (before.generation, 500)
    assert numbers(other) == expected(rows)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "no head": lambda folder: next(folder.glob("*.json")).unlink(),
    "no JSON": lambda folder: next(folder.glob("*.json")).write_text("{"),
    "another count": lambda folder: _edit(folder, '"n_rows": 300', '"n_rows": 299'),
    "no rows": lambda folder: next(folder.glob("*.rows")).unlink(),
    "no ids": lambda folder: next(folder.glob("*.ids")).unlink(),
    "short rows": lambda folder: os.truncate(next(folder.glob("*.rows")), 300 * 16 - 1),
    "short ids": lambda folder: os.truncate(next(folder.glob("*.ids")), 299 * 16),
    "zeros for rows": lambda folder: _overwrite(next(folder.glob("*.rows")), bytes(300 * 16)),
    "zeros in the middle": lambda folder: _overwrite(
        next(folder.glob("*.rows")), bytes(100 * 16), at=100 * 16
    ),
    "other ids": lambda folder: _overwrite(next(folder.glob("*.ids")), bytes(16), at=160),
}


def _edit(folder: Path, old: str, new: str) -> None:
    path = next(folder.glob("*.json"))
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _overwrite(path: Path, content: bytes, at: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_anew(opened: Open, filled: Filled, damage: str) -> None:
    """Silently; and one that is whole again after that."""
    engine, rows = filled
    DAMAGES[damage](folder_of(engine))
    for _ in range(2):
        assert numbers(opened()) == expected(rows)
    assert head(engine).n_rows == 300
    generations = {path.stem for path in folder_of(engine).glob("*.rows")}
    assert generations == {f"{set_id(engine)}-{head(engine).generation}"}


def test_a_file_that_is_removed_while_it_is_open_is_made_anew(filled: Filled) -> None:
    """What is open answers until there is something to add."""
    engine, rows = filled
    for path in folder_of(engine).iterdir():
        path.unlink()
    assert numbers(engine) == expected(rows)
    more = drawn(60, seed=12)
    add(engine, more, first=300)
    rows |= {300 + i: row for i, row in enumerate(more)}
    assert numbers(engine) == expected(rows)
    assert head(engine).n_rows >= 350


def test_a_row_that_is_wrong_is_noticed_when_it_wins(opened: Open, filled: Filled) -> None:
    """Whatever sample did not show it: the nearest are compared with SQLite."""
    engine, rows = filled
    part = np.array([1, 0, 0, 0], "<f4").tobytes()
    _overwrite(next(folder_of(engine).glob("*.rows")), part, at=7 * 16)
    assert numbers(engine, k=1) == expected(rows, k=1)
    assert numbers(opened(), k=1) == expected(rows, k=1)


def test_an_older_copy_of_the_database_is_not_answered_from_newer_rows(
    opened: Open, filled: Filled, tmp_path: Path
) -> None:
    """A backup put in place of the database: the file beside it is of no use any more."""
    engine, rows = filled
    with engine._store.connection() as db, sqlite3.connect(tmp_path / "backup") as backup:
        db.backup(backup)
    backup.close()
    add(engine, drawn(100, seed=2), first=300)
    numbers(engine)
    engine.close()
    with sqlite3.connect(tmp_path / "backup") as backup, sqlite3.connect(
        tmp_path / "db/aperture.sqlite3"
    ) as db:  # fmt: skip
        backup.backup(db)
    backup.close()
    db.close()
    again = opened()
    assert numbers(again, k=10) == expected(rows, k=10)
    other = drawn(100, seed=3)
    add(again, other, first=1000)
    rows |= {1000 + i: row for i, row in enumerate(other)}
    assert numbers(again, k=10) == expected(rows, k=10)
    assert numbers(opened(), k=10) == expected(rows, k=10)


def test_without_a_place_for_the_file_everything_lies_in_memory(
    opened: Open, tmp_path: Path
) -> None:
    """Where the folder cannot be written, searches and additions work all the same."""
    (tmp_path / "db/vectors").write_text("in the way")
    engine, rows = opened(), drawn(300)
    add(engine, rows[:200])
    assert numbers(engine) == expected(dict(enumerate(rows[:200])))
    add(engine, rows[200:], first=200)
    assert numbers(engine) == expected(dict(enumerate(rows)))
    assert (tmp_path / "db/vectors").read_text() == "in the way"


def test_while_another_process_writes_the_file_the_rows_lie_in_memory(
    opened: Open, filled: Filled
) -> None:
    """Nobody waits for the lock; the rows go to the file later."""
    engine, rows = filled
    more = drawn(100, seed=4)
    with rows_file.locked(folder_of(engine), set_id(engine)):
        add(engine, more, first=300)
        rows |= {300 + i: row for i, row in enumerate(more)}
        assert numbers(engine) == expected(rows)
        assert head(engine).n_rows == 300
    add(engine, drawn(1, seed=5) + 100, first=999)
    numbers(engine)
    assert head(engine).n_rows == 401
