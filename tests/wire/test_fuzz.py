"""A few seconds of fuzzing; tests.fuzz.wire has the inputs and what must hold."""

from __future__ import annotations

from tests.fuzz import wire


def test_whatever_arrives_is_answered_or_hung_up() -> None:
    """Broken sessions neither crash nor hang the server, nor fill its memory."""
    assert wire.run(seconds=3, seed=3) > 0
