"""What people keep of their searches: the searches themselves, and the pictures they searched by.

A saved search is the address that it had, so that whatever an address can say can be saved. Knows
no query's meaning.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from core.library import schema as s
from core.library.database import Database, Entity, ask, entities
from core.query import SavedSearch

_CLASS = "SavedSearch"
_ID, _NAME, _PARAMS, _SEEN = "saved_id", "name", "address", "seen_at"
_PICTURE = "query"


class SavedSearches:
    """The saved searches of a database; the same for everybody who uses it."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self._clock = database, clock

    def all(self) -> list[SavedSearch]:
        """List them by name."""
        find = {"with_class": _CLASS, "results": {"all_properties": True}}
        found = entities(ask(self._database, ([{"FindEntity": find}], []))[0][0])
        return sorted(map(_read, found), key=lambda one: one.name.casefold())

    def save(self, name: str, params: Mapping[str, str]) -> SavedSearch:
        """Save a search under a name; one of the same address gets the new name."""
        address = json.dumps(dict(sorted(params.items())), ensure_ascii=False)
        properties = {_ID: uuid4().hex, _NAME: name.strip(), _PARAMS: address, _SEEN: self._now()}
        same = {_PARAMS: ["==", address]}
        add = {"class": _CLASS, "properties": properties, "if_not_found": same}
        change = {"with_class": _CLASS, "constraints": same, "properties": {_NAME: name.strip()}}
        ask(self._database, ([{"AddEntity": add}, {"UpdateEntity": change}], []))
        return next(one for one in self.all() if one.params == dict(params))

    def seen(self, saved_id: str) -> None:
        """Note that somebody looked at it now."""
        change = {_SEEN: self._now()}
        update = {"with_class": _CLASS, "constraints": _by(saved_id), "properties": change}
        ask(self._database, ([{"UpdateEntity": update}], []))

    def _now(self) -> dict[str, str]:
        return {"_date": datetime.fromtimestamp(self._clock(), UTC).isoformat()}

    def delete(self, saved_id: str) -> None:
        """Forget it; harmless to repeat."""
        delete = {"with_class": _CLASS, "constraints": _by(saved_id)}
        ask(self._database, ([{"DeleteEntity": delete}], []))


class QueryPictures:
    """Pictures that were searched by, kept under a name that an address can hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, jpeg: bytes) -> str:
        """Keep a picture; the same one has the same name for ever."""
        picture_id = hashlib.sha256(jpeg).hexdigest()[:32]
        properties = {s.KIND: _PICTURE, s.PICTURE_ID: picture_id}
        add = {"properties": properties, "if_not_found": {s.PICTURE_ID: ["==", picture_id]}}
        ask(self._database, ([{"AddImage": add}], [jpeg]))
        return picture_id

    def get(self, picture_id: str) -> bytes | None:
        """Give a picture that was kept; None: there is none of this name."""
        constraints = {s.PICTURE_ID: ["==", picture_id], s.KIND: ["==", _PICTURE]}
        find = {"constraints": constraints, "blobs": True, "limit": 1}
        return next(iter(ask(self._database, ([{"FindImage": find}], []))[1]), None)


def _by(saved_id: str) -> dict[str, list[Any]]:
    return {_ID: ["==", saved_id]}


def _read(entity: Entity) -> SavedSearch:
    return SavedSearch(
        saved_id=str(entity[_ID]),
        name=str(entity[_NAME]),
        params={str(key): str(value) for key, value in json.loads(entity[_PARAMS]).items()},
        seen_at=datetime.fromisoformat(entity[_SEEN]["_date"]).astimezone(UTC),
    )
