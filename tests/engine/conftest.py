"""An empty engine, and a way to send it commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.engine.vectors import cache
from tests.contract.conftest import FACTS
from tests.engine.vector_sets import DIMENSIONS, Filled, Open, add, ask, drawn, numbers


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty folder."""
    opened = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    yield opened
    opened.close()


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open engines on one folder, with a file from the first few rows on."""
    monkeypatch.setattr(cache, "FLUSH_BYTES", 50 * DIMENSIONS * 4)
    engines: list[Engine] = []

    def one_more() -> Engine:
        engines.append(Engine(tmp_path / "db", probe_video=lambda _: FACTS))
        return engines[-1]

    ask(one_more(), {"AddDescriptorSet": {"name": "s", "dimensions": DIMENSIONS}})
    yield one_more
    for engine in engines:
        engine.close()


@pytest.fixture
def filled(opened: Open) -> Filled:
    """An engine with 300 vectors, which has searched; and the vectors."""
    engine, rows = opened(), drawn(300)
    add(engine, rows)
    numbers(engine)
    return engine, dict(enumerate(rows))
