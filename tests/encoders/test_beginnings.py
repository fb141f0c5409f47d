"""Token sequences that begin alike, joined into one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.encoders.beginnings import join

TEXTS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=8)


@given(TEXTS)
def test_each_text_is_what_its_end_looks_back_to(texts: list[list[int]]) -> None:
    """What the end of a text sees is that text, in its order and at its places."""
    tree = join(texts)
    for text, end in zip(texts, tree.ends, strict=True):
        seen = tree.sees[end]
        assert tree.tokens[seen].tolist() == text
        assert tree.depths[seen].tolist() == list(range(len(text)))


@given(TEXTS)
def test_no_beginning_is_read_twice(texts: list[list[int]]) -> None:
    """There are as many tokens as different beginnings."""
    beginnings = {tuple(text[:n]) for text in texts for n in range(1, len(text) + 1)}
    assert len(join(texts).tokens) == len(beginnings)


def test_a_query_without_each_of_its_words() -> None:
    """Of seven tokens and three parts with six each, those before the missing word are shared."""
    words = [1, 2, 3, 4, 5, 6, 9]
    parts = [words[:at] + words[at + 1 :] for at in (2, 4, 5)]
    assert len(join([words, *parts]).tokens) == 7 + 4 + 2 + 1
