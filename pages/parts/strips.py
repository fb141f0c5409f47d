"""Brings to the tiles what comes after them: strips of heat, what each term did, exact edges.

A strip and the reasons of a video's moments cost searches of their own, exact edges a second or
more. So they come after the tiles are drawn, those of one video in each run of this part, then the
edges of one moment in each; a click meanwhile waits for one search at most, and what was found
before it is kept. The browser keeps what it got and says so, and is told each strip and each reason
once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from core.bootstrap import App
from core.model import Moment, Video
from core.query import Query
from pages.parts import closer, happened
from pages.parts.component import component
from pages.parts.finding import known_reasons, known_strip, reasons_of, strip_of
from pages.parts.messages import bounded
from pages.parts.reasons import told
from pages.parts.tiles import stretch

AT_ONCE = 24  # videos looked into after a page is drawn; its next run goes on from there
_REASONS_AT_ONCE = 24  # of the many moments that one video may have


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tiles of a search named `named` show.

    `say` draws the line that says how far the edges of `top` are; a click ends the run there.
    """

    app: App
    query: Query
    moments: Sequence[Moment]
    videos: Mapping[str, Video]
    named: str
    top: Sequence[Moment]
    say: Callable[[], None]


def strips(asked: Asked) -> None:
    """Fill the tiles that ask for strips of this name."""
    later = set(_missing(asked)[AT_ONCE:])
    st.fragment(bounded(_strips))(asked, later, happened.count())


def _strips(asked: Asked, later: set[str], n_happened: int) -> None:
    if happened.count() != n_happened:  # at this very instant, and this part alone runs
        _got(asked.named)  # what the browser said is not said again
        st.rerun(scope="app")
    asked.say()
    missing = [one for one in _missing(asked) if one not in later]
    if _told() and missing:
        _look_into(asked, asked.videos[missing[0]])
        missing = [one for one in _missing(asked) if one not in later]
    elif _told():
        closer.next_of(asked.app, asked.top, asked.say)
        asked.say()
    data = {
        "named": asked.named,
        **_news(asked),
        "edges": {one.moment_id: _edges(closer.placed(one)) for one in asked.top},
        "n_missing": len(missing) + len(closer.missing(asked.top)),
        "n": str(time.time_ns()),
    }
    component("strips", "<i hidden></i>")(key="strips", data=data, on_next_change=lambda: None)


def _look_into(asked: Asked, video: Video) -> None:
    if video.video_id not in _got(asked.named) and known_strip(asked.query, video) is None:
        strip_of(asked.app, asked.query, video)
    unsaid = [one for one in _unsaid(asked) if one.video_id == video.video_id]
    for moment in unsaid[:_REASONS_AT_ONCE]:
        asked.say()
        reasons_of(asked.app, asked.query, moment)


def _news(asked: Asked) -> dict[str, Any]:
    """Give the strips, by video, and reasons, by moment, that the browser has not got yet."""
    got, query = _got(asked.named), asked.query
    ids = dict.fromkeys(one.video_id for one in asked.moments)
    strips = {one: known_strip(query, asked.videos[one]) for one in ids if one not in got}
    reasons = {
        one.moment_id: known_reasons(query, one)
        for one in asked.moments
        if one.moment_id not in got
    }
    return {
        "strips": {name: asdict(strip) for name, strip in strips.items() if strip is not None},
        "reasons": {name: asdict(told(why)) for name, why in reasons.items() if why is not None},
    }


def _edges(moment: Moment) -> dict[str, Any]:
    span = moment.span
    return {"corner": stretch(span), "span": (span.start_s, span.end_s)}


def _told() -> dict[str, Any] | None:
    """Give what the browser asked for more with, if that led to this run."""
    before = st.session_state.get("strips")
    return before.get("next") if before else None


def _missing(asked: Asked) -> list[str]:
    """List the videos of which a strip or reasons are missing, in the order of the tiles."""
    got = _got(asked.named)  # it may be known no longer, and is still not searched for again
    ids = {one.video_id for one in _unsaid(asked)}
    shown = dict.fromkeys(one.video_id for one in asked.moments)
    return [
        one
        for one in shown
        if one in ids or (one not in got and known_strip(asked.query, asked.videos[one]) is None)
    ]


def _unsaid(asked: Asked) -> list[Moment]:
    if not asked.app.searcher.tells(asked.query):
        return []
    got, query = _got(asked.named), asked.query
    return [
        one
        for one in asked.moments
        if one.moment_id not in got and known_reasons(query, one) is None
    ]


def _got(named: str) -> set[str]:
    """Give what of this name the browser said that it has: ids of videos and of moments."""
    told = _told()
    of, got = st.session_state.get("strips-got", (None, set()))
    if of != named:
        got = set()
    if told and told.get("named") == named:
        got = got | set(told["got"])
    st.session_state["strips-got"] = (named, got)
    return got
