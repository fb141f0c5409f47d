"""The embedded engine behind a server, on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.wire.server import Server
from tests.contract.conftest import FACTS
from tests.wire.raw import PASSWORD


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty engine."""
    opened = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    yield opened
    opened.close()


@pytest.fixture
def server(engine: Engine) -> Iterator[Server]:
    """A server on it; user admin, password secret."""
    with Server(engine, port=0, password=PASSWORD) as started:
        yield started
