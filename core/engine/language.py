"""From JSON to checked commands.

Each command declares its parameters, and a whole query is checked before any of it runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.engine import batches, kinds
from core.engine import messages as say
from core.engine.kinds import Kind
from core.engine.messages import fail, joined

if TYPE_CHECKING:
    from core.engine.transaction import Transaction
    from core.engine.workshop import Workshop

Body = dict[str, Any]
Run = Callable[["Transaction", Body], Body]
Prepare = Callable[["Workshop", Body, bytes | None], Any]

REF = {"_ref": kinds.REF}
ADD = {
    **REF,
    "properties": kinds.PROPERTIES,
    "if_not_found": kinds.CONDITION,
    "connect": kinds.CONNECT,
}
CHOOSE = {"ref": kinds.REF, "constraints": kinds.CONSTRAINTS}
UPDATE = {**CHOOSE, "properties": kinds.PROPERTIES, "remove_props": kinds.TEXTS}
LISTING = {
    **REF,
    "unique": kinds.FLAG,
    "constraints": kinds.CONSTRAINTS,
    "results": kinds.RESULTS,
    "sort": kinds.SORT,
    "limit": kinds.COUNT,
    "offset": kinds.COUNT,
    "uniqueids": kinds.FLAG,
    "batch": batches.BATCH,
}
FIND = {**LISTING, "is_connected_to": kinds.CONNECTED, "group_by_source": kinds.FLAG}


@dataclass(frozen=True, slots=True)
class Command:
    """What a command takes and does."""

    name: str
    parameters: Mapping[str, Kind]
    required: tuple[str, ...]
    writes: bool
    takes_blob: Callable[[Body], bool]
    check: Callable[[Body], object]
    prepare: Prepare
    run: Run


COMMANDS: dict[str, Command] = {}


def command(
    name: str, parameters: Mapping[str, Kind], *, required: tuple[str, ...] = (),
    writes: bool, takes_blob: Callable[[Body], bool] = lambda _: False,
    check: Callable[[Body], object] = lambda _: None,
    prepare: Prepare = lambda _, __, ___: None,
) -> Callable[[Run], Run]:  # fmt: skip
    """Register a function as what a command does.

    Args:
        name: of the command.
        parameters: all that it takes.
        required: those that it cannot do without.
        writes: whether it changes anything.
        takes_blob: whether it takes one of the query's blobs, by its parameters.
        check: raises where its parameters, each good by itself, do not fit together.
        prepare: slow work that needs no database, done with the command's blob before others have
            to wait; the command finds what it returns in `tx.prepared`.
    """

    def register(run: Run) -> Run:
        COMMANDS[name] = Command(
            name, parameters, required, writes, takes_blob, check, prepare, run
        )
        return run

    return register


def parse(
    query: str | Sequence[Mapping[str, Any]], blobs: Sequence[bytes]
) -> list[tuple[Command, Body]]:
    """Check a whole query, and that its blobs are as many as its commands take.

    Raises:
        QueryFailedError: the first thing in it that is not of the language.
    """
    try:
        if isinstance(query, str):
            query = _loaded(query)
        if not isinstance(query, list):
            raise fail(say.NOT_AN_ARRAY)
        checked = [_check(one) for one in query]
    except RecursionError:
        raise fail(say.TOO_DEEP, n_levels=100) from None
    _check_blobs(checked, blobs)
    return checked


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:  # also a number of more digits than Python reads
        raise fail(say.NOT_JSON, error=error) from None


def _check_blobs(checked: Sequence[tuple[Command, Body]], blobs: Sequence[bytes]) -> None:
    takers = [known.name for known, body in checked if known.takes_blob(body)]
    if len(takers) > len(blobs):
        raise fail(say.NO_BLOB, name=takers[len(blobs)])
    if len(takers) < len(blobs):
        raise fail(say.BLOBS_LEFT, n_blobs=len(blobs), n_taken=len(takers))
    for index, blob in enumerate(blobs):
        if not isinstance(blob, bytes | bytearray | memoryview):
            raise fail(say.NOT_BYTES, index=index, value=blob)


def _check(one: object) -> tuple[Command, Body]:
    if not isinstance(one, Mapping) or len(one) != 1:
        raise fail(say.NOT_A_COMMAND, one=one)
    ((name, body),) = one.items()
    known = COMMANDS.get(name) if isinstance(name, str) else None
    if known is None:
        raise fail(say.UNKNOWN_COMMAND, name=name, known=joined(sorted(COMMANDS)))
    if not isinstance(body, Mapping):
        raise fail(say.WRONG_TYPE, place=name, value=body, words="an object of parameters")
    kinds.check_members(name, body, known.parameters, known.required)
    known.check(dict(body))
    return known, dict(body)
