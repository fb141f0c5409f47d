"""A few seconds of what `make fuzz` does for minutes."""

from __future__ import annotations

from tests.fuzz import episodes, language


def test_the_language_survives_random_queries() -> None:
    """Random and broken queries: an answer each, of a documented shape, and nothing half done."""
    assert language.run(3.0, seed=20) > 0


def test_the_language_survives_what_hypothesis_thinks_of() -> None:
    """Queries by hypothesis' strategies, on a small database: the same holds, shrunk if not."""
    assert episodes.run(3.0, of_seed=20) > 0
