"""What people said of searches: which moment is a right answer, and what nothing here shows.

By these the search is measured on one's own videos. Knows no measures.
"""

from __future__ import annotations

from typing import Any

from core.library.database import Database, Entity, ask, entities
from core.model import Span
from core.query import Right

_CLASS = "RightAnswer"
_QUERY, _VIDEO, _START, _END = "query", "video_id", "start_s", "end_s"
_NOTHING = ""  # the video of what nothing shows


class Rights:
    """The right answers that a database keeps; the same for everybody who uses it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Right]:
        """List them by query, then by video and time."""
        find = {"with_class": _CLASS, "results": {"all_properties": True}}
        found = entities(ask(self._database, ([{"FindEntity": find}], []))[0][0])
        read = map(_read, found)
        return sorted(read, key=lambda one: (one.query, one.video_id or "", _start_s(one)))

    def add(self, right: Right) -> None:
        """Keep one; a right moment of a query takes back that nothing shows it, and the reverse."""
        others = {_QUERY: ["==", right.query]}
        others[_VIDEO] = ["!=" if right.video_id is None else "==", _NOTHING]
        properties = {
            _QUERY: right.query,
            _VIDEO: right.video_id or _NOTHING,
            _START: _start_s(right),
            _END: 0.0 if right.span is None else float(right.span.end_s),
        }
        commands = [
            {"DeleteEntity": {"with_class": _CLASS, "constraints": others}},
            {
                "AddEntity": {
                    "class": _CLASS,
                    "properties": properties,
                    "if_not_found": _same(right),
                }
            },
        ]
        ask(self._database, (commands, []))

    def remove(self, right: Right) -> None:
        """Take one back; harmless to repeat."""
        delete = {"with_class": _CLASS, "constraints": _same(right)}
        ask(self._database, ([{"DeleteEntity": delete}], []))


def _same(right: Right) -> dict[str, list[Any]]:
    return {
        _QUERY: ["==", right.query],
        _VIDEO: ["==", right.video_id or _NOTHING],
        _START: ["==", _start_s(right)],
    }


def _start_s(right: Right) -> float:
    return 0.0 if right.span is None else float(right.span.start_s)


def _read(entity: Entity) -> Right:
    video_id = str(entity[_VIDEO])
    if video_id == _NOTHING:
        return Right(str(entity[_QUERY]), None, None)
    return Right(str(entity[_QUERY]), video_id, Span(float(entity[_START]), float(entity[_END])))
