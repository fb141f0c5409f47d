"""The types that parameters may have, nested ones member by member.

Pure checks; what a parameter means is its command's business. Everything here runs before any
command of a query does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine import constraints, values
from core.engine import messages as say
from core.engine.messages import fail, joined

_MOST = 2**63 - 1  # SQLite's integers
_MOST_SORT_KEYS = 100
_MOST_CLAUSES = 500  # of is_connected_to; a ref names any number of objects


def _no_more(place: str, value: Any) -> None:
    """Most kinds have nothing inside."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type in words, whether a value is of it, and a check of what is inside."""

    words: str
    holds: Callable[[Any], bool]
    inside: Callable[[str, Any], object] = _no_more

    def check(self, place: str, value: Any) -> None:
        """Check a value.

        Args:
            place: where it stands, for the sentence: "FindVideo.limit".
            value: what stands there.

        Raises:
            QueryFailedError: it is of another type.
        """
        if not self.holds(value):
            raise fail(say.WRONG_TYPE, place=place, value=value, words=self.words)
        self.inside(place, value)


def check_members(
    place: str, value: Mapping[str, Any], known: Mapping[str, Kind], required: tuple[str, ...] = ()
) -> None:
    """Check an object whose members are all declared."""
    for name, inner in value.items():
        if name not in known:
            raise fail(say.UNKNOWN_MEMBER, place=place, name=name, known=joined(sorted(known)))
        known[name].check(f"{place}.{name}", inner)
    for name in required:
        if name not in value:
            raise fail(say.MISSING, place=place, name=name)


def members(known: Mapping[str, Kind], *required: str) -> Kind:
    """Give the kind of an object with these members."""
    return Kind(
        "an object",
        lambda v: isinstance(v, Mapping),
        lambda place, v: check_members(place, v, known, required),
    )


def one_of(*names: str) -> Kind:
    """Give the kind of a string that is one of these."""
    return Kind(f"one of {joined(names)}", lambda v: isinstance(v, str) and v in names)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


COUNT = Kind("a whole number, zero or more", lambda v: _is_int(v) and 0 <= v <= _MOST)
REF = Kind("a whole number, one or more", lambda v: _is_int(v) and 1 <= v <= _MOST)
TEXT = Kind("a string", lambda v: isinstance(v, str), lambda _, v: values.comparable(v))
FLAG = Kind("true or false", lambda v: isinstance(v, bool))
TEXTS = Kind("a string or a list of strings", lambda v: isinstance(v, str) or _is_texts(v))
LIST = Kind("a list of strings", _is_texts)
NAME = Kind("a string", lambda v: isinstance(v, str), lambda _, v: values.checked_name(v))
OWN_NAME = Kind("a string", lambda v: isinstance(v, str), lambda _, v: values.own_name(v))
PROPERTIES = Kind("an object", lambda v: isinstance(v, Mapping))  # checked as they are stored
CONSTRAINTS = Kind(
    "constraints: an object or an array",
    lambda v: isinstance(v, Mapping | list),
    lambda _, v: constraints.parse(v),
)


def _condition(place: str, value: Any) -> None:
    if not _is_int(value):
        CONSTRAINTS.check(place, value)


CONDITION = Kind(
    "constraints or the number of a ref",
    lambda v: isinstance(v, Mapping | list) or REF.holds(v),
    _condition,
)

# -- sort --------------------------------------------------------------------------------------

_SORT_KEY = {
    "key": NAME,
    "order": one_of("ascending", "descending"),
    "sequence": Kind(
        "a list of values",
        lambda v: isinstance(v, list),
        lambda _, v: [values.comparable(one) for one in v],
    ),
}


def _check_length(place: str, value: Sequence[Any], most: int) -> None:
    if len(value) > most:
        raise fail(say.TOO_MANY, place=place, n_given=len(value), most=most)


def _sort(place: str, value: Any) -> None:
    if isinstance(value, list):
        _check_length(place, value, _MOST_SORT_KEYS)
    for one in value if isinstance(value, list) else [value]:
        said = {"key": one} if isinstance(one, str) else one
        members(_SORT_KEY, "key").check(place, said)
        if said["key"] == "_distance":
            raise fail(say.SORT_BY_DISTANCE)
        if "order" in said and "sequence" in said:
            raise fail(say.TWO_NAMES, place=place, first="order", second="sequence")


SORT = Kind("a key, an object or a list", lambda v: isinstance(v, str | Mapping | list), _sort)

# -- results, connections ----------------------------------------------------------------------

RESULTS = members(
    {
        "list": LIST, "all_properties": FLAG, "count": FLAG, "group": TEXTS,
        "sum": TEXTS, "average": TEXTS, "min": TEXTS, "max": TEXTS,
        # Where older clients put them: beside the list.
        "sort": SORT, "limit": COUNT, "offset": COUNT, "group_by_source": FLAG,
    }
)  # fmt: skip
CONNECT = members(
    {"ref": REF, "class": OWN_NAME, "direction": one_of("in", "out"), "properties": PROPERTIES},
    "ref",
)
_CLAUSE = members(
    {
        "ref": REF,
        "connection_class": NAME,
        "direction": one_of("in", "out", "any"),
        "constraints": CONSTRAINTS,
    },
    "ref",
)


def _connected(place: str, value: Mapping[str, Any]) -> None:
    for how in ("all", "any"):
        if how not in value:
            continue
        if len(value) != 1:
            raise fail(say.TWO_WAYS, place=f"{place}.{how}")
        if not isinstance(value[how], list):
            raise fail(
                say.WRONG_TYPE, place=f"{place}.{how}", value=value[how], words="a list of objects"
            )
        if not value[how]:
            raise fail(say.EMPTY_LIST, place=f"{place}.{how}")
        _check_length(f"{place}.{how}", value[how], _MOST_CLAUSES)
        for one in value[how]:
            _CLAUSE.check(f"{place}.{how}", one)
        return
    _CLAUSE.check(place, value)


CONNECTED = Kind("an object", lambda v: isinstance(v, Mapping), _connected)
