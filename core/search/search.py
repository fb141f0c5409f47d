"""A person's query to ranked moments, by an encoder and a library that it is handed.

Knows neither which model nor which database.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import cache

from core.errors import SearchError
from core.library.library import Library
from core.model import Moment, SearchResult, Span
from core.query import Filters, Heat, Query, Reason, SavedSearch, Wanted
from core.search import folding, joining, seeing
from core.search.aiming import Aiming, Encoder
from core.search.aims import Aim
from core.search.answered import Answered
from core.search.calibrating import Calibrator, TextEncoder
from core.search.calibration import Calibration
from core.search.judging import MAX_HITS, Judge, Judged, Scope, is_as_strong
from core.search.wrapping import FORM, Wrapped

__all__ = ["Searcher", "TextEncoder"]


class Searcher:
    """Searches a library; the one way in for pages, command line and every other program."""

    def __init__(self, library: Library, encoder: Encoder, *, wraps: bool = False) -> None:
        """Search this library; with `wraps`, words are read in templates: core.search.wrapping."""
        self._library = library
        self._encoder = Wrapped(encoder) if wraps else encoder
        form = FORM if wraps else ""
        self._answered: Answered[SearchResult] = Answered()
        self._counted: Answered[tuple[int, int]] = Answered()
        self._calibrator = Calibrator(library.background(), self._encoder, form=form)

    def search(
        self, query: Query | str, *, video_ids: Sequence[str] | None = None,
        span: Span | None = None, limit: int = 24, wanted: Wanted | None = None,
    ) -> SearchResult:  # fmt: skip
        """Find the moments that show what is asked for, best first; none, where nothing does.

        Args:
            query: what to look for, and where; or only words, on one line.
            video_ids: with words alone: look only into these videos.
            span: with words alone: look only at what shares an instant with this stretch.
            limit: how many moments at most.
            wanted: what the result should hold; its own limit then counts.

        Raises:
            SearchError: there are no words, far too many, or the stretch is empty.
            WeightsMissingError, EncoderError: the model cannot be used.
            LibraryError: the library was indexed with another model.
        """
        started = time.perf_counter()
        if isinstance(query, str):
            filters = Filters(None if video_ids is None else tuple(video_ids), span)
            query = Query(" ".join(query.split()), filters=filters)
        wanted = wanted or Wanted(limit=limit)
        _check(query, wanted)
        found = self._answered.answer(
            (query, wanted, self._library.index_name, self._tagged(query.filters)),
            self._library.version(),
            lambda: self._search(query, wanted),
        )
        return replace(found, took_s=time.perf_counter() - started)

    def _search(self, query: Query, wanted: Wanted) -> SearchResult:
        scope = self._scope(query.filters)
        n_videos, n_clips = self._counts(scope.video_ids)
        said = " / ".join(line.words for line in query.lines())
        if not n_clips:
            return SearchResult(said, (), n_videos, 0, 0.0, wanted.floor)
        n_all = n_clips if scope.video_ids is None else self._counts()[1]
        calibration = self._calibrator.get(n_all)
        judged, is_all = self._judged(query, scope, wanted, calibration)
        moments, n_matches, n_held_back = self._moments(judged, wanted, scope, calibration)
        if not is_all and len(moments) < wanted.limit:  # too many were folded or held back
            everything = replace(wanted, limit=MAX_HITS)
            judged, is_all = self._judged(query, scope, everything, calibration)
            moments, n_matches, n_held_back = self._moments(judged, wanted, scope, calibration)
        if scope.span is not None:
            n_clips = self._library.count_within(scope.video_ids, scope.span, scope.listed)
        best = max((one.moment.strength or 0.0 for one in judged), default=0.0)
        return SearchResult(
            said, tuple(moments[: wanted.limit]), n_videos, n_clips, 0.0, wanted.floor, n_matches,
            n_held_back,
            None if calibration is None else best, len(moments) > wanted.limit or not is_all,
        )  # fmt: skip

    def learn(self) -> None:
        """Do what the first search of a library would take some seconds for; quick when done.

        Raises:
            WeightsMissingError, EncoderError: the model cannot be used.
        """
        self._calibrator.get(self._counts()[1])

    def _tagged(self, filters: Filters) -> tuple[str, ...]:
        return tuple(sorted(self._library.tags.videos_with(filters.tags))) if filters.tags else ()

    def heat(self, query: Query, video_id: str) -> Heat:
        """Say how the query is answered all along one video; see core.search.seeing."""
        calibration = self._calibrator.get(self._counts()[1])
        aiming = Aiming(self._library, self._encoder, calibration)
        then = aiming.then(query)
        aims = [*self._aims(query, aiming), *([then] if then is not None else [])]
        return seeing.heat(Judge(self._library, calibration), aims, video_id)

    def why(self, query: Query, moment: Moment) -> tuple[Reason, ...]:
        """Say which term of the query did what for a moment; see core.search.seeing."""
        calibration = self._calibrator.get(self._counts()[1])
        return seeing.why(Aiming(self._library, self._encoder, calibration), query, moment)

    tells = staticmethod(seeing.tells)

    def n_new(self, query: Query, saved: SavedSearch, wanted: Wanted | None = None) -> int:
        """Count the matches in videos that became searchable since a saved search was looked at.

        Those that were there at the time are not looked through.
        """
        ids = self._library.searchable(indexed_after=saved.seen_at)
        among = query.filters.video_ids
        ids = ids if among is None else sorted(set(ids) & set(among))
        if not ids:
            return 0
        filters = replace(query.filters, video_ids=tuple(ids))
        return self.search(replace(query, filters=filters), wanted=wanted).n_matches

    # -- what searching is made of --------------------------------------------------------------

    def _aims(self, query: Query, aiming: Aiming) -> list[Aim]:
        aims = aiming.aims(query)
        self._library.check_index(self._encoder.info())
        return aims

    def _counts(self, video_ids: Sequence[str] | None = None) -> tuple[int, int]:
        """Count the searchable videos, all or of these, and their clips.

        All of them once while none changes, as to count some thousand takes as long as to find
        what is near; where the database does not number its states, to ask for one costs more.
        """
        library = self._library
        if video_ids is not None:
            return library.counts(video_ids)
        return self._counted.answer(library.index_name, library.state(), library.counts)

    def _scope(self, filters: Filters) -> Scope:
        ids = filters.video_ids
        if filters.choose_videos:
            chosen = self._library.searchable(
                added=(_midnight(filters.added_from), _midnight(filters.added_until, days=1)),
                duration_s=(filters.min_duration_s, filters.max_duration_s),
                min_height_px=filters.min_height_px,
                tags=filters.tags,
            )
            among = None if ids is None else set(ids)
            ids = tuple(one for one in chosen if among is None or one in among)
        return Scope(ids, filters.span)

    def _judged(
        self, query: Query, scope: Scope, wanted: Wanted, calibration: Calibration | None
    ) -> tuple[list[Judged], bool]:
        """Give the moments among the nearest, weak ones too, best first; say if that is all."""
        aiming = Aiming(self._library, self._encoder, calibration)
        judge = Judge(self._library, calibration)
        limit = wanted.limit if not query.then else MAX_HITS
        words = [line.words for line in query.lines()] or [""]
        found = [
            judge.moments(aim, scope, limit=limit, floor=wanted.floor, words=of_line)
            for aim, of_line in zip(self._aims(query, aiming), words, strict=True)
        ]
        judged = joining.any_of([moments for moments, _ in found])
        is_all = all(is_all for _, is_all in found)
        if not query.lines() and query.frame is not None:
            judged = [one for one in judged if not _holds(one.moment, query)]
        then, of_then = aiming.then(query), query.then_line()
        if then is not None and of_then is not None:
            after, _ = judge.moments(
                then, scope, limit=limit, floor=wanted.floor, words=of_then.words
            )
            shown = [one for one in judged if is_as_strong(one.moment, wanted.floor)]
            after = [one for one in after if is_as_strong(one.moment, wanted.floor)]
            judged = joining.followed(shown, after, query.within_s)
        return judged, is_all

    def _moments(
        self,
        judged: Sequence[Judged],
        wanted: Wanted,
        scope: Scope,
        calibration: Calibration | None,
    ) -> tuple[list[Moment], int, int]:
        """Give the moments to show, how many are as strong, and how many of these are held back."""
        shown = [one for one in judged if is_as_strong(one.moment, wanted.floor)]
        if wanted.folds and calibration is not None:
            moments = folding.fold(shown, calibration)
        else:
            moments = [one.moment for one in shown]
        n_held_back = 0
        is_one_video = scope.video_ids is not None and len(scope.video_ids) == 1
        if wanted.per_video is not None and not is_one_video:
            moments, n_held_back = folding.at_most(wanted.per_video, moments)
        if wanted.padding_s > 0:
            duration_s = cache(self._duration_s)
            widened = folding.padded(moments[: wanted.limit], wanted.padding_s, duration_s)
            moments = [*widened, *moments[wanted.limit :]]
        return moments, len(shown), n_held_back

    def _duration_s(self, video_id: str) -> float:
        return self._library.video(video_id).facts.duration_s


def _holds(moment: Moment, query: Query) -> bool:
    frame = query.frame
    return (
        frame is not None
        and moment.video_id == frame.video_id
        and moment.span.start_s <= frame.at_s < moment.span.end_s
    )


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    # As people read dates on this machine; where clocks change, days are not 24 hours long.
    try:
        return datetime.combine(day + timedelta(days=days), time_of_day()).astimezone(UTC)
    except (OverflowError, ValueError):  # before the year 1, or after 9999: no limit
        return None


def _check(query: Query, wanted: Wanted) -> None:
    if not query.lines() and not query.has_picture:
        raise SearchError("There is nothing to look for. Type what you remember of the scene.")
    span = query.filters.span
    if span is not None and not span.start_s < span.end_s:
        raise SearchError(
            f"The stretch from {span.start_s:g} s to {span.end_s:g} s holds nothing. Let it end "
            "after its start."
        )
    if wanted.limit < 1:
        raise SearchError(f"The number of results is {wanted.limit}; ask for one or more.")
