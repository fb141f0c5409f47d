"""A name for the state of an index: another one after every write that a search would see.

For whoever keeps answers. Reads what is known of the videos, and no vector.
"""

from __future__ import annotations

import hashlib
import json

from core.library import schema as s
from core.library.database import Database, ask, entities
from core.library.video_queries import list_videos


def version(database: Database, index: str) -> str | None:
    """Name the state of an index and its videos; None: it is changing right now.

    Every video's name, dates and account with the index, and the number of vectors: what this or
    any other process adds, indexes, renames, replaces or deletes makes another name. While a video
    is being indexed, its clips come one after the other, so there is no name for what is there.
    Somebody who changes single vectors by the database's own language, and leaves as many as there
    were, is not noticed.
    """
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
