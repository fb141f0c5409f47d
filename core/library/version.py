"""A name for the state of an index: another one after every write that a search would see.

For whoever keeps answers. Reads no vector.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

from core.library import schema as s
from core.library.database import Database, ask, entities, n_writes
from core.library.video_queries import list_videos

_REMEMBERED_S: Final = 2.0  # how late a search may see what another process wrote to a server


@runtime_checkable
class Numbered(Protocol):
    """A database that numbers its states, as the embedded engine does."""

    def state(self) -> int:
        """Give a number that is another one after every change, by whichever process."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The name of an index of a server when it was last asked, and when that was."""

    name: str | None
    at_s: float
    n_writes: int  # of this process until then


_seen_of: WeakKeyDictionary[Database, dict[str, _Seen]] = WeakKeyDictionary()


def version(
    database: Database, index: str, *, clock: Callable[[], float] = time.monotonic
) -> str | None:
    """Name the state of an index and its videos; None: it is changing right now.

    The embedded engine knows when anything was changed. A server is asked for every video's name,
    dates and account with the index, and for the number of vectors: what any process adds, indexes,
    renames, replaces or deletes makes another name; while a video is being indexed, its clips come
    one after the other, and there is no name. Not noticed is there who changes single vectors by
    the database's own language, and leaves as many as there were.

    Asking a server costs one query that lists all videos with seven values each, so it takes the
    longer the more videos there are. It is therefore asked once in two seconds, and anew after each
    write of this process: what others write to a server is noticed two seconds late at most.
    """
    if isinstance(database, Numbered):
        return str(database.state())
    indexes = _seen_of.setdefault(database, {})
    known, now_s, n_written = indexes.get(index), clock(), n_writes(database)
    if known is None or known.n_writes != n_written or now_s - known.at_s >= _REMEMBERED_S:
        known = indexes[index] = _Seen(_listed(database, index), now_s, n_written)
    return known.name


def _listed(database: Database, index: str) -> str | None:
    account = s.Account(index)
    keys = [s.VIDEO_ID, s.NAME, s.ADDED_AT, account.done, account.n_clips, account.indexed_us]
    commands, _ = list_videos({}, [*keys, account.lane.state])
    counted = {"FindDescriptorSet": {"with_name": index, "counts": True}}
    videos, sets = ask(database, ([*commands, counted], []))[0]
    found = entities(videos)
    if any(one.get(account.lane.state) == account.lane.working for one in found):
        return None
    found.sort(key=lambda one: str(one["_uniqueid"]))
    state = json.dumps([found, entities(sets)], sort_keys=True, default=str)
    return hashlib.blake2b(state.encode(), digest_size=16).hexdigest()
