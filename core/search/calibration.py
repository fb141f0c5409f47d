"""How much a cosine means, for one model and one index: evidence for what a query says.

A cosine alone means nothing: every model, query and picture has a level of its own. Here a hit is
compared with what everyday words reach in the library, and with what neutral words and the query
without one of its words reach on the same picture; and that with what impossible queries get from
the same library. Arithmetic only; loads and stores nothing.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from core.search.references import References

Rows: TypeAlias = NDArray[np.float32]

VERSION: Final = 6  # of the prompts, the weights and the arithmetic; others are made anew
_LEAST_UNIT: Final = 1e-3  # of a model that tells no words apart
_LEAST_DEVIATION: Final = 0.5  # in units, of what impossible queries reach
_FEWEST_ROWS: Final = 64  # of fewer vectors, nobody can say what is usual
# Of fewer, the nearest to an impossible text is no nearest. Of more the library's own are enough:
# what fills it up answers to colours ("a pink elephant") more than most videos do, and what is
# there would lie the less above it the smaller the library is.
_FEWEST_NEAREST: Final = 16


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much in the evidence; `benchmarks.tuning` chose the figures.

    Attributes:
        worse: of what a query is worse on a picture than its parts or neutral words: it fits in a
            part only. To be better than its parts is no evidence: each of them says less, and is a
            worse sentence.
        better: of what a query of one word, which has no parts, is better than neutral words. It
            reaches less than one of several words, and this makes up for it.
        most_worse, most_better: in spreads of everyday words; where they are cut.
    """

    worse: float = 1.0
    better: float = 1.5
    most_worse: float = 2.0
    most_better: float = 3.0


WEIGHTS: Final = Weights()


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What is usual for a model and an index.

    Attributes:
        everyday: float32 (n, dimensions), unit rows of everyday words.
        neutral: the same, of words that say nothing.
        sample: vectors from all over the index.
        unit: how far everyday words spread on one picture, as a cosine.
        likeness: the mean cosine of two pictures of the index taken by lot.
        null_mean: the mean evidence that impossible queries reach in this index.
        null_deviation: its standard deviation.
        n_clips: how many clips the index had.
    """

    everyday: Rows
    neutral: Rows
    sample: Rows
    unit: float
    likeness: float
    null_mean: float
    null_deviation: float
    n_clips: int
    weights: Weights = WEIGHTS

    def deviations(self, query: Rows, parts: Rows, rows: Rows) -> NDArray[np.float64]:
        """Say by how many deviations each picture's evidence exceeds that of impossible queries.

        Args:
            query: float32 (dimensions,).
            parts: (n_parts, dimensions): the query without each of its words; may be empty.
            rows: (n_rows, dimensions) of the pictures.
        """
        found = self.evidence(query, parts, rows)
        return np.asarray((found - self.null_mean) / self.null_deviation)

    def evidence(self, query: Rows, parts: Rows, rows: Rows) -> NDArray[np.float64]:
        """Give the evidence of each row, in units of this model; any real number."""
        own = (rows @ query).astype(np.float64)
        height = (own - float(self.usual(self.sample).mean())) / self.unit
        rivals = rows @ np.concatenate([self.neutral, parts.reshape(-1, rows.shape[1])]).T
        margin = (own - rivals.max(axis=1)) / self.unit
        weights = self.weights
        worse = weights.worse * np.clip(-margin, 0.0, weights.most_worse)
        better = weights.better * np.clip(margin, 0.0, weights.most_better)
        return np.asarray(height - worse + (0.0 if len(parts) else better))

    def usual(self, rows: Rows) -> NDArray[np.float64]:
        """Give the cosine that everyday words reach on each row, in the mean."""
        # The mean of the cosines is the cosine sum with the mean: a sixtieth of the work.
        return np.asarray(rows @ self.everyday.mean(axis=0), np.float64)

    def alike(self, one: Rows, rows: Rows) -> NDArray[np.float64]:
        """Say how alike pictures are: 1 the same, 0 as two taken by lot."""
        return self.alike_of((rows @ one).astype(np.float64))

    def alike_of(self, cosines: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say the same of cosines between pictures."""
        return np.asarray((cosines - self.likeness) / max(1e-6, 1.0 - self.likeness))

    def to_bytes(self) -> bytes:
        """Pack for storing; vectors in half precision."""
        out = io.BytesIO()
        figures = [self.unit, self.likeness, self.null_mean, self.null_deviation]
        vectors = {
            name: getattr(self, name).astype(np.float16)
            for name in ("everyday", "neutral", "sample")
        }
        np.savez(out, version=VERSION, figures=figures, n_clips=self.n_clips, **vectors)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Calibration | None:
        """Unpack what `to_bytes` packed; None where another version did, or it is damaged."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                if int(kept["version"]) != VERSION:
                    return None
                unit, likeness, mean, deviation = (float(one) for one in kept["figures"])
                everyday, neutral, sample = (
                    kept[name].astype(np.float32) for name in ("everyday", "neutral", "sample")
                )
                n_clips = int(kept["n_clips"])
        except (ValueError, KeyError, OSError, EOFError, BadZipFile):
            return None
        return cls(everyday, neutral, sample, unit, likeness, mean, deviation, n_clips)


def calibrated(
    references: References, own: Rows, nearest: Rows, n_clips: int, weights: Weights = WEIGHTS
) -> Calibration:
    """Make the calibration of an index.

    A small library is filled up with pictures that show nothing in particular, so that a first clip
    is not its own background; their share shrinks as the library grows.

    Args:
        references: of the model that made the index.
        own: vectors from all over the index, (n_rows, dimensions).
        nearest: the vector of the index that is nearest to each impossible text.
        n_clips: how many clips the index has.
        weights: what counts how much.
    """
    filling = references.pictures[: max(0, _FEWEST_ROWS - len(own))]
    sample = np.concatenate([own, filling])
    plain = Calibration(
        references.everyday, references.neutral, sample, _unit_of(references.everyday, sample),
        _likeness_of(sample), null_mean=0.0, null_deviation=1.0, n_clips=n_clips, weights=weights,
    )  # fmt: skip
    n_beside = max(0, _FEWEST_NEAREST - len(own))
    null = _null_of(plain, references, nearest, references.pictures[-1 : -1 - n_beside : -1])
    return replace(plain, null_mean=float(null.mean()), null_deviation=_deviation_of(null))


def _null_of(
    made: Calibration, references: References, nearest: Rows, filling: Rows
) -> NDArray[np.float64]:
    """Give the evidence for each impossible text on the picture that is nearest to it."""
    found = []
    for number, text in enumerate(references.impossible):
        rows = np.concatenate([nearest[number][None], filling])
        row = rows[int(np.argmax(rows @ text))]
        found.append(made.evidence(text, references.parts_of(number), row[None])[0])
    return np.array(found)


def _unit_of(everyday: Rows, sample: Rows) -> float:
    """Measure how far everyday words spread on one picture of the index, in the mean."""
    return max(_LEAST_UNIT, float((sample @ everyday.T).std(axis=1).mean()))


def _likeness_of(sample: Rows) -> float:
    """Measure the mean cosine of two different pictures of the sample."""
    n = len(sample)
    if n < 2:
        return 0.0
    total = float(np.square(sample.sum(axis=0, dtype=np.float64)).sum())
    return min(0.99, (total - n) / (n * (n - 1)))


def _deviation_of(evidence: NDArray[np.float64]) -> float:
    """Measure the spread of what impossible queries reach, in units."""
    return max(_LEAST_DEVIATION, float(evidence.std()))
