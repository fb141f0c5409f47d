"""Texts that were encoded lately."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from core.encoders.remembered import Remembered
from core.errors import EncoderError


class Model:
    """Gives each text its length, and counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        return np.array([[len(text)] for text in texts], np.float32).reshape(len(texts), 1)


def test_a_batch_is_encoded_once_and_whole() -> None:
    """What was read beside other words is read anew beside these: the last bit may differ."""
    model, said = Model(), Remembered()
    assert said.rows(["bb", "a"], model.encode).tolist() == [[2], [1]]
    assert said.rows(["a", "ccc"], model.encode).tolist() == [[1], [3]]
    assert said.rows(["bb", "a"], model.encode).tolist() == [[2], [1]]
    assert model.asked == [["bb", "a"], ["a", "ccc"]]
    assert said.rows([], model.encode).shape == (0, 1)


def test_the_oldest_batch_is_forgotten_first() -> None:
    """With room for three texts, that which was not asked for again; one too large is not kept."""
    model, said = Model(), Remembered(most_kept=3)
    for texts in (["a"], ["bb", "dd"], ["a"], ["ccc"], ["a"], ["bb", "dd"]):
        assert said.rows(texts, model.encode).tolist() == [[len(text)] for text in texts]
    assert model.asked == [["a"], ["bb", "dd"], ["ccc"], ["bb", "dd"]]
    said.rows(["a"] * 4, model.encode)
    said.rows(["a"] * 4, model.encode)
    assert model.asked[4:] == [["a"] * 4] * 2


def test_whoever_changes_what_was_given_changes_nothing_kept() -> None:
    """The rows are the caller's own."""
    model, said = Model(), Remembered()
    said.rows(["a"], model.encode)[:] = 9
    said.rows(["a"], model.encode)[:] = 9
    assert said.rows(["a"], model.encode).tolist() == [[1]]


def test_a_model_that_fails_leaves_nothing_behind() -> None:
    """The next who asks gets a row."""
    model, said = Model(), Remembered()

    def fail(texts: Sequence[str]) -> NDArray[np.float32]:
        raise EncoderError(f"{len(texts)} texts cannot be encoded.")

    with pytest.raises(EncoderError):
        said.rows(["a"], fail)
    assert said.rows(["a"], model.encode).tolist() == [[1]]
