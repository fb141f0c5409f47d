"""Turns a query into what is to be come near to: asks the model for words, the library for frames.

All texts of a query go to the model together. Knows no hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import NoSuchVideoError, SearchError
from core.library.library import Library
from core.media.stills import read_picture
from core.model import Span
from core.query import Frame, Line, Query
from core.search.aims import Aim, Blended, Likeness, Without, Words, moved, moved_picture, unit
from core.search.calibrating import TextEncoder
from core.search.calibration import Calibration, Rows
from core.search.prompts import without_each_word

_INSTANT_S = 1e-3  # a stretch that holds one frame's time
_AT_AN_INSTANT = 4  # clips that may share one


class Encoder(TextEncoder, Protocol):
    """What a search needs of an encoder; see core.encoders.base."""

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode pictures as rows of shape (n_images, n_views, dimensions)."""


@dataclass(frozen=True, slots=True, eq=False)
class Aiming:
    """What aims are made with."""

    library: Library
    encoder: Encoder
    calibration: Calibration | None

    def aims(self, query: Query) -> list[Aim]:
        """Give one aim for each line, or the picture's alone where there are no words.

        Raises:
            SearchError: there is nothing to look for, or a frame or picture is not there.
            WeightsMissingError, EncoderError: the model cannot be used.
        """
        picture = self.picture(query)
        lines = query.lines()
        if not lines:
            if picture is None:
                raise SearchError(
                    "There is nothing to look for. Type what you remember of the scene."
                )
            minus = query.left_out()
            aim = Likeness(self.calibration, picture)
            return [self._less(aim, minus, self._all_words([Line("", minus)]))]
        words = self._all_words(lines)
        return [self._of_line(query, line, words, picture) for line in lines]

    def then(self, query: Query) -> Aim | None:
        """Give the aim of what should follow."""
        line = query.then_line()
        if line is None:
            return None
        words = self._all_words([line])
        return self._less(words[line.words], line.minus, words)

    def row_of(self, frame: Frame) -> Rows:
        """Give the vector (dimensions,) of the clip that holds this instant.

        Raises:
            SearchError: no clip of the index does.
        """
        info = self.library.index_info()
        at = Span(frame.at_s, frame.at_s + _INSTANT_S)
        rows = np.empty((0, 0), np.float32)
        if info is not None:
            anything = np.ones(info.dimensions, np.float32) / np.sqrt(info.dimensions)
            hits, rows = self.library.nearest_rows(
                anything.astype(np.float32), _AT_AN_INSTANT, video_ids=[frame.video_id], span=at
            )
            # A clip that ends within this instant is not what is shown then.
            latest = sorted(range(len(hits)), key=lambda one: -hits[one].span.start_s)
            rows = rows[latest]
        if not len(rows):
            raise SearchError(self._why_unknown(frame))
        row: Rows = rows[0]
        return row

    def _why_unknown(self, frame: Frame) -> str:
        """Say why nothing can be like this frame."""
        try:
            duration_s = self.library.video(frame.video_id).facts.duration_s
        except NoSuchVideoError:
            duration_s = 0.0
        if 0 < duration_s <= frame.at_s:
            return (
                f"{frame.at_s:g} s is beyond the end of this video ({frame.video_id}), which has "
                f"{duration_s:.1f} s. Choose a second before that."
            )
        return (
            f"Nothing is known of {frame.at_s:g} s of this video ({frame.video_id}), so "
            "nothing can be like it. Wait until it is indexed, or choose another picture."
        )

    def words(self, text: str) -> Words:
        """Give what a text says."""
        return self._all_words([Line(text)])[text]

    def _of_line(
        self, query: Query, line: Line, words: dict[str, Words], picture: Rows | None
    ) -> Aim:
        one = words[line.words]
        liked, disliked = (self._rows(frames) for frames in (query.liked, query.disliked))
        if len(liked) or len(disliked):
            query_row = moved(one.query, liked, disliked, self.calibration)
            one = replace(one, query=query_row, is_moved=True)
        aim: Aim = one
        if picture is not None:
            aim = Blended(one, Likeness(self.calibration, picture), query.blend)
        return self._less(aim, line.minus, words)

    def _less(self, aim: Aim, minus: Sequence[str], words: dict[str, Words]) -> Aim:
        return Without(aim, [words[one] for one in minus]) if minus else aim

    def picture(self, query: Query) -> Rows | None:
        """Give the rows (n_views, dimensions) of the picture asked for; None: of none.

        What is liked is looked for beside it, and it is moved away from what is not.

        Raises:
            SearchError: it is not there.
        """
        if query.picture_id is not None:
            views: Rows = self.encoder.encode_images([self._handed_in(query.picture_id)])[0]
        elif query.frame is not None:
            views = self.row_of(query.frame)[None]
        else:
            return None
        rows = [views, self._rows(query.liked)] if query.liked else [views]
        likened = np.stack([unit(row) for row in np.concatenate(rows)])
        return moved_picture(likened, self._rows(query.disliked), self.calibration)

    def _handed_in(self, picture_id: str) -> NDArray[np.uint8]:
        content = self.library.pictures.get(picture_id)
        if content is None:
            raise SearchError("This picture is not kept any more. Drop it again.")
        return read_picture(content)

    def _rows(self, frames: Sequence[Frame]) -> Rows:
        rows = [self.row_of(frame) for frame in frames]
        return np.stack(rows) if rows else np.empty((0, 0), np.float32)

    def _all_words(self, lines: Sequence[Line]) -> dict[str, Words]:
        """Encode everything that the lines say, in one batch."""
        said = {one for line in lines for one in (line.words, *line.minus) if one}
        parts = {text: without_each_word(text) for text in sorted(said)}
        texts = list(dict.fromkeys(chain(parts, *parts.values())))
        if not texts:
            return {}
        vectors = dict(zip(texts, self.encoder.encode_texts(texts), strict=True))
        return {
            text: Words(
                self.calibration, vectors[text], _stacked([vectors[p] for p in of_text]), text
            )
            for text, of_text in parts.items()
        }


def _stacked(rows: Sequence[Rows]) -> Rows:
    return np.stack(rows) if rows else np.empty((0, 0), np.float32)
