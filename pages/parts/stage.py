"""The moment that plays, why it was found, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import streamlit as st

from core.address import to_params
from core.bootstrap import App
from core.errors import ReelseekError
from core.model import Moment, Video
from core.query import Filters, Frame, Heat, Query
from pages.parts import closer, finding, messages
from pages.parts.address import put
from pages.parts.asking import params_of
from pages.parts.facts import heading
from pages.parts.marking import mark_right
from pages.parts.player import player
from pages.parts.reasons import as_markdown
from pages.parts.wanted import exact_toggle, is_exact
from pages.parts.words import clock

_LEVELS = {
    "strong": "strong match",
    "possible": "possible match",
    "weak": "weak match",
}


def stage(
    app: App, query: Query, moment: Moment, video: Video, *, at_s: float | None, was_clicked: bool
) -> None:
    """Draw the player on a moment, with its heat, its reasons and its buttons.

    With `at_s` it begins at that instant of the video, else where the moment begins.
    """
    player(
        app,
        video,
        start_s=moment.play_span.start_s,
        end_s=moment.play_span.end_s,
        best_s=moment.best_s,
        at_s=at_s,
        was_clicked=was_clicked,
        heat=_heat(app, query, video),
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", key="playing"):
        heading(video.name, _below(moment), key="playing-name", level=2)
        at = {**to_params(replace(query, filters=Filters())), "id": video.video_id}
        at["t"] = str(moment.play_span.start_s)
        st.page_link(
            "video.py", label="Open video", icon=":material/open_in_full:", query_params=at
        )
    _why(app, query, moment)
    _buttons(app, query, moment)


def _below(moment: Moment) -> str:
    span = moment.span
    times = f"{clock(span.start_s, tenths=True)} – {clock(span.end_s, tenths=True)}"
    sure = f"score {moment.score:.2f}"
    if moment.level is not None and moment.strength is not None:
        sure = f"{_LEVELS[moment.level]}, {moment.strength:.0%}"
    return f"{times}  ·  {sure}"


def zoomed(app: App, moment: Moment, meanwhile: Callable[[], None]) -> Moment:
    """Give the moment with exact edges where these are wanted; takes a while the first time.

    `meanwhile` says so, elsewhere: words here would push the player down, and let it jump back.
    """
    place = st.empty()  # on every run, so that what comes below it keeps its place
    if not is_exact():
        return moment
    try:
        return closer.wait_for(app, moment, meanwhile)
    except ReelseekError as error:
        with place.container():
            messages.say(error)
        return moment


def _heat(app: App, query: Query, video: Video) -> Heat | None:
    try:
        return finding.heat_of(app, query, video.video_id)
    except ReelseekError:  # it may be indexed anew at this moment; the player is what counts
        return None


def _why(app: App, query: Query, moment: Moment) -> None:
    try:
        said = as_markdown(finding.reasons_of(app, query, moment))
    except ReelseekError:
        return
    if said:
        st.caption(said, help="What each term did for this picture.")


def _buttons(app: App, query: Query, moment: Moment) -> None:
    here = _frame(moment)
    with st.container(horizontal=True, gap="small", key="doings"):
        st.button(
            "More like this", icon=":material/image_search:", on_click=ask_like,
            args=(query, moment),
            help="Moments that look like this one.",
        )  # fmt: skip
        _thumb("up", here in query.liked, _with(query, here, is_liked=True))
        _thumb("down", here in query.disliked, _with(query, here, is_liked=False))
        mark_right(app, query, moment)
        exact_toggle()


def ask_like(query: Query, moment: Moment) -> None:
    """Ask for what looks like a moment, where the query looks."""
    _ask(Query(frame=_frame(moment), filters=query.filters))


def _frame(moment: Moment) -> Frame:
    return Frame(moment.video_id, round(moment.best_s, 6))


def _ask(query: Query) -> None:
    put(**params_of(query), n="")


def _with(query: Query, frame: Frame, *, is_liked: bool) -> Query:
    """Give the query with a thumb for a frame, or without the one that it has."""
    was_on = frame in (query.liked if is_liked else query.disliked)
    liked = tuple(one for one in query.liked if one != frame)
    disliked = tuple(one for one in query.disliked if one != frame)
    if not was_on:
        liked, disliked = ((*liked, frame), disliked) if is_liked else (liked, (*disliked, frame))
    return replace(query, liked=liked, disliked=disliked)


def _thumb(name: Literal["up", "down"], is_on: bool, changed: Query) -> None:  # noqa: FBT001
    what = "More like this in this search" if name == "up" else "Less like this in this search"
    st.button(  # style.css shows the icon alone
        what, key=f"thumb-{name}", icon=f":material/thumb_{name}:",
        type="primary" if is_on else "secondary", on_click=_ask, args=(changed,), help=f"{what}.",
    )  # fmt: skip
