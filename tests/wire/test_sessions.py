"""Passwords and tokens, with a clock of the test's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.wire import sessions as sessions_module
from core.wire.sessions import Sessions


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions("admin", "pässword", session_s=60, refresh_s=600, clock_s=clock)


def ask(sessions: Sessions, *commands: Any) -> Any:
    return sessions.answer(json.dumps(commands))


def log_in(sessions: Sessions, **body: Any) -> dict[str, Any]:
    (answer,) = ask(
        sessions, {"Authenticate": {"username": "admin", "password": "pässword", **body}}
    )
    return dict(answer["Authenticate"])


def refresh(sessions: Sessions, token: str) -> dict[str, Any]:
    (answer,) = ask(sessions, {"RefreshToken": {"refresh_token": token}})
    return dict(answer["RefreshToken"])


def test_a_password_becomes_tokens(sessions: Sessions) -> None:
    """The answer has the keys, prefixes and lifetimes that the client reads."""
    given = log_in(sessions)
    assert given.pop("session_token").startswith("adbs_")
    assert given.pop("refresh_token").startswith("adbr_")
    lives = {"session_token_expires_in": 60, "refresh_token_expires_in": 600}
    assert given == {"status": 0, **lives}


def test_a_session_ends_in_its_time(sessions: Sessions, clock: Clock) -> None:
    """Its token is known until it expires; nothing else ever is."""
    token = log_in(sessions)["session_token"]
    assert sessions.knows(token)
    assert not any(map(sessions.knows, ("", token[:-1], token + "x", "adbs_")))
    clock.now_s += 59.9
    assert sessions.knows(token)
    clock.now_s += 0.1
    assert not sessions.knows(token)


def test_a_refresh_token_is_good_once(sessions: Sessions, clock: Clock) -> None:
    """It gives two new tokens while it lives; the session of before lives on to its end."""
    first = log_in(sessions)
    assert not sessions.knows(first["refresh_token"])
    second = refresh(sessions, first["refresh_token"])
    assert second["status"] == 0
    assert sessions.knows(second["session_token"])
    assert sessions.knows(first["session_token"])
    assert refresh(sessions, first["refresh_token"])["status"] == -1
    clock.now_s += 600
    late = refresh(sessions, second["refresh_token"])
    assert late["status"] == -1
    assert "authenticate again" in late["info"]


@pytest.mark.parametrize(
    "body",
    [
        {"password": "wrong"}, {"password": ""}, {"username": "root"}, {"username": ""},
        {"password": None}, {"username": 5}, {"more": 1}, {"password": ["pässword"]},
        {"password": "\ud800"},
    ],
)  # fmt: skip
def test_who_is_not_the_user_gets_a_reason(sessions: Sessions, body: dict[str, Any]) -> None:
    """A refusal is status -1 with `info` inside the list, which the client shows."""
    refused = log_in(sessions, **body)
    assert sorted(refused) == ["info", "status"]
    assert refused["status"] == -1
    assert "pässword" not in refused["info"]


@pytest.mark.parametrize("body", [None, [], "x", {}, {"username": "admin"}, {"password": "x"},
                                  {"username": "admin", "token": "adbp_x"}])  # fmt: skip
def test_logins_that_lack_something(sessions: Sessions, body: Any) -> None:
    """Whatever stands where the parameters belong, there is an answer with a reason."""
    (answer,) = ask(sessions, {"Authenticate": body})
    assert answer["Authenticate"]["status"] == -1
    assert answer["Authenticate"]["info"]


def test_other_queries_are_not_its_business(sessions: Sessions) -> None:
    """Queries that only mention the words, and texts that are no query, are left alone."""
    add = {"AddEntity": {"class": "A", "properties": {"text": "Authenticate me"}}}
    assert ask(sessions, add) is None
    for text in ("", "[", "Authenticate", '"Authenticate"', "5", '["Authenticate"]',
                 "[" * 60_000 + '"RefreshToken"', '{"Authenticate":{}}'):  # fmt: skip
        assert sessions.answer(text) is None


def test_a_login_stands_alone(sessions: Sessions) -> None:
    """Beside other commands it fails as a whole, with a reason."""
    failed = ask(sessions, {"Authenticate": {"username": "admin"}}, {"GetStatus": {}})
    assert sorted(failed) == ["info", "status"]
    assert "only command" in failed["info"]


def test_tokens_do_not_pile_up(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many logins the latest are remembered."""
    monkeypatch.setattr(sessions_module, "MOST_TOKENS", 3)
    tokens = [log_in(sessions)["session_token"] for _ in range(5)]
    assert [sessions.knows(token) for token in tokens] == [False, False, True, True, True]
