"""Runs a search while the page says what it waits for, and keeps its outcome.

A click reruns the page; nothing is asked again for that, unless the library has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import streamlit as st

from core.bootstrap import App
from core.model import Moment, SearchResult
from core.query import Heat, Query, Reason, Wanted
from pages.parts.words import markdown

T = TypeVar("T")
_MOST_KEPT = 64  # moments of one search whose reasons and heats are kept


def find(app: App, query: Query, wanted: Wanted) -> SearchResult:
    """Search, or give what was found before."""
    key = (query, wanted, app.library.index_name, app.library.counts())
    place = st.empty()  # on every run, so that what comes below it keeps its place, and plays on
    kept_key, kept = st.session_state.get("found", (None, None))
    if kept_key == key:
        return kept  # type: ignore[no-any-return]  # a click reran the page
    result = _waited_for(app, place, lambda: app.searcher.search(query, wanted=wanted))
    st.session_state["found"] = (key, result)
    st.session_state["about-found"] = {}
    st.session_state.pop("moment", None)
    return result


def heat_of(app: App, query: Query, video_id: str) -> Heat:
    """Say how the query is answered all along a video."""
    return _kept(("heat", video_id), lambda: app.searcher.heat(query, video_id))


def why(app: App, query: Query, moment: Moment) -> tuple[Reason, ...]:
    """Say what each term did for a moment."""
    key = ("why", f"{moment.video_id}@{moment.best_s}")
    return _kept(key, lambda: app.searcher.why(query, moment))


def zoomed(app: App, moment: Moment) -> Moment:
    """Give the moment with edges placed to a frame."""
    key = ("zoom", f"{moment.video_id}@{moment.best_s}")
    return _kept(key, lambda: app.zoom.exact(moment))


def _kept(key: tuple[str, str], make: Callable[[], T]) -> T:
    known = st.session_state.setdefault("about-found", {})
    if key not in known:
        if len(known) > _MOST_KEPT:
            known.clear()
        known[key] = make()
    return known[key]  # type: ignore[no-any-return]


def _waited_for(
    app: App, place: st.delta_generator.DeltaGenerator, search: Callable[[], SearchResult]
) -> SearchResult:
    pool = ThreadPoolExecutor(1)
    finding = pool.submit(search)
    pool.shutdown(wait=False)  # whoever leaves the page does not wait for a model to load
    while not wait([finding], timeout=0.25).done:
        with place.container():
            _at_it(app)
    place.empty()
    return finding.result()


def _at_it(app: App) -> None:
    """Say why a search takes its time: the first one brings the model in."""
    status = app.encoder.status()
    if status.state == "downloading":
        st.progress(status.fraction or 0.0, text=f"{markdown(status.sentence)} This happens once.")
    elif status.state == "loading":
        st.caption(":material/hourglass_top: Loading the model. This happens once…")
    else:
        st.caption(":material/hourglass_top: Looking…")
    st.skeleton(height=380)
