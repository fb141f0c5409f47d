"""From JSON to checked commands.

Each command declares its parameters, and a whole query is checked before any of it runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.engine.messages import (
    fail,
    missing_parameter,
    unknown_command,
    unknown_parameter,
    wrong_type,
)

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

Body = dict[str, Any]
Run = Callable[["Transaction", Body], Body]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type that a parameter may have."""

    words: str
    holds: Callable[[Any], bool]


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


INT = Kind("a whole number", _is_int)
COUNT = Kind("a whole number, zero or more", lambda v: _is_int(v) and v >= 0)
TEXT = Kind("a string", lambda v: isinstance(v, str))
FLAG = Kind("true or false", lambda v: isinstance(v, bool))
OBJECT = Kind("an object", lambda v: isinstance(v, Mapping))
TEXTS = Kind(
    "a string or a list of strings",
    lambda v: isinstance(v, str) or (isinstance(v, list) and all(isinstance(x, str) for x in v)),
)
SORT = Kind("a key, an object or a list", lambda v: isinstance(v, str | Mapping | list))
CONDITION = Kind("constraints or a ref", lambda v: isinstance(v, Mapping) or _is_int(v))

REF = {"_ref": COUNT}
ADD = {**REF, "properties": OBJECT, "if_not_found": CONDITION, "connect": OBJECT}
CHOOSE = {"ref": COUNT, "constraints": OBJECT}
UPDATE = {**CHOOSE, "properties": OBJECT, "remove_props": TEXTS}
FIND = {
    **REF,
    "unique": FLAG,
    "constraints": OBJECT,
    "is_connected_to": OBJECT,
    "group_by_source": FLAG,
    "results": OBJECT,
    "sort": SORT,
    "limit": COUNT,
    "offset": COUNT,
    "uniqueids": FLAG,
}


@dataclass(frozen=True, slots=True)
class Command:
    """What a command takes and does."""

    name: str
    parameters: Mapping[str, Kind]
    required: tuple[str, ...]
    writes: bool
    run: Run


COMMANDS: dict[str, Command] = {}


def command(
    name: str,
    parameters: Mapping[str, Kind],
    *,
    required: tuple[str, ...] = (),
    writes: bool,
) -> Callable[[Run], Run]:
    """Register a function as what a command does."""

    def register(run: Run) -> Run:
        COMMANDS[name] = Command(name, parameters, required, writes, run)
        return run

    return register


def parse(query: str | Sequence[Mapping[str, Any]]) -> list[tuple[Command, Body]]:
    """Check a whole query before any of it runs.

    Raises:
        QueryFailedError: the first thing in it that is not of the language.
    """
    if isinstance(query, str):
        try:
            query = json.loads(query)
        except json.JSONDecodeError as error:
            raise fail(f"The query is not JSON: {error}. Send an array of commands.") from None
    if not isinstance(query, list):
        raise fail("The query is not an array; send [{command: parameters}, …].")
    return [_check(one) for one in query]


def _check(one: object) -> tuple[Command, Body]:
    if not isinstance(one, Mapping) or len(one) != 1:
        raise fail(f"{one!r} is no command; send an object with one key, the command's name.")
    ((name, body),) = one.items()
    known = COMMANDS.get(name)
    if known is None:
        raise unknown_command(name)
    if not isinstance(body, Mapping):
        raise fail(f"The parameters of {name} are {body!r}; send an object.")
    for key, value in body.items():
        if key not in known.parameters:
            raise unknown_parameter(name, key, known.parameters)
        if not known.parameters[key].holds(value):
            raise wrong_type(name, key, value, known.parameters[key].words)
    for key in known.required:
        if key not in body:
            raise missing_parameter(name, key)
    return known, dict(body)
