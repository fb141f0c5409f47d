"""Fills the strips under the tiles with how well each part of a video matches.

A strip costs a search of its own, so they come after the tiles are drawn, one in each run of this
part; a click meanwhile waits for one at most.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from core.bootstrap import App
from core.model import Video
from core.query import Query
from pages.parts.component import component
from pages.parts.finding import known_strip, strip_of
from pages.parts.messages import bounded


def strips(app: App, query: Query, videos: Sequence[Video], *, named: str) -> None:
    """Fill the strips of these videos in the tiles that ask for strips of this name."""
    st.fragment(bounded(_strips))(app, query, videos, named)


def _strips(app: App, query: Query, videos: Sequence[Video], named: str) -> None:
    missing = [one for one in videos if known_strip(query, one) is None]
    before = st.session_state.get("strips")
    if missing and before and before.get("next"):
        strip_of(app, query, missing.pop(0))
    known = {one.video_id: known_strip(query, one) for one in videos}
    data = {
        "named": named,
        "strips": {name: asdict(strip) for name, strip in known.items() if strip is not None},
        "n_missing": len(missing),
        "n": str(time.time_ns()),
    }
    draw = component("strips", "<i hidden></i>")
    draw(key="strips", data=data, on_next_change=lambda: None)
