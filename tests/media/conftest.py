"""The counter films, each drawn once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.counter import Kind, draw


@pytest.fixture(scope="session")
def film_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    """Give the path of the film of a kind; drawn when first asked for."""
    folder = tmp_path_factory.mktemp("counters")
    drawn: dict[str, Path] = {}

    def film_of(kind: Kind) -> Path:
        if kind.name not in drawn:
            drawn[kind.name] = draw(kind, folder)
        return drawn[kind.name]

    return film_of
