"""How much is searchable, also on a server whose answers are not quite those that were recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from core.engine.engine import Engine
from core.library.library import Library
from tests.library.conftest import index

Change = Callable[[dict[str, Any]], dict[str, Any]]


class Other:
    """The engine, with what a Find of figures answers changed."""

    def __init__(self, engine: Engine, change: Change) -> None:
        self._engine, self._change = engine, change

    def query(
        self, commands: list[dict[str, Any]], blobs: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        response, out = self._engine.query(commands, blobs)
        for answer in response if isinstance(response, list) else []:
            if "count" in answer.get("FindVideo", {}):
                answer["FindVideo"] = self._change(answer["FindVideo"])
        return response, out


def without_sum(body: dict[str, Any]) -> dict[str, Any]:
    """Name the sum otherwise; the reference is not sure of `_sum`."""
    return {("_total" if key == "_sum" else key): value for key, value in body.items()}


def nothing_of_the_kind(_: dict[str, Any]) -> dict[str, Any]:
    """Know no such property yet, with status 1 as the reference finds likely."""
    return {"returned": 0, "status": 1}


@pytest.mark.parametrize(
    ("scope", "expected"), [(None, (2, 5)), (["one"], (1, 2)), (["two"], (1, 3)), ([], (0, 0))]
)
def test_a_sum_under_another_name(
    engine: Engine, library: Library, scope: list[str] | None, expected: tuple[int, int]
) -> None:
    """What is not told as a sum is added up."""
    index(library, "one", "red blue")
    index(library, "two", "red blue green")
    assert library.counts(scope) == expected
    assert Library(Other(engine, without_sum)).counts(scope) == expected


def test_a_database_that_knows_nothing_yet(engine: Engine, library: Library) -> None:
    """An answer without figures is none of anything."""
    index(library, "one", "red blue")
    assert Library(Other(engine, nothing_of_the_kind)).counts() == (0, 0)
