"""What a search comes near to, and how near each picture is: words, a picture, both, less this.

An aim says by which vectors the nearest are to be asked for, and then measures whatever came back,
so that all kinds of query have strengths that mean the same. Arithmetic only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.search.calibration import Calibration, Rows
from core.search.level import ALIKE_PER_DEVIATION, Figures, deviations_of, strength_of

# What one frame that a person likes, or does not, moves: the height of this many spreads of
# everyday words for a picture that is the same, nothing for one like any other (Rocchio's formula
# about the library's mean instead of the origin: pictures and words lie in two cones).
_FEEDBACK_UNITS: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """How near rows are to an aim.

    Attributes:
        similarity: float64 (n,), larger is nearer; a cosine, or a sum of cosines.
        usual: (n,), what any picture reaches; what lies above it is a row's height.
        deviations: (n,), evidence in deviations of what impossible queries reach; None: unknown.
    """

    similarity: Figures
    usual: Figures
    deviations: Figures | None


class Aim(Protocol):
    """One thing that would do."""

    @property
    def vectors(self) -> Rows:
        """Give unit rows (n, dimensions): what is near the aim is near one of these."""

    def measure(self, rows: Rows) -> Measured:
        """Measure pictures, float32 (n, dimensions)."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What a text says.

    Attributes:
        query: (dimensions,); of unit length, unless feedback moved it.
        parts: (n_parts, dimensions): the text without each of its words.
        text: the words themselves.
        is_moved: whether feedback moved it.
    """

    calibration: Calibration | None
    query: Rows
    parts: Rows
    text: str
    is_moved: bool = False

    @property
    def vectors(self) -> Rows:
        """Give the text's own vector."""
        return unit(self.query)[None]

    def measure(self, rows: Rows) -> Measured:
        """Measure; where the nearest row is not convincing, nothing behind it is."""
        similarity = (rows @ self.query).astype(np.float64)
        if self.calibration is None:
            return Measured(similarity, _least(similarity), None)
        found = self.calibration.deviations(self.query, self.parts, rows)
        if len(found):
            # The impossible is measured at its nearest row, so that is what may be compared.
            found = np.minimum(found, found[int(np.argmax(similarity))])
        return Measured(similarity, self.calibration.usual(rows), found)


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What a picture looks like.

    `views` are its rows (n_views, dimensions), of unit length unless feedback moved them.
    """

    calibration: Calibration | None
    views: Rows

    @property
    def vectors(self) -> Rows:
        """Give the picture's own vectors."""
        return np.stack([unit(view) for view in self.views])

    def measure(self, rows: Rows) -> Measured:
        """Measure by the nearest view."""
        similarity = (rows @ self.views.T).max(axis=1, initial=-1.0).astype(np.float64)
        if self.calibration is None:
            return Measured(similarity, _least(similarity), None)
        usual = np.full(len(rows), self.calibration.likeness)
        return Measured(similarity, usual, deviations_of(self.calibration.alike_of(similarity)))


@dataclass(frozen=True, slots=True, eq=False)
class Blended:
    """Words and a picture at once; `share` is what the picture weighs, 0..1.

    Cosines of pictures lie far above those of words and are farther apart, so they are scaled until
    a deviation of the one is as high as one of the other.
    """

    words: Words
    picture: Likeness
    share: float

    @property
    def vectors(self) -> Rows:
        """Give those of both."""
        return np.concatenate([self.words.vectors, self.picture.vectors])

    def measure(self, rows: Rows) -> Measured:
        """Measure."""
        one, other = self.words.measure(rows), self.picture.measure(rows)
        calibration = self.words.calibration
        scale = 1.0
        if calibration is not None:
            scale = calibration.unit / max(1e-6, (1 - calibration.likeness) * ALIKE_PER_DEVIATION)
        similarity = self._mix(one.similarity, other.similarity * scale)
        usual = self._mix(one.usual, other.usual * scale)
        deviations = None
        if one.deviations is not None and other.deviations is not None:
            deviations = self._mix(one.deviations, other.deviations)
        return Measured(similarity, usual, deviations)

    def _mix(self, of_words: Figures, of_picture: Figures) -> Figures:
        return np.asarray((1 - self.share) * of_words + self.share * of_picture)


@dataclass(frozen=True, slots=True, eq=False)
class Without:
    """An aim less what shows one of these words.

    A row that surely shows them falls to what any picture reaches, one that may a part of the way,
    and all others keep what they have: nothing is subtracted from vectors, which would move
    everything.
    """

    aim: Aim
    minus: Sequence[Words]

    @property
    def vectors(self) -> Rows:
        """Give those of the aim."""
        return self.aim.vectors

    def measure(self, rows: Rows) -> Measured:
        """Measure."""
        found = self.aim.measure(rows)
        shows = self.shows(rows, found)
        height = np.maximum(0.0, found.similarity - found.usual)
        deviations = found.deviations
        if deviations is not None:
            deviations = deviations - shows * np.maximum(0.0, deviations)
        return Measured(found.similarity - shows * height, found.usual, deviations)

    def shows(self, rows: Rows, found: Measured) -> Figures:
        """Say how sure it is that each row shows what it should not, 0..1.

        In a library too small to say: 1 where the row fits those words better than the query.
        """
        shown = np.zeros(len(rows))
        for words in self.minus:
            of_minus = words.measure(rows)
            if of_minus.deviations is None:
                one = (of_minus.similarity > found.similarity).astype(np.float64)
            else:
                one = strength_of(of_minus.deviations)
            shown = np.maximum(shown, one)
        return shown


def moved(query: Rows, liked: Rows, disliked: Rows, calibration: Calibration | None) -> Rows:
    """Move a text's vector towards pictures (n, dimensions) and away from others.

    Not of unit length afterwards: what the words reach stays comparable with other words.
    """
    if calibration is None:
        centre, weight = np.zeros_like(query), 0.2
    else:
        centre = calibration.sample.mean(axis=0)
        weight = _FEEDBACK_UNITS * calibration.unit / max(1e-6, 1 - calibration.likeness)
    step = np.zeros_like(query)
    for rows, sign in ((liked, 1.0), (disliked, -1.0)):
        if len(rows):
            step += sign * (rows.mean(axis=0) - centre)
    return np.asarray(query + weight * step, np.float32)


def moved_picture(views: Rows, disliked: Rows, calibration: Calibration | None) -> Rows:
    """Move the views (n_views, dimensions) of a picture away from others, (n, dimensions).

    As far, in the scale of pictures, as `moved` moves words. Not of unit length afterwards.
    """
    if not len(disliked):
        return views
    if calibration is None:
        centre, weight = np.zeros_like(views[0]), 0.2
    else:
        centre = calibration.sample.mean(axis=0)
        weight = _FEEDBACK_UNITS * ALIKE_PER_DEVIATION
    return np.asarray(views - weight * (disliked.mean(axis=0) - centre), np.float32)


def unit(row: Rows) -> Rows:
    """Bring a row to unit length; zeros stay."""
    return np.asarray(row / (float(np.linalg.norm(row)) or 1.0), np.float32)


def _least(similarity: NDArray[np.float64]) -> Figures:
    return np.full(len(similarity), similarity.min(initial=np.inf) if len(similarity) else 0.0)
