"""The indexes that stand beside each other: which there are, which serves, how that changes.

Every index keeps an account of its own in each video (schema.Account), so choosing another one is
one small change. Knows names and counts, neither vectors nor models in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import LibraryError
from core.library import answers, save_queries, schema, video_queries
from core.library import choice_queries as c
from core.library import index_queries as iq
from core.library.database import Database, Entity, ask, entities
from core.model import EncoderInfo, IndexStatus

Body = dict[str, Any]

_AT_ONCE = 16  # videos whose part of an index is removed, each in a transaction of its own


def serving(database: Database) -> str:
    """Name the index that serves."""
    return _choice(database)[0]


def accounts(database: Database) -> list[schema.Account]:
    """List the accounts that videos may have, of every index there is."""
    names = {schema.INDEX, *(str(one["_name"]) for one in _sets(database))}
    return [schema.Account(name) for name in sorted(names)]


class Indexes:
    """The indexes of a database; see Library for what every method may raise."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- what there is ----------------------------------------------------------------------------

    def all(self) -> list[IndexStatus]:
        """List every index, in the order of their making, with how far it is."""
        serves, removing = _choice(self._database)
        sets = sorted(_sets(self._database), key=lambda one: _number(str(one["_name"])))
        return [self._status(one, serves, removing) for one in sets]

    def _status(self, found: Entity, serves: str, removing: str) -> IndexStatus:
        name = str(found["_name"])
        bodies, _ = ask(self._database, c.standing(name, serves))
        inside, _, queued, missing, given_up = (int(one.get("count") or 0) for one in bodies[:5])
        n_left = 0 if name == serves else queued + missing
        progress, left_s = _progress(name, n_left, bodies)
        return IndexStatus(
            name=name,
            made_by=answers.encoder_info(found),
            source=str(found.get(schema.SOURCE) or ""),
            is_serving=name == serves,
            is_being_removed=name == removing,
            n_videos=inside,
            n_clips=int(_sum(bodies[0])),
            n_left=n_left,
            n_failed=given_up,
            progress=progress,
            left_s=left_s,
        )

    def of_model(self, model: str, pretrained: str, framing: str) -> str | None:
        """Name the index that this model made, with this framing; None: there is none."""
        for one in _sets(self._database):
            info = answers.encoder_info(one)
            if (info.model, info.pretrained, info.framing) == (model, pretrained, framing):
                return str(one["_name"])
        return None

    def going(self) -> str:
        """Name the index that is being removed; "": none."""
        return _choice(self._database)[1]

    # -- making another ---------------------------------------------------------------------------

    def add(self, info: EncoderInfo, source: str) -> str:
        """Name the index of this model, adding an empty one where there is none yet.

        Raises:
            LibraryError: it is being removed.
        """
        while True:
            there = self.of_model(info.model, info.pretrained, info.framing)
            if there is not None and there == self.going():
                raise LibraryError(f"{there} is being removed. Index anew when it is gone.")
            if there is not None:
                return there
            numbers = [_number(str(one["_name"])) for one in _sets(self._database)]
            name = f"{schema.INDEX}_{max([1, *numbers]) + 1}"
            ask(self._database, iq.add_set(name, info, source))
            ask(self._database, c.prepare(name))

    def queue(self, index: str) -> None:
        """Let videos wait for this index that are not in it yet, and should be.

        Those are for the serving index all of ours, for another one what can be found.
        """
        serves, removing = _choice(self._database)
        if index == removing:
            return
        due = c.due_as_ours(index) if index == serves else c.due_as_searchable(index, serves)
        if entities(ask(self._database, c.find_one(due))[0][0]):  # looking is cheap, writing is not
            ask(self._database, c.queue(index, due))

    # -- choosing and removing --------------------------------------------------------------------

    def use(self, name: str, *, even_if_incomplete: bool = False) -> IndexStatus:
        """Let another index serve, for everybody at once; the one that served stays.

        Raises:
            LibraryError: there is no such index, it is being removed, or it lacks videos that can
                be found now and that was not said to be right.
        """
        status = self._named(name)
        if not status.is_whole and not even_if_incomplete:
            raise LibraryError(
                f"{status.made_by.model} ({name}) still lacks {status.n_left} of the videos that "
                "can be found now, and they would be missing from every search until they are "
                "indexed. Wait until it is complete, or say that it should serve all the same "
                "(--now)."
            )
        if not ask(self._database, c.choose(name))[0][-1].get("count"):
            raise LibraryError(f"{name} is being removed. Index with its model anew to use it.")
        self.queue(name)
        return self._named(name)

    def begin_to_remove(self, name: str) -> IndexStatus:
        """Note that an index goes; whoever calls `remove_some` next does it.

        Raises:
            LibraryError: there is no such index, it serves, or another one is being removed.
        """
        status = self._named(name)
        if not ask(self._database, c.begin_to_remove(name))[0][-1].get("count"):
            serves, removing = _choice(self._database)
            if name == serves:
                raise LibraryError(
                    f"{name} is the index that serves. Let another one serve before you remove it."
                )
            raise LibraryError(f"{removing} is being removed now. Try again when it is gone.")
        return status

    def remove_some(self) -> bool:
        """Remove a part of the index that goes, if one does; False: there is nothing to remove."""
        _, name = _choice(self._database)
        if not name:
            return False
        found = entities(ask(self._database, c.find_in(name, _AT_ONCE))[0][0])
        for video in found:
            self._remove_of(name, answers.id_of(video))
        if not found:
            ask(self._database, c.end_removing(name))
        return True

    def _remove_of(self, name: str, video_id: str) -> None:
        """Remove what an index holds of a video; the account goes last, so a kill loses nothing."""
        mine = video_queries.by_id(video_id)
        ask(self._database, (iq.clear(name, mine), []))
        ask(self._database, save_queries.clear_sheets(name, mine))
        ask(self._database, c.close_account(name, video_id))

    def _named(self, name: str) -> IndexStatus:
        found = self.all()
        for status in found:
            if status.name == name:
                return status
        names = ", ".join(status.name for status in found) or "none yet"
        raise LibraryError(f"There is no index {name}. There are: {names}.")


def _choice(database: Database) -> tuple[str, str]:
    """Read which index serves, and which is being removed ("": none)."""
    found = entities(ask(database, c.find_choice())[0][0])
    if not found:
        return schema.INDEX, ""
    serves, removing = (str(found[0].get(key) or "") for key in (schema.SERVING, schema.REMOVING))
    return serves or schema.INDEX, removing


def _sets(database: Database) -> list[Entity]:
    """Read the sets that are indexes of ours; others may lie in the same database."""
    found = entities(ask(database, c.find_sets())[0][0])
    return [one for one in found if _number(str(one.get("_name"))) > 0]


def _number(name: str) -> int:
    """Give the number of an index: 1 the first, 0 what is no index of ours."""
    if name == schema.INDEX:
        return 1
    number = name.removeprefix(f"{schema.INDEX}_")
    return int(number) if number != name and number.isdecimal() else 0


def _progress(name: str, n_left: int, bodies: Sequence[Body]) -> tuple[float, float | None]:
    """Say how far an index is, 0..1, and for how many seconds more, from the answers of `standing`.

    By the length of the videos; by their number, where another program said no lengths.
    """
    if not n_left:
        return 1.0, None
    under_way = [answers.video(one, name) for one in entities(bodies[5])]
    due_s = _sum(bodies[1])
    if not due_s:
        return 1 - n_left / int(bodies[1].get("count") or 1), None
    done_s = sum(video.progress * video.facts.duration_s for video in under_way)
    left_s = max(0.0, _sum(bodies[2]) + _sum(bodies[3]) - done_s)
    speed = sum(video.work.speed for video in under_way if video.work is not None)
    return min(1.0, max(0.0, 1 - left_s / due_s)), left_s / speed if speed > 0 else None


def _sum(body: Body) -> float:
    return float(next(iter((body.get("_sum") or {}).values()), None) or 0.0)
