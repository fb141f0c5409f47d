"""Which frames a clip's seconds are, for the database that counts in frames."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.save_queries import frame_range
from core.model import Span
from tests.library.conftest import FACTS


@pytest.mark.parametrize(
    ("span", "fps", "frames"),
    [
        (Span(0, 1), 25.0, (0, 24)),
        (Span(7, 8), 25.0, (175, 199)),
        (Span(0.1, 0.2), 30.0, (3, 5)),
        (Span(1, 2), 30000 / 1001, (29, 59)),
        (Span(7.5, 99), 25.0, (187, 199)),
        (Span(99, 100), 25.0, (199, 199)),
        (Span(0, 0.001), 25.0, (0, 0)),
    ],
)
def test_frames_of_known_spans(span: Span, fps: float, frames: tuple[int, int]) -> None:
    """The frame a player shows at the start, to the last that begins before the end."""
    assert frame_range(span, replace(FACTS, fps=fps)) == frames


@given(st.floats(0, 20), st.floats(0.01, 5), st.sampled_from([1.0, 12.5, 24.0, 30000 / 1001, 60.0]))
def test_every_range_lies_in_the_video(start_s: float, length_s: float, fps: float) -> None:
    """No stop before its start, none beyond the last frame: a server may refuse such a clip."""
    facts = replace(FACTS, fps=fps)
    start, stop = frame_range(Span(start_s, start_s + length_s), facts)
    assert 0 <= start <= stop <= facts.n_frames - 1
