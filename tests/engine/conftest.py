"""An empty engine, and a way to send it commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine.engine import Engine
from tests.contract.conftest import FACTS


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty folder."""
    opened = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    yield opened
    opened.close()
