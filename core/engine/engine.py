"""query(commands, blobs) -> (answers, blobs): one transaction a call, as ApertureDB has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.engine import commands as _commands  # noqa: F401 - registers every command
from core.engine import messages as say
from core.engine.answering import sort_keys
from core.engine.batches import Snapshots, identity
from core.engine.language import Body, Command, parse
from core.engine.messages import QueryFailedError, fail
from core.engine.store import Store
from core.engine.transaction import Transaction
from core.engine.vectors import Vectors
from core.engine.workshop import Probe, Studio, Workshop

Answer = list[dict[str, Any]] | dict[str, Any]
# How SQLite says that a statement is larger than it reads; what can be said at once is limited
# before, but parts that are good by themselves may be too much together.
_TOO_MUCH = ("too large", "stack overflow", "too many", "too big")


class Engine:
    """An ApertureDB inside this process; safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, probe_video: Probe, studio: Studio | None = None) -> None:
        """Open or create the database in a folder.

        Args:
            folder: its own; nothing else may write there.
            probe_video: reads a video's facts; its MediaError becomes the query's failure.
            studio: makes pictures and other files of videos; without it, what asks for those fails.

        Raises:
            DatabaseAwayError: the folder cannot be opened.
        """
        self._store = Store(folder)
        self._vectors = Vectors(self._store)
        self._snapshots = Snapshots()
        self._probe, self._studio = probe_video, studio

    def query(
        self, commands: str | Sequence[Mapping[str, Any]], blobs: Sequence[bytes] = ()
    ) -> tuple[Answer, list[bytes]]:
        """Answer a query: a list with one answer per command, or one object when it failed.

        Does not raise for what a client can do wrong, and then leaves everything as it was.

        Raises:
            DatabaseAwayError: the engine is closed.
        """
        try:
            return self._run(parse(commands, blobs), blobs)
        except QueryFailedError as failure:
            return failure.answer(), []
        except sqlite3.Error as error:
            return _translated(error).answer(), []

    def _run(
        self, checked: list[tuple[Command, Body]], blobs: Sequence[bytes]
    ) -> tuple[Answer, list[bytes]]:
        with Workshop(self._store.staging, self._probe, self._studio) as workshop:
            prepared = _prepare(workshop, checked, blobs)
            return self._transact(checked, blobs, workshop, prepared)

    def _transact(
        self, checked: list[tuple[Command, Body]], blobs: Sequence[bytes],
        workshop: Workshop, prepared: Sequence[Any],
    ) -> tuple[Answer, list[bytes]]:  # fmt: skip
        with self._store.connection() as db:
            tx = Transaction(
                db, self._store, self._vectors, workshop, iter(blobs),
                snapshots=self._snapshots,
                identity=lambda index: identity([{c.name: b} for c, b in checked], blobs, index),
            )  # fmt: skip
            tx.begin(writes=any(command.writes for command, _ in checked))
            try:
                answers = []
                for tx.index, (command, body) in enumerate(checked):
                    tx.prepared = prepared[tx.index]
                    answers.append({command.name: sort_keys(command.run(tx, body))})
                tx.commit()
            except BaseException as error:
                tx.roll_back(error)
                raise
        return answers, tx.blobs_out

    def state(self) -> int:
        """Give a number that is another one after every change, by whichever process.

        Says nothing but that; of this engine alone, and not after it is closed.

        Raises:
            DatabaseAwayError: the engine is closed, or its files are out of reach.
        """
        return self._store.watch.state()

    def close(self) -> None:
        """Close the files; the engine is of no use afterwards."""
        self._vectors.close()
        self._store.close()


def _prepare(
    workshop: Workshop, checked: Sequence[tuple[Command, Body]], blobs: Sequence[bytes]
) -> list[Any]:
    """Let each command do its slow work, with the blob that is its own."""
    left = iter(blobs)
    return [
        command.prepare(workshop, body, next(left) if command.takes_blob(body) else None)
        for command, body in checked
    ]


def _translated(error: sqlite3.Error) -> QueryFailedError:
    if isinstance(error, sqlite3.IntegrityError):  # the one constraint that a client can hurt
        return fail(say.REF_TO_DELETED)
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return fail(say.BUSY)
    if any(words in str(error) for words in _TOO_MUCH):
        return fail(say.TOO_MUCH_SQL)
    return fail(say.DATABASE, error=error)
