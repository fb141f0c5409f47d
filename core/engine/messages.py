"""Every status code and every failure text that a client can see.

Codes as in ApertureDB's documentation of responses; the wording of failures is ours, since only a
few of the server's own texts are known ("Object Exists!", "Image exists!").
"""

from __future__ import annotations

from collections.abc import Iterable

SUCCESS = 0
EXISTS = 2
NOT_UNIQUE = 3
ERROR = -1

OBJECT_EXISTS = {"status": EXISTS, "info": "Object Exists!"}
IMAGE_EXISTS = {"status": EXISTS, "info": "Image exists!"}


class QueryFailedError(Exception):
    """The whole query fails: `answer()` is what the client gets instead of a list."""

    def __init__(self, info: str, status: int = ERROR) -> None:
        super().__init__(info)
        self.status = status

    def answer(self) -> dict[str, object]:
        """Give the failing answer: an object, never a list."""
        return {"info": str(self), "status": self.status}


def fail(info: str) -> QueryFailedError:
    """Build the ordinary failure, status -1."""
    return QueryFailedError(info)


def unknown_command(name: str) -> QueryFailedError:
    """Say that a command is not of the language, or not built here."""
    return fail(
        f"The embedded engine has no command {name!r}. Use a command that "
        "docs/aperturedb-compatibility.md lists, or an ApertureDB server."
    )


def unknown_parameter(command: str, name: str, known: Iterable[str]) -> QueryFailedError:
    """Say what the command takes instead."""
    return fail(f"{command} has no parameter {name!r} here. Use one of {', '.join(sorted(known))}.")


def wrong_type(command: str, name: str, value: object, wanted: str) -> QueryFailedError:
    """Say what the parameter must be."""
    return fail(f"{command}.{name} is {value!r}; it must be {wanted}.")


def missing_parameter(command: str, name: str) -> QueryFailedError:
    """Say what is missing."""
    return fail(f"{command} needs the parameter {name!r}; add it.")


def not_unique(index: int, found: int) -> QueryFailedError:
    """Say how many there were; the form is the vendor's own (test_Server.py)."""
    return QueryFailedError(f"JSON Command {index}: expecting 1 but got {found}", NOT_UNIQUE)
