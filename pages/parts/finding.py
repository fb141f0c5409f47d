"""Runs a search while the page says what it waits for, and keeps its outcome.

A click reruns the page; nothing is asked again for that, unless the library has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from core.bootstrap import App
from core.errors import DatabaseAwayError, ReelseekError
from core.model import Moment, SearchResult, Video
from core.query import Heat, Query, Reason, Wanted
from pages.parts.words import markdown

T = TypeVar("T")
_MOST_HEATS = 64
_MOST_STRIPS = 512
_MOST_REASONS = 1024
_BINS = 60  # of a strip
_PATIENCE_S = 0.25  # before it is said what a search waits for, and between two looks
# Where the player and the tiles will be; style.css draws it.
_TILE = "<div><i class='picture'></i><i class='line'></i><i class='line'></i></div>"
_SHAPE = (
    "<div class='to-come' data-testid='to-come' aria-hidden='true'>"
    f"{_TILE}<div class='tiles'>{4 * _TILE}</div></div>"
)


@dataclass(frozen=True, slots=True)
class Strip:
    """A heat that is short enough for a tile: strengths of even parts of a video, 0..1."""

    bins: tuple[float, ...] = ()
    peaks_s: tuple[float, ...] = ()


def find(app: App, query: Query, wanted: Wanted) -> SearchResult:
    """Search, or give what was found before."""
    key = (query, wanted, app.library.index_name, app.library.counts())
    place = st.empty()  # on every run, so that what comes below it keeps its place, and plays on
    kept_key, kept = st.session_state.get("found", (None, None))
    if kept_key == key:
        return kept  # type: ignore[no-any-return]  # a click reran the page
    result = _waited_for(app, place, lambda: app.searcher.search(query, wanted=wanted))
    st.session_state["found"] = (key, result)
    st.session_state.pop("moment", None)
    return result


def heat_of(app: App, query: Query, video_id: str) -> Heat:
    """Say how the query is answered all along a video."""
    key = (query, video_id, index_of_found())
    known: dict[Any, Heat] = st.session_state.get("heats-found", {})
    if key in known:
        return known[key]
    return remember("heats-found", key, app.searcher.heat(query, video_id), most=_MOST_HEATS)


def name_of_found(query: Query) -> str:
    """Name a search and what it was answered by, for what comes to its tiles later."""
    return f"{hash((query, index_of_found())):x}"


def known_strip(query: Query, video: Video) -> Strip | None:
    """Give the strip of a video if it is known, without a search."""
    strips: dict[Any, Strip] = st.session_state.get("strips-found", {})
    return strips.get((query, video.video_id, index_of_found()))


def strip_of(app: App, query: Query, video: Video) -> Strip:
    """Say how the query is answered along a video in a few figures; nothing, where it cannot be.

    Raises:
        DatabaseAwayError: the database does not answer; it may the next time.
    """
    try:
        heat = app.searcher.heat(query, video.video_id)
        strip = Strip(_binned(heat, video.facts.duration_s), heat.peaks_s)
    except DatabaseAwayError:
        raise
    except ReelseekError:  # a strip is no reason to show nothing else
        strip = Strip()
    key = (query, video.video_id, index_of_found())
    return remember("strips-found", key, strip, most=_MOST_STRIPS)


def _binned(heat: Heat, duration_s: float) -> tuple[float, ...]:
    """Give the strongest of each of so many stretches of a video."""
    bins = np.zeros(_BINS)
    for span, strength in zip(heat.spans, heat.strengths, strict=True):
        first = int(_BINS * span.start_s / max(duration_s, span.end_s))
        last = int(np.ceil(_BINS * span.end_s / max(duration_s, span.end_s)))
        stretch = slice(first, max(first + 1, last))
        bins[stretch] = np.maximum(bins[stretch], strength)
    return tuple(round(float(strength), 2) for strength in bins)


def known_reasons(query: Query, moment: Moment) -> tuple[Reason, ...] | None:
    """Give what each term did for a moment if it is known, without a search."""
    reasons: dict[Any, tuple[Reason, ...]] = st.session_state.get("reasons-found", {})
    return reasons.get((query, moment.moment_id, index_of_found()))


def reasons_of(app: App, query: Query, moment: Moment) -> tuple[Reason, ...]:
    """Say what each term did for a moment; nothing, where it cannot be said.

    Raises:
        DatabaseAwayError: the database does not answer; it may the next time.
    """
    known = known_reasons(query, moment)
    if known is not None:
        return known
    try:
        reasons = app.searcher.why(query, moment)
    except DatabaseAwayError:
        raise
    except ReelseekError:  # it may be indexed anew at this moment
        reasons = ()
    key = (query, moment.moment_id, index_of_found())
    return remember("reasons-found", key, reasons, most=_MOST_REASONS)


def index_of_found() -> tuple[Any, ...]:
    """Name the index, and how much is in it, that the last search was answered by."""
    key, _ = st.session_state["found"]
    return tuple(key[2:])


def remember(of: str, key: Any, value: T, *, most: int) -> T:
    """Keep a value for this visit, and of its kind so many at most: the oldest go."""
    known: dict[Any, T] = st.session_state.setdefault(of, {})
    while len(known) >= most:
        known.pop(next(iter(known)))
    known[key] = value
    return value


def _waited_for(
    app: App, place: st.delta_generator.DeltaGenerator, search: Callable[[], SearchResult]
) -> SearchResult:
    pool = ThreadPoolExecutor(1)
    finding = pool.submit(search)
    pool.shutdown(wait=False)  # whoever leaves the page does not wait for a model to load
    if not wait([finding], timeout=_PATIENCE_S).done:
        with place.container():
            line = st.empty()
            st.html(_SHAPE)
        _say_why(app, line)
        while not wait([finding], timeout=_PATIENCE_S).done:
            _say_why(app, line)
    place.empty()
    return finding.result()


def _say_why(app: App, line: st.delta_generator.DeltaGenerator) -> None:
    """Say why a search takes its time, where its outcome will be said."""
    status = app.encoder.status()
    if status.state == "downloading":
        text = f"{markdown(status.sentence)} This happens once."
        line.progress(status.fraction or 0.0, text=text)
    elif status.state == "loading":
        line.caption(":material/hourglass_top: Loading the model. This happens once…")
    else:
        line.caption(":material/hourglass_top: Looking…")
