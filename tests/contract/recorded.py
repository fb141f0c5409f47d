"""Answers as ApertureDB's notebooks recorded them, and the comparison with ours."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.contract.conftest import Client

OK = {"status": 0}
NONE = {"returned": 0, "status": 0}
ONE = {"count": 1, "status": 0}
ALL = {"all_properties": True}


class _AnyId:
    """Equals whatever is written like a `_uniqueid`."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(re.fullmatch(r"\d+\.\d+\.\d+", other))

    __hash__ = None  # type: ignore[assignment]


ID: Any = _AnyId()


def plays(ask: Client, command: dict[str, Any], recorded: Any, *blobs: bytes) -> None:
    """Answer one command as it was recorded, keys sorted as they were there."""
    (answer,) = ask(command, blobs=blobs)
    assert answer == recorded
    assert json.dumps(answer) == json.dumps(answer, sort_keys=True)


def found(*entities: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"entities": list(entities), "returned": len(entities), "status": 0, **more}
