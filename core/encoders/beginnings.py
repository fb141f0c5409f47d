"""Joins token sequences that begin alike into one, so that a beginning is read once. Pure.

A text tower that looks only back gives a token the same vector whatever follows. So the texts of a
query, which leave out one word each, are a tree of tokens: "a red star", "a red" and "a star" share
"a", and the first two "a red". Laid out as one sequence, each token attends to those between the
root and itself, and stands at the position that its depth is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Sequences of tokens, joined where they begin alike.

    Attributes:
        tokens: int64 (n_tokens,); each comes after those that it looks back to.
        depths: int64 (n_tokens,), the place of each in its own text.
        sees: bool (n_tokens, n_tokens), true where the row's token may see the column's.
        ends: int64 (n_texts,), where the last token of each text is.
    """

    tokens: NDArray[np.int64]
    depths: NDArray[np.int64]
    sees: NDArray[np.bool_]
    ends: NDArray[np.int64]


def join(texts: Iterable[Sequence[int]]) -> Tree:
    """Join texts, each of one token or more."""
    tokens: list[int] = []
    paths: list[list[int]] = []  # from the root to each token
    places: dict[tuple[int, ...], int] = {}
    ends = []
    for text in texts:
        path: list[int] = []
        for depth, token in enumerate(text):
            beginning = tuple(text[: depth + 1])
            at = places.setdefault(beginning, len(tokens))
            path.append(at)
            if at == len(tokens):
                tokens.append(token)
                paths.append(path.copy())
        ends.append(path[-1])
    sees = np.zeros((len(tokens), len(tokens)), bool)
    for at, path in enumerate(paths):
        sees[at, path] = True
    depths = [len(path) - 1 for path in paths]
    return Tree(np.array(tokens), np.array(depths), sees, np.array(ends))
