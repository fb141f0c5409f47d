"""How many vectors each set holds: counted once, then by what came and what went.

To count a million takes a tenth of a second, and every search asks for what is known of its set.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass

from core.engine.vectors.seen import Seen, seen


@dataclass(frozen=True, slots=True)
class _Counted:
    """A number of vectors, and the state of the set that had it."""

    seen: Seen
    n: int


class Sizes:
    """The sizes of one database's sets; safe to use from several threads."""

    def __init__(self) -> None:
        self._known: dict[int, _Counted] = {}
        self._lock = threading.Lock()

    def count(self, db: sqlite3.Connection, set_id: int, *, is_committed: bool) -> int:
        """Count the vectors of a set, as the transaction of `db` sees it.

        Args:
            db: inside a transaction.
            set_id: the set's object.
            is_committed: the transaction sees nothing that may still be undone.
        """
        now = seen(db, set_id)
        with self._lock:
            known = self._known.get(set_id)
        if known is None or not _is_later(now, known.seen):
            (n,) = db.execute("SELECT count(*) FROM vectors WHERE set_id=?", (set_id,)).fetchone()
        else:
            n = known.n + _n_came(db, set_id, known.seen) - _n_went(db, set_id, known.seen)
        if is_committed:
            self._note(set_id, _Counted(now, int(n)))
        return int(n)

    def _note(self, set_id: int, counted: _Counted) -> None:
        with self._lock:
            known = self._known.get(set_id)
            if known is None or _is_later(counted.seen, known.seen):
                self._known[set_id] = counted


def _is_later(now: Seen, before: Seen) -> bool:
    """Say whether all that was removed since is listed; of a snapshot from before, it is not."""
    if now.n_removals == before.n_removals:
        return now.newest_id >= before.newest_id
    return now.n_removals > before.n_removals >= now.n_forgotten


def _n_came(db: sqlite3.Connection, set_id: int, since: Seen) -> int:
    came = "SELECT count(*) FROM vectors WHERE set_id=? AND id>?"
    return int(db.execute(came, (set_id, since.newest_id)).fetchone()[0])


def _n_went(db: sqlite3.Connection, set_id: int, since: Seen) -> int:
    """Count what was there then and is not now; what came and went since was never counted."""
    went = "SELECT count(*) FROM removed_vectors WHERE set_id=? AND n>? AND id<=?"
    return int(db.execute(went, (set_id, since.n_removals, since.newest_id)).fetchone()[0])
