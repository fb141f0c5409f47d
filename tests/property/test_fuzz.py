"""A few seconds of what `make fuzz` does for minutes."""

from __future__ import annotations

from tests.fuzz import language


def test_the_language_survives_random_queries() -> None:
    """Random and broken queries: an answer each, of a documented shape, and nothing half done."""
    assert language.run(3.0, seed=20) > 50
