"""Who may ask: a password becomes two tokens, which are good on any connection until they expire.

Answers Authenticate and RefreshToken before the database sees anything. Knows no sockets.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

SESSION_S = 3600
REFRESH_S = 24 * 3600
MOST_TOKENS = 10_000  # of each kind; the oldest go first
_MOST_LOGIN_CHARS = 64 * 1024

NOT_AUTHENTICATED = {"info": "Not Authenticated!", "status": -1}  # the client knows this text
_LOGINS = {
    "Authenticate": {"username", "password", "token"},
    "RefreshToken": {"refresh_token"},
}

Answer = list[dict[str, Any]] | dict[str, Any]


class Sessions:
    """The one user, and the tokens that were given out; safe to use from several threads."""

    def __init__(
        self, username: str, password: str, *, session_s: int = SESSION_S,
        refresh_s: int = REFRESH_S, clock_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Give out tokens that live for so many seconds."""
        self._user = _digest(username), _digest(password)
        self._session = _Tokens("adbs_", session_s, clock_s)
        self._refresh = _Tokens("adbr_", refresh_s, clock_s)

    def knows(self, token: str) -> bool:
        """Say whether a query that carries this token may be answered."""
        return self._session.has(token)

    def answer(self, query: str) -> Answer | None:
        """Answer a query that logs in or refreshes; None when it is about something else.

        A refusal has `status` -1 inside the list, so that the client shows its `info`.
        """
        names = _logins_in(query)
        if names is None:
            return None
        commands = json.loads(query)
        if len(commands) != 1 or len(commands[0]) != 1:
            return {"info": f"{names} must be the only command of its query.", "status": -1}
        ((name, body),) = commands[0].items()
        return [{name: self._log_in(name, body)}]

    def _log_in(self, name: str, body: object) -> dict[str, Any]:
        wrong = _complaint(name, body)
        if wrong is not None:
            return _refused(wrong)
        assert isinstance(body, Mapping)  # noqa: S101 - for the type checker; _complaint looked
        if name == "RefreshToken":
            return self._renew(body)
        given = _digest(body["username"]), _digest(body.get("password", ""))
        # Both are compared whatever the first says, in a time that tells nothing.
        equal = [hmac.compare_digest(*pair) for pair in zip(given, self._user, strict=True)]
        if "password" not in body or not all(equal):
            return _refused("The user name or the password is wrong.")
        return self._tokens()

    def _renew(self, body: Mapping[str, str]) -> dict[str, Any]:
        if not self._refresh.spend(body["refresh_token"]):
            return _refused("The refresh token is unknown or has expired; authenticate again.")
        return self._tokens()

    def _tokens(self) -> dict[str, Any]:
        return {
            "refresh_token": self._refresh.give(),
            "refresh_token_expires_in": self._refresh.life_s,
            "session_token": self._session.give(),
            "session_token_expires_in": self._session.life_s,
            "status": 0,
        }


class _Tokens:
    """Tokens of one kind, oldest first, with the time at which each expires."""

    def __init__(self, prefix: str, life_s: int, clock_s: Callable[[], float]) -> None:
        self.life_s = life_s
        self._prefix = prefix
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._ends_s: dict[str, float] = {}

    def give(self) -> str:
        token = self._prefix + secrets.token_urlsafe(32)
        with self._lock:
            while len(self._ends_s) >= MOST_TOKENS:
                del self._ends_s[next(iter(self._ends_s))]
            self._ends_s[token] = self._clock_s() + self.life_s
        return token

    def has(self, token: str) -> bool:
        with self._lock:
            return self._clock_s() < self._ends_s.get(token, -1.0)

    def spend(self, token: str) -> bool:
        """Say whether it is good, and take it back."""
        with self._lock:
            return self._clock_s() < self._ends_s.pop(token, -1.0)


def _logins_in(query: str) -> str | None:
    """Name the login command of a query; None where there is none to be understood."""
    if len(query) > _MOST_LOGIN_CHARS or not any(name in query for name in _LOGINS):
        return None
    try:
        commands = json.loads(query)
    except (ValueError, RecursionError):
        return None
    if not isinstance(commands, list):
        return None
    names = (name for one in commands if isinstance(one, dict) for name in one if name in _LOGINS)
    return next(names, None)


def _complaint(name: str, body: object) -> str | None:
    if not isinstance(body, dict):
        return f"{name} takes an object of parameters."
    unknown = sorted(set(body) - _LOGINS[name])
    if unknown:
        return f"{name} has no parameter {unknown[0]!r}."
    missing = {"Authenticate": "username", "RefreshToken": "refresh_token"}[name]
    if missing not in body:
        return f"{name} needs {missing!r}."
    if not all(isinstance(value, str) for value in body.values()):
        return f"The parameters of {name} are strings."
    if "token" in body and "password" not in body:
        return "This server has no personal tokens; authenticate with the password."
    return None


def _refused(info: str) -> dict[str, Any]:
    return {"info": info, "status": -1}


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
