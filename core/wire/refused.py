"""What the failures of the official client mean: a server that is away, or one that refuses us."""

from __future__ import annotations

import traceback
from typing import Any

from core.errors import AccessDeniedError, DatabaseAwayError
from core.wire.configured import EMBEDDED

_MOST_CHARS = 200  # of what a server or the client says


def is_of_client(error: Exception) -> bool:
    """Say whether it came out of the network or the client, of whatever kind; else it is a bug.

    To the client, a server that hangs up while it connects is a TypeError.
    """
    room, _ = _innermost(error)
    return isinstance(error, OSError | UnicodeError) or room == "aperturedb"


def is_refusal(error: Exception) -> bool:
    """Say whether the server answered, and will answer the same until somebody changes something.

    The client raises a bare Exception for either: a login that was refused, with the words of the
    server, and a protocol that was.
    """
    return _is_login(error) or _is_protocol(error)


def trouble(error: Exception, server: str, chosen_by: str, config: Any) -> DatabaseAwayError:
    """Say in a sentence what a failure of the client means and what to do.

    Args:
        error: what the client raised.
        server: its name, for people.
        chosen_by: the variable or configuration that names it.
        config: the client's Configuration of it.
    """
    said = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    reason = said.splitlines()[0].rstrip(". ")[:_MOST_CHARS]
    subject = f"{server[0].upper()}{server[1:]},"
    if _is_login(error):
        what = "password" if config.password else "token"
        return AccessDeniedError(
            f"{subject} refuses the user {config.username!r} or the {what} ({reason}). Correct "
            f"them in {chosen_by} and start again, or give that user this {what} on the server; "
            f"{EMBEDDED}"
        )
    if _is_protocol(error):
        return AccessDeniedError(f"{subject} {_protocol(chosen_by, config)}; {EMBEDDED}")
    return DatabaseAwayError(
        f"{subject} does not answer ({reason}). Check that it runs and that its address is right; "
        f"{EMBEDDED}"
    )


def _protocol(chosen_by: str, config: Any) -> str:
    """Say which protocol was refused, and which setting asks for the other one."""
    wrong, right = ("TLS", "false") if config.use_ssl else ("a connection without TLS", "true")
    how = f'Set "use_ssl": {right} in {chosen_by}'
    if not chosen_by.startswith("APERTUREDB_JSON"):
        how += f" (`adb config create` has --{'no-' if config.use_ssl else ''}use-ssl)"
    asks = "where nothing is said of it, it is true" if config.use_ssl else "now it is false"
    return f"refuses {wrong}. {how} and start again: {asks}"


def _is_login(error: Exception) -> bool:
    return type(error) is Exception and _innermost(error) == ("aperturedb", "_authenticate")


def _is_protocol(error: Exception) -> bool:
    return "did not accept protocol" in str(error) and is_of_client(error)


def _innermost(error: Exception) -> tuple[str, str]:
    """Give the room, ours or the client's, that it came out of, and the function there."""
    innermost = ("", "")
    for frame, _ in traceback.walk_tb(error.__traceback__):
        room = str(frame.f_globals.get("__name__")).partition(".")[0]
        if room in ("core", "aperturedb"):
            innermost = room, frame.f_code.co_name
    return innermost
