"""Fills the strips under the tiles with how well each part of a video matches.

A strip costs a search of its own, so they come after the tiles are drawn, one in each run of this
part, and so many at most for a page that is drawn; a click meanwhile waits for one at most. The
browser keeps what it got and says so, and is told each strip once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from core.bootstrap import App
from core.model import Video
from core.query import Query
from pages.parts.component import component
from pages.parts.finding import known_strip, strip_of
from pages.parts.messages import bounded

AT_ONCE = 24  # searched for after a page is drawn; the next run of the page goes on from there


def strips(app: App, query: Query, videos: Sequence[Video], *, named: str) -> None:
    """Fill the strips of these videos in the tiles that ask for strips of this name."""
    later = {one.video_id for one in _missing(query, videos, named)[AT_ONCE:]}
    now = [one for one in videos if one.video_id not in later]
    st.fragment(bounded(_strips))(app, query, now, named)


def _strips(app: App, query: Query, videos: Sequence[Video], named: str) -> None:
    missing, got = _missing(query, videos, named), _got(named)
    if missing and _asked():
        strip_of(app, query, missing.pop(0))
    known = {one.video_id: known_strip(query, one) for one in videos if one.video_id not in got}
    data = {
        "named": named,
        "strips": {name: asdict(strip) for name, strip in known.items() if strip is not None},
        "n_missing": len(missing),
        "n": str(time.time_ns()),
    }
    draw = component("strips", "<i hidden></i>")
    draw(key="strips", data=data, on_next_change=lambda: None)


def _asked() -> dict[str, Any] | None:
    """Give what the browser asked for the next strip with, if that led to this run."""
    before = st.session_state.get("strips")
    return before.get("next") if before else None


def _missing(query: Query, videos: Sequence[Video], named: str) -> list[Video]:
    got = _got(named)  # it may be known no longer, and is still not searched for again
    return [one for one in videos if one.video_id not in got and known_strip(query, one) is None]


def _got(named: str) -> set[str]:
    """Give the videos whose strips of this name the browser said that it has."""
    asked = _asked()
    of, got = st.session_state.get("strips-got", (None, set()))
    if of != named:
        got = set()
    if asked and asked.get("named") == named:
        got = got | set(asked["got"])
    st.session_state["strips-got"] = (named, got)
    return got
