"""The one call through which everything goes, and what its failing answers mean.

Knows the shape of an answer, not who gives it. The failure texts come from the database; the
sentence around them is ours.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from core.errors import DatabaseError, DiskFullError

Command = dict[str, dict[str, Any]]
Query = tuple[list[Command], list[bytes]]
Entity = dict[str, Any]

# 0 success, 1 nothing of that class or property yet, 2 an equal object exists: no failures.
TOO_LARGE = 4  # the answer is
_FAILURES = (3, TOO_LARGE)
_READING = ("Find", "Get", "Extract")  # how the names of commands begin that change nothing
_FULL = ("disk is full", "no space left")  # SQLite's words and those of ENOSPC


class Database(Protocol):
    """Anything that answers ApertureDB's JSON queries: an engine, a connector, a pool of them."""

    def query(
        self, commands: list[Command], blobs: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        """Answer the commands: (a list with one answer each, blobs), or (a failure, [])."""


class _Writes:
    """How often this process has written to each database."""

    def __init__(self) -> None:
        self._n: WeakKeyDictionary[Database, int] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def count(self, database: Database) -> None:
        with self._lock:
            self._n[database] = self._n.get(database, 0) + 1

    def of(self, database: Database) -> int:
        with self._lock:
            return self._n.get(database, 0)


_writes = _Writes()


def n_writes(database: Database) -> int:
    """Count what this process has written to a database so far, as far as it went through `ask`.

    A query is counted once it was answered, or failed.
    """
    return _writes.of(database)


def ask(database: Database, query: Query) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Send one query, a transaction, and unwrap its answers.

    Returns:
        The body under each command's name, in the order of the commands, and the blobs.

    Raises:
        DatabaseError: the query, or one command of it, failed; nothing of it was done.
        DiskFullError: it failed because there was no room.
    """
    commands, blobs = query
    try:
        response, out = database.query(commands, blobs)
    finally:
        if not all(name.startswith(_READING) for command in commands for name in command):
            _writes.count(database)
    if not isinstance(response, list):
        raise _failure(response if isinstance(response, dict) else {}, commands)
    bodies = [next(iter(answer.values())) for answer in response]
    for body in bodies:
        if body.get("status", 0) < 0 or body.get("status") in _FAILURES:
            raise _failure(body, commands)
    return bodies, out


def entities(body: dict[str, Any]) -> list[Entity]:
    """List the entities of an answer; the key is absent when nothing matched."""
    return list(body.get("entities") or [])


def groups(body: dict[str, Any]) -> dict[str, list[Entity]]:
    """List the entities of a grouped answer by the `_uniqueid` of their source."""
    return dict(body.get("entities") or {})


def _failure(body: dict[str, Any], commands: list[Command]) -> DatabaseError | DiskFullError:
    status, info = int(body.get("status", -1)), str(body.get("info") or "it gave no reason")
    if any(words in info.lower() for words in _FULL):
        return DiskFullError(
            f"The database has no room left to store this ({info}). Free some disk space, then "
            "try again; nothing half-done was kept."
        )
    names = ", ".join(dict.fromkeys(name for command in commands for name in command))
    return DatabaseError(
        f"The database refused a query of {names}: {info} (status {status}). Try again; if it "
        "stays so, `python -m core doctor` checks the database.",
        status=status,
    )
