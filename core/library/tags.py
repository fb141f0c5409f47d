"""Tags of videos: (_Video) -VideoHasTag-> (Tag {name}), as the language has no lists.

A tag exists as long as a video has it. Knows neither indexes nor clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import LibraryError, NoSuchVideoError
from core.library import answers
from core.library.database import Command, Database, Query, ask, entities, groups
from core.library.video_queries import by_id

TAG = "Tag"
VIDEO_HAS_TAG = "VideoHasTag"
NAME = "name"
_MARK = "is_unused"  # only within a transaction
_MOST_CHARACTERS = 80


class Tags:
    """The tags of a database's videos."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, int]:
        """Count the videos of each tag, by name in the order of the alphabet."""
        bodies, _ = ask(self._database, _find_all())
        names = {one["_uniqueid"]: str(one[NAME]) for one in entities(bodies[0])}
        counts = {names[tag]: len(found) for tag, found in groups(bodies[1]).items()}
        return dict(sorted(counts.items(), key=lambda one: one[0].casefold()))

    def of(self, video_id: str) -> list[str]:
        """List a video's tags in the order of the alphabet."""
        bodies, _ = ask(self._database, _find_of(video_id))
        return sorted((str(one[NAME]) for one in entities(bodies[1])), key=str.casefold)

    def add(self, video_id: str, name: str) -> None:
        """Give a video a tag; nothing happens where it has it.

        Raises:
            LibraryError: the tag has no letters, far too many, or a comma.
            NoSuchVideoError: there is no video with this id (any more).
        """
        words = " ".join(name.split())
        if not words or len(words) > _MOST_CHARACTERS or "," in words:
            raise LibraryError(
                f"A tag has 1 to {_MOST_CHARACTERS} characters and no comma. {words[:99]!r} is "
                "none; choose another."
            )
        if words in self.of(video_id):
            return
        bodies, _ = ask(self._database, _add(video_id, words))
        if not bodies[0].get("count"):
            raise NoSuchVideoError(f"No video has the id {video_id}; it may have been deleted.")

    def remove(self, video_id: str, name: str) -> None:
        """Take a tag from a video; the last video's takes the tag away."""
        ask(self._database, _remove(video_id, name))

    def videos_with(self, names: Sequence[str]) -> list[str]:
        """List the ids of the videos that have every one of these tags."""
        found: set[str] | None = None
        for name in names:
            bodies, _ = ask(self._database, _find_videos(name))
            ids = {answers.id_of(one) for one in entities(bodies[1])}
            found = ids if found is None else found & ids
        return sorted(found or ())


_EDGE = {"ref": 1, "connection_class": VIDEO_HAS_TAG}
_NAMES = {"list": [NAME, "_uniqueid"]}


def _tag(name: str) -> dict[str, Any]:
    return {"with_class": TAG, "constraints": {NAME: ["==", name]}}


def _find_all() -> Query:
    videos = {"is_connected_to": _EDGE, "group_by_source": True, "blobs": False, "uniqueids": True}
    return [
        {"FindEntity": {"_ref": 1, "with_class": TAG, "results": _NAMES}},
        {"FindVideo": videos},
    ], []


def _find_of(video_id: str) -> Query:
    return [
        {"FindVideo": {"_ref": 1, "constraints": by_id(video_id), "blobs": False}},
        {"FindEntity": {"with_class": TAG, "is_connected_to": _EDGE, "results": _NAMES}},
    ], []


def _find_videos(name: str) -> Query:
    listed = {"list": ["video_id", "_uniqueid"]}
    return [
        {"FindEntity": {"_ref": 1, **_tag(name), "results": _NAMES}},
        {"FindVideo": {"is_connected_to": _EDGE, "blobs": False, "results": listed}},
    ], []


def _add(video_id: str, name: str) -> Query:
    tag = {"class": TAG, "properties": {NAME: name}, "if_not_found": {NAME: ["==", name]}}
    counted = {"blobs": False, "results": {"count": True}}
    return [
        {"FindVideo": {"_ref": 1, "constraints": by_id(video_id), **counted}},
        {"AddEntity": {"_ref": 2, **tag}},
        {"AddConnection": {"class": VIDEO_HAS_TAG, "src": 1, "dst": 2}},
        *_delete_if_unused(name),
    ], []


def _remove(video_id: str, name: str) -> Query:
    return [
        {"FindVideo": {"_ref": 1, "constraints": by_id(video_id), "blobs": False}},
        {"FindEntity": {"_ref": 2, **_tag(name)}},
        {"DeleteConnection": {"with_class": VIDEO_HAS_TAG, "src": 1, "dst": 2}},
        *_delete_if_unused(name),
    ], []


def _delete_if_unused(name: str) -> list[Command]:
    """Delete a tag that no video has, in the same transaction as what may have left it so.

    No constraint says "connected to nothing": so it is marked, the mark of one in use goes, and
    what is still marked does. One video is enough to tell.
    """
    marked = {"constraints": {NAME: ["==", name], _MARK: ["==", True]}}
    in_use = {**_tag(name), "is_connected_to": {"ref": 4, "connection_class": VIDEO_HAS_TAG}}
    of_it = {"is_connected_to": {"ref": 3, "connection_class": VIDEO_HAS_TAG}, "limit": 1}
    return [
        {"UpdateEntity": {**_tag(name), "properties": {_MARK: True}}},
        {"FindEntity": {"_ref": 3, **_tag(name)}},
        {"FindVideo": {"_ref": 4, "blobs": False, **of_it}},
        {"FindEntity": {"_ref": 5, **in_use}},
        {"UpdateEntity": {"ref": 5, "remove_props": [_MARK]}},
        {"DeleteEntity": {"with_class": TAG, **marked}},
    ]
