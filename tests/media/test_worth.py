"""Which stretches between key frames are worth decoding."""

from __future__ import annotations

from core.media.worth import Worth


def test_all_are_until_much_was_in_vain() -> None:
    """A few stretches without a cut say nothing yet."""
    worth = Worth()
    for second in range(10):
        assert worth.is_worth(30, second)
        worth.was_in_vain(30, 1.0)


def test_what_differs_as_usual_is_not_then() -> None:
    """What differs more always is; and now and then it is tried again."""
    worth = Worth()
    for _ in range(12):
        worth.was_in_vain(30, 1.0)
    assert not worth.is_worth(32, 20)
    assert worth.is_worth(34, 20)
    assert worth.is_worth(32, 41)


def test_what_is_usual_may_change() -> None:
    """The latest count: a quiet part after a wild one is looked at again."""
    worth = Worth()
    for difference in [80.0] * 20 + [30.0] * 16:
        worth.was_in_vain(difference, 1.0)
    assert worth.is_worth(34, 40)


def test_a_few_wild_ones_do_not_count() -> None:
    """One of four may be anything."""
    worth = Worth()
    for difference in [30.0] * 13 + [200.0] * 3:
        worth.was_in_vain(difference, 1.0)
    assert worth.is_worth(34, 20)
