"""Each test runs on the engine itself and on it through the official client's Connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.engine.engine import Engine
from core.model import VideoFacts
from core.wire.client import connector_to

FACTS = VideoFacts(5.5, 852, 480, 30.0, "h264", "aac", "mov,mp4", "yuv420p", 0, 2_911_784)
Ask = Callable[..., list[dict[str, Any]]]


class Client:
    """Sends commands and gives the bodies of their answers."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.blobs: list[bytes] = []

    def __call__(
        self, *commands: dict[str, Any], blobs: Sequence[bytes] = ()
    ) -> list[dict[str, Any]]:
        """Answer a query that must succeed: the body under each command's name."""
        response, self.blobs = self.database.query(list(commands), list(blobs))
        assert isinstance(response, list), response
        assert [next(iter(a)) for a in response] == [next(iter(c)) for c in commands]
        return [next(iter(answer.values())) for answer in response]

    def failing(self, *commands: Any, blobs: Sequence[bytes] = ()) -> dict[str, Any]:
        """Answer a query that must fail as a whole."""
        response, out = self.database.query(list(commands), list(blobs))
        assert isinstance(response, dict), response
        assert sorted(response) == ["info", "status"]
        assert out == []
        return response


@pytest.fixture(params=["engine", "connector"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A client of an empty database."""
    engine = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    yield Client(engine if request.param == "engine" else connector_to(engine))
    engine.close()


def vector(*numbers: float) -> bytes:
    """Give a vector as a client sends it."""
    return np.asarray(numbers, "<f4").tobytes()
