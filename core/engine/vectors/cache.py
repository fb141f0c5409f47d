"""What this process knows of one set: the file's rows, and newer ones in memory.

Only committed rows, read by transactions of its own, so a rollback concerns nobody. It may hold
more than a transaction sees (newer rows, and those removed since), or less (the transaction's own
rows, and what was removed before it was read here): `View` says what of it is true for one.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.engine.vectors import rows_file
from core.engine.vectors.parts import Growing, Ids, Part
from core.engine.vectors.rows_file import Head, InUseError, RowsFile
from core.engine.vectors.seen import Seen, removed_after, rows_after, same, seen, sums

FLUSH_BYTES = 16 << 20  # of rows in memory; then they go to the file
_COMPACT_SHARE = 4  # a file is written anew when a quarter of its rows are gone
_N_SAMPLES = 32  # rows of a file that are compared with SQLite when it is opened
_RETRY_S = 60.0  # after the file could not be written
_MOST_MARKS = 64


@dataclass(frozen=True, slots=True)
class View:
    """What of a cache is true for one transaction; the rest that it sees, it reads itself."""

    parts: tuple[Part, ...]  # each id above those of the part before
    removed: Ids  # ascending; some rows of the parts that count no more
    last_id: int  # larger ids are not known here
    n_removals: int  # removals after this count are not known here


class SetCache:
    """The committed rows of one set, as far as they were read; hold `lock` to use it."""

    def __init__(self, folder: Path, set_id: int, dimensions: int) -> None:
        self.lock = threading.Lock()
        self._folder, self._set_id, self.dimensions = folder, set_id, dimensions
        self._bad_generation: str | None = None
        self._retry_at_s = 0.0
        self._start_over(0)

    def _start_over(self, n_removals: int) -> None:
        """Know nothing; what was removed until this count will never be read."""
        self._file: RowsFile | None = None
        self._memory, self._memory_from = Growing(self.dimensions), 0
        self._n_base = self._n_removed = n_removals
        self._removed: tuple[Ids, Ids] = (np.empty(0, np.int64), np.empty(0, np.int64))
        self._removed_ids: tuple[int, Ids] = (n_removals, self._removed[1])
        # (the set's count of removals at a reading, the last id known before it)
        self._marks: list[tuple[int, int]] = []

    @property
    def last_id(self) -> int:
        """The largest id that was read."""
        return max(self._memory.part.last_id, self._memory_from)

    # -- what a transaction may believe --------------------------------------------------------

    def lacks(self, of: Seen) -> bool:
        """Say whether reading may help a transaction that sees these counts."""
        return of.newest_id > self.last_id or of.n_removals > self._n_removed

    def view(self, of: Seen) -> View:
        """Give what is true for a transaction that sees these counts.

        A reading after removals that it does not see lacks rows that it does see, so for it ends
        before the first such reading.
        """
        known = min((id_ for n, id_ in self._marks if n > of.n_removals), default=self.last_id)
        last_id = min(known, of.newest_id)
        whole = [self._file.part] if self._file else []
        parts = (one.until(last_id) for one in (*whole, self._memory.part))
        n_removals = min(of.n_removals, self._n_removed)
        return View(
            tuple(one for one in parts if len(one)), self._removed_until(n_removals),
            known, n_removals,
        )  # fmt: skip

    def _removed_until(self, n_removals: int) -> Ids:
        if self._removed_ids[0] != n_removals:
            counts, ids = self._removed
            n = int(np.searchsorted(counts, n_removals, side="right"))
            self._removed_ids = n_removals, np.sort(ids[:n])
        return self._removed_ids[1]

    # -- reading -------------------------------------------------------------------------------

    def refresh(self, db: sqlite3.Connection) -> None:
        """Read what is new; `db` is in a transaction that has written nothing."""
        now = seen(db, self._set_id)
        if now.n_forgotten > self._n_removed:
            self._start_over(now.n_removals)
        if now.newest_id > self.last_id:
            self._look_at_file(db, now)
            if not self.last_id:
                self._start_over(now.n_removals)
            self._mark(now.n_removals, self.last_id)
            for part in rows_after(db, self._set_id, self.last_id, self.dimensions):
                self._memory.append(part)
                self._flush(now.n_removals)
        if now.n_removals > self._n_removed:
            self._read_removed(db, now)

    def _mark(self, n_removals: int, last_id: int) -> None:
        if any(n >= n_removals and before <= last_id for n, before in self._marks):
            return  # whoever must not believe this reading does not believe that one, either
        self._marks.append((n_removals, last_id))
        if len(self._marks) > _MOST_MARKS:
            self._marks = [(max(n for n, _ in self._marks), min(id_ for _, id_ in self._marks))]

    def _read_removed(self, db: sqlite3.Connection, now: Seen) -> None:
        counts, ids = removed_after(db, self._set_id, self._n_removed)
        self._removed = (
            np.concatenate([self._removed[0], counts]), np.concatenate([self._removed[1], ids]),
        )  # fmt: skip
        self._n_removed = now.n_removals
        if self._file:
            n_gone = len(self._file.part.places(self._removed_until(now.n_removals)))
            if n_gone * _COMPACT_SHARE > len(self._file.part):
                self._write(lambda head: self._compact(head, now.n_removals))

    # -- the file ------------------------------------------------------------------------------

    def _look_at_file(self, db: sqlite3.Connection, now: Seen) -> None:
        """Take over what others wrote into the file; one that is wrong is not looked at again."""
        head = rows_file.read_head(self._folder, self._set_id)
        if head is None and self._file:  # it was removed; what is mapped cannot be added to
            self._start_over(now.n_removals)
        if head is None or head.generation == self._bad_generation:
            return
        try:
            before = self._file.head.last_id if self._file else 0
            if self._file and self._file.follow(head):
                self._mark(head.n_read, before)
                self._let_go_of_memory()
                return
            file = RowsFile(self._folder, self._set_id, head)
            is_good = _agrees(file, db, self._set_id, self.dimensions, now)
        except (OSError, ValueError):
            is_good = False
        if not is_good:
            self._bad_generation = head.generation
            self._start_over(now.n_removals)
            return
        self._start_over(head.n_base)
        self._file, self._memory_from = file, head.last_id
        self._mark(head.n_read, 0)

    def _let_go_of_memory(self) -> None:
        """Keep of the rows in memory what the file lacks."""
        last_id = self._file.head.last_id if self._file else 0
        if last_id > self._memory_from:
            rest = self._memory.part.after(last_id)
            self._memory, self._memory_from = Growing(self.dimensions), last_id
            self._memory.append(rest)

    def distrust(self) -> None:
        """Know nothing, and never open the file again that was used until now."""
        self._bad_generation = self._file.head.generation if self._file else None
        self._start_over(0)

    # -- writing -------------------------------------------------------------------------------

    def _flush(self, n_read: int) -> None:
        """Move the rows in memory to the file once they are many; if it cannot be, they stay."""
        if self._memory.part.rows.nbytes >= FLUSH_BYTES:
            self._write(lambda head: self._append(head, n_read))

    def _write(self, what: Callable[[Head | None], None]) -> None:
        if time.monotonic() < self._retry_at_s:
            return
        try:
            with rows_file.locked(self._folder, self._set_id):
                what(rows_file.read_head(self._folder, self._set_id))
        except InUseError:
            return  # the rows stay in memory until the file has them
        except (OSError, ValueError):
            self._retry_at_s = time.monotonic() + _RETRY_S

    def _append(self, head: Head | None, n_read: int) -> None:
        file = self._file
        if file is None:
            if head is not None and head.generation != self._bad_generation:
                return  # made meanwhile by somebody else: the next reading finds it
            file = rows_file.begin(self._folder, self._set_id, self.dimensions, self._n_base)
            rows_file.sweep(self._folder, self._set_id, file.head.generation)
        elif file.head != head:
            return
        file.append(self._memory.part, n_read)
        self._file = file
        self._let_go_of_memory()

    def _compact(self, head: Head | None, n_removals: int) -> None:
        """Write the file anew without the rows that are gone."""
        old = self._file
        if old is None or old.head != head:
            return
        gone = old.part.places(self._removed_until(n_removals))
        live = np.delete(np.arange(len(old.part)), gone)
        if not len(live):
            rows_file.sweep(self._folder, self._set_id, None)
            self._start_over(n_removals)
            return
        new = rows_file.begin(self._folder, self._set_id, self.dimensions, n_removals)
        n_rows = max(1, FLUSH_BYTES // (4 * self.dimensions))
        for start in range(0, len(live), n_rows):
            new.append(old.part.at(live[start : start + n_rows]), n_removals)
        self._file, self._n_base = new, n_removals
        self._mark(n_removals, 0)
        rows_file.sweep(self._folder, self._set_id, new.head.generation)


def _agrees(
    file: RowsFile, db: sqlite3.Connection, set_id: int, dimensions: int, now: Seen
) -> bool:
    """Compare a file with SQLite: its head's counts, all ids, and some of the vectors."""
    head, part = file.head, file.part
    if head.dimensions != dimensions or head.last_id != part.last_id:
        return False
    if not now.n_forgotten <= head.n_base <= head.n_read <= now.n_removals:
        return False
    gone = part.places(np.sort(removed_after(db, set_id, head.n_base)[1]))
    n_and_sum = len(part) - len(gone), int(part.ids.sum()) - int(part.ids[gone].sum())
    if n_and_sum != sums(db, set_id, head.last_id):
        return False
    live = np.delete(np.arange(len(part)), gone)
    places = np.unique(np.linspace(0, max(0, len(live) - 1), _N_SAMPLES).astype(np.intp))
    return same(db, set_id, part.at(live[places[: len(live)]]))
