"""A person's words to ranked moments, by an encoder and a library that it is handed.

Knows neither which model nor which database.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import SearchError
from core.library.library import Library
from core.model import Moment, SearchResult, Span
from core.search import folding
from core.search.calibrating import Calibrator, TextEncoder
from core.search.calibration import Rows
from core.search.level import FLOOR, level_of
from core.search.moments import Found, Run, merge
from core.search.prompts import without_each_word
from core.search.score import score

__all__ = ["Searcher", "TextEncoder"]

MAX_QUERY_CHARACTERS = 1000
# How many hits are fetched for each moment that is wanted, to begin with and at most: a scene of a
# minute has sixty.
_HITS_PER_MOMENT = 16
_MIN_HITS = 384  # so that the edges of a moment do not hang on how many moments are asked for
_MAX_HITS = 4096


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a result should hold.

    Attributes:
        limit: how many moments at most.
        floor: the least strength, 0..1; 0 shows everything.
        per_video: how many moments of one video at most; None: all. Within a single video there
            is no such limit.
        padding_s: every moment is widened by this on both sides.
        folds: whether near-duplicates go under the best of them.
    """

    limit: int = 24
    floor: float = FLOOR
    per_video: int | None = 3
    padding_s: float = 0.0
    folds: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """What was found for one query: hits, the runs they form, and how sure each run is."""

    found: Found
    runs: list[Run]
    strengths: NDArray[np.float64] | None


class Searcher:
    """Searches a library."""

    def __init__(self, library: Library, encoder: TextEncoder) -> None:
        self._library = library
        self._encoder = encoder
        self._calibrator = Calibrator(library.background(), encoder)

    def search(
        self, text: str, *, video_ids: Sequence[str] | None = None, span: Span | None = None,
        limit: int = 24, wanted: Wanted | None = None,
    ) -> SearchResult:  # fmt: skip
        """Find the moments that show what the words say, best first; none, where nothing does.

        Args:
            text: what to look for, in words.
            video_ids: look only into these videos.
            span: look only at what shares an instant with this stretch, of each video.
            limit: how many moments at most.
            wanted: what the result should hold; its own limit then counts.

        Raises:
            SearchError: there are no words, far too many, or the stretch is empty.
            WeightsMissingError, EncoderError: the model cannot be used.
            LibraryError: the library was indexed with another model.
        """
        started = time.perf_counter()
        wanted = wanted or Wanted(limit=limit)
        words = _checked(text, span, wanted)
        n_videos, n_clips = self._library.counts(video_ids)
        if not n_clips:
            return SearchResult(words, (), n_videos, 0, time.perf_counter() - started, wanted.floor)
        judged = self._judge(words, video_ids, span, wanted)
        moments, n_matches, n_held_back = self._moments(judged, wanted, video_ids)
        if span is not None:
            n_clips = self._library.count_within(video_ids, span)
        best = None if judged.strengths is None else float(judged.strengths.max(initial=0.0))
        return SearchResult(
            words, tuple(moments[: wanted.limit]), n_videos, n_clips,
            time.perf_counter() - started, wanted.floor, n_matches, n_held_back, best,
        )  # fmt: skip

    def _judge(
        self, words: str, video_ids: Sequence[str] | None, span: Span | None, wanted: Wanted
    ) -> _Judged:
        texts = [words, *without_each_word(words)]
        vectors = self._encoder.encode_texts(texts)
        self._library.check_index(self._encoder.info())
        calibration = self._calibrator.get(self._library.counts()[1])
        k = max(_MIN_HITS, wanted.limit * _HITS_PER_MOMENT)
        while True:
            hits, rows = self._library.nearest_rows(vectors[0], k, video_ids=video_ids, span=span)
            found = Found(hits, rows, calibration)
            runs = merge(found)
            best = rows[[run.best for run in runs]]
            strengths = None
            if calibration is not None and len(best):
                strengths = calibration.strengths(vectors[0], vectors[1:], best)
                # The impossible is measured at its nearest hit: where that is not convincing,
                # nothing behind it is.
                strengths = np.minimum(strengths, strengths[0])
            n_enough = sum(_is_shown(at, strengths, wanted) for at in range(len(runs)))
            is_all = len(hits) < k or k >= _MAX_HITS or n_enough < len(runs)
            if is_all or n_enough >= wanted.limit:
                return _Judged(found, runs, strengths)
            k = min(_MAX_HITS, 4 * k)

    def _moments(
        self, judged: _Judged, wanted: Wanted, video_ids: Sequence[str] | None
    ) -> tuple[list[Moment], int, int]:
        """Give the moments to show, how many are as strong, and how many of these are held back."""
        pictured = [
            folding.Pictured(_moment(judged, at), _row(judged, run))
            for at, run in enumerate(judged.runs)
            if _is_shown(at, judged.strengths, wanted)
        ]
        calibration = judged.found.calibration
        if wanted.folds and calibration is not None:
            moments = folding.fold(pictured, calibration)
        else:
            moments = [one.moment for one in pictured]
        n_held_back = 0
        if wanted.per_video is not None and not (video_ids is not None and len(video_ids) == 1):
            moments, n_held_back = folding.at_most(wanted.per_video, moments)
        if wanted.padding_s > 0:
            moments = folding.padded(moments[: wanted.limit], wanted.padding_s, self._duration_s)
        return moments, len(pictured), n_held_back

    def _duration_s(self, video_id: str) -> float:
        return self._library.video(video_id).facts.duration_s


def _is_shown(at: int, strengths: NDArray[np.float64] | None, wanted: Wanted) -> bool:
    return strengths is None or bool(strengths[at] >= wanted.floor)


def _row(judged: _Judged, run: Run) -> Rows:
    assert judged.found.rows is not None  # noqa: S101 - always asked for here
    row: Rows = judged.found.rows[run.best]
    return row


def _moment(judged: _Judged, at: int) -> Moment:
    run = judged.runs[at]
    best = judged.found.hits[run.best]
    strength = None if judged.strengths is None else float(judged.strengths[at])
    return Moment(
        video_id=best.video_id,
        name=best.name,
        span=run.span,
        best_s=best.best_s,
        score=score(best.similarity),
        distance=best.similarity,
        strength=strength,
        level=None if strength is None else level_of(strength),
        contrast=run.contrast,
    )


def _checked(text: str, span: Span | None, wanted: Wanted) -> str:
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
    if wanted.limit < 1:
        raise SearchError(f"The number of results is {wanted.limit}; ask for one or more.")
    return words
