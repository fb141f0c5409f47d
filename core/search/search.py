"""A person's words to ranked moments, by an encoder and a library that it is handed.

Knows neither which model nor which database.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import SearchError
from core.library.library import Library
from core.model import EncoderInfo, Hit, Moment, SearchResult, Span
from core.search.moments import merge

MAX_QUERY_CHARACTERS = 1000
# How many hits are fetched for each moment that is wanted, to begin with and at most: a scene of a
# minute has sixty.
_HITS_PER_MOMENT = 16
_MIN_HITS = 384  # so that the edges of a moment do not hang on how many moments are asked for
_MAX_HITS = 4096


class TextEncoder(Protocol):
    """What search needs of an encoder; see core.encoders.base."""

    def info(self) -> EncoderInfo:
        """Say which model it is."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words as unit-length rows."""


class Searcher:
    """Searches a library."""

    def __init__(self, library: Library, encoder: TextEncoder) -> None:
        self._library = library
        self._encoder = encoder

    def search(
        self, text: str, *, video_ids: Sequence[str] | None = None, span: Span | None = None,
        limit: int = 24,
    ) -> SearchResult:  # fmt: skip
        """Find the moments that look like the words, best first.

        Args:
            text: what to look for, in words.
            video_ids: look only into these videos.
            span: look only at what shares an instant with this stretch, of each video.
            limit: how many moments at most.

        Raises:
            SearchError: there are no words, far too many, or the stretch is empty.
            WeightsMissingError, EncoderError: the model cannot be used.
            LibraryError: the library was indexed with another model.
        """
        started = time.perf_counter()
        words = _checked(text, span, limit)
        n_videos, n_clips = self._library.counts(video_ids)
        moments = self._moments(words, video_ids, span, limit) if n_clips else []
        took_s = time.perf_counter() - started
        return SearchResult(words, tuple(moments), n_videos, n_clips, took_s)

    def _moments(
        self, words: str, video_ids: Sequence[str] | None, span: Span | None, limit: int
    ) -> list[Moment]:
        vector = self._encoder.encode_texts([words])[0]
        self._library.check_index(self._encoder.info())
        k = max(_MIN_HITS, limit * _HITS_PER_MOMENT)
        while True:
            hits: list[Hit] = self._library.nearest(vector, k, video_ids=video_ids, span=span)
            moments = merge(hits)
            if len(moments) >= limit or len(hits) < k or k >= _MAX_HITS:
                return moments[:limit]
            k = min(_MAX_HITS, 4 * k)


def _checked(text: str, span: Span | None, limit: int) -> str:
    words = " ".join(text.split())
    if not words:
        raise SearchError("There is nothing to look for. Type what you remember of the scene.")
    if len(words) > MAX_QUERY_CHARACTERS:
        raise SearchError(
            f"This has {len(words)} characters, and the model reads a sentence or two. Say it in "
            f"fewer than {MAX_QUERY_CHARACTERS}."
        )
    if span is not None and not span.start_s < span.end_s:
        raise SearchError(
            f"The stretch from {span.start_s:g} s to {span.end_s:g} s holds nothing. Let it end "
            "after its start."
        )
    if limit < 1:
        raise SearchError(f"The number of results is {limit}; ask for one or more.")
    return words
