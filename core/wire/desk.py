"""Turns a query's payload into its answer's frame: who asks, what the database says, and refusals.

Blocking; for a thread that may wait for the database. Knows no sockets.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from core.errors import DatabaseError
from core.wire.codec import Buffer, Message, decode, encode
from core.wire.sessions import NOT_AUTHENTICATED, Answer, Sessions

_OWN_ERROR = "The database met an error of its own; the server's output has more about it."

log = logging.getLogger(__name__)


class Database(Protocol):
    """Anything that answers ApertureDB's queries; safe to ask from several threads."""

    def query(self, commands: Any, blobs: Sequence[Any] = ()) -> tuple[Any, list[bytes]]:
        """Answer as the server does; blobs may be any kind of bytes."""


class Reply(NamedTuple):
    """A frame in pieces, and whether whoever asked has shown to be the user."""

    pieces: list[Buffer]
    is_to_user: bool


class Desk:
    """Answers every payload there can be, and raises nothing."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions

    def answer(self, payload: Buffer) -> Reply:
        """Give the frame that answers a payload; a failing answer always has `info`."""
        is_to_user = False
        try:
            query = decode(payload)
            login = self._sessions.answer(query.json)
            is_to_user = self._sessions.knows(query.token) or _has_tokens(login)
            response, blobs = self._ask(query) if login is None else (login, [])
            return Reply(encode(Message(json.dumps(response), list(blobs))), is_to_user)
        except DatabaseError as error:
            return Reply(failure(str(error), error.status), is_to_user)
        except Exception:  # a bug of ours must not leave a client without an answer
            log.exception("A query could not be answered.")
            return Reply(failure(_OWN_ERROR), is_to_user)

    def _ask(self, query: Message) -> tuple[Any, list[bytes]]:
        if not self._sessions.knows(query.token):
            return NOT_AUTHENTICATED, []
        return self._database.query(query.json, query.blobs)


def _has_tokens(login: Answer | None) -> bool:
    return isinstance(login, list) and any("session_token" in body for body in login[0].values())


def refuse_size(n_bytes: int, most_bytes: int) -> list[Buffer]:
    """Give the frame that answers a message of too many bytes."""
    return failure(
        f"The query has {n_bytes} bytes with its blobs; this server takes {most_bytes}. Send less "
        "in one query, or start the server with a larger --max-message-mb."
    )


def failure(info: str, status: int = -1) -> list[Buffer]:
    """Give the frame of a failing answer: an object, never a list."""
    return encode(Message(json.dumps({"info": info, "status": status})))
