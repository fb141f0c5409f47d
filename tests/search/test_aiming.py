"""What a query comes near to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.engine.engine import Engine
from core.errors import SearchError
from core.library.library import Library
from core.query import Frame
from core.search.aiming import Aiming
from tests.fakes import COLOURS, ColourEncoder, vector_of
from tests.library.conftest import FACTS, add, clips


@pytest.fixture
def aiming(tmp_path: Path) -> Iterator[Aiming]:
    """A video whose clips begin at thirds of a second, which no microsecond holds exactly."""
    engine = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    library = Library(engine)
    library.prepare()
    add(library, "a")
    library.ensure_index(ColourEncoder().info())
    video = library.claim("w", lease_s=30)
    assert video is not None
    library.save_clips(video, clips("red blue green", first_s=1 / 3), worker="w")
    library.finish("a", "w")
    yield Aiming(library, ColourEncoder(), None)
    engine.close()


@pytest.mark.parametrize("colour", ["red", "blue", "green"])
def test_a_frame_named_to_the_microsecond_is_its_own(aiming: Aiming, colour: str) -> None:
    """Rounded down, its second lies in the clip before; that is not what is meant."""
    at_s = 1 / 3 + ["red", "blue", "green"].index(colour)
    row = aiming.row_of(Frame("a", round(at_s, 6)))
    assert row == pytest.approx(vector_of(COLOURS[colour]), abs=1e-6)
    assert np.allclose(row, aiming.row_of(Frame("a", at_s + 0.5)), atol=1e-6)


def test_an_instant_without_a_clip_says_what_to_do(aiming: Aiming) -> None:
    """Before the first and after the last."""
    for at_s in (0.1, 7.0):
        with pytest.raises(SearchError, match="choose another picture"):
            aiming.row_of(Frame("a", at_s))
