"""What a person types: lines, and what is taken away from them."""

from __future__ import annotations

import pytest

from core.errors import SearchError
from core.query import Line, Query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("street -car", Line("street", ("car",))),
        ('a star -"red square"', Line("a star", ("red square",))),
        ("a star \u2212“red  square” -blue", Line("a star", ("red square", "blue"))),
        ("-«two words» a star", Line("a star", ("two words",))),
        ('a "big" star', Line('a "big" star')),
        ("a t-shirt - white", Line("a t-shirt - white")),
        ('a star -"', Line('a star -"')),
        ('a star -" "', Line("a star")),
    ],
)
def test_a_minus_takes_a_word_or_what_is_in_quotes(text: str, expected: Line) -> None:
    """Quotes as keyboards, phones and languages make them; a dash between words is no minus."""
    assert Query(text).lines() == (expected,)


def test_only_taking_away_is_no_search() -> None:
    """In quotes neither."""
    with pytest.raises(SearchError, match="only says what not to show"):
        Query('-"red square"').lines()


@pytest.mark.parametrize(
    ("text", "says_not"),
    [
        ("a street without cars", True),
        ("No people on a beach", True),
        ("not a dog", True),
        ("a street -no", False),
        ("a knot, nobody, notes", False),
        ("a street", False),
    ],
)
def test_words_that_deny_something_are_noticed(text: str, says_not: bool) -> None:
    """Models hardly read them, so a person is told of the minus."""
    assert Query(text).says_not is says_not
