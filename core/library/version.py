"""A name for the state of an index: another one after every write that a search would see.

For whoever keeps answers. Reads no vector.
"""

from __future__ import annotations

import hashlib
import json
from typing import Protocol, runtime_checkable

from core.library import schema as s
from core.library.database import Database, ask, entities
from core.library.video_queries import list_videos


@runtime_checkable
class Numbered(Protocol):
    """A database that numbers its states, as the embedded engine does."""

    def state(self) -> int:
        """Give a number that is another one after every change, by whichever process."""


def version(database: Database, index: str) -> str | None:
    """Name the state of an index and its videos; None: it is changing right now.

    The embedded engine knows when anything was changed. A server is asked for every video's name,
    dates and account with the index, and for the number of vectors: what any process adds, indexes,
    renames, replaces or deletes makes another name; while a video is being indexed, its clips come
    one after the other, and there is no name. Not noticed is there who changes single vectors by
    the database's own language, and leaves as many as there were.
    """
    return str(database.state()) if isinstance(database, Numbered) else _listed(database, index)


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
