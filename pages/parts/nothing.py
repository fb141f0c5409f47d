"""Why a search shows nothing: no match, nothing left to look in, or nothing searchable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.bootstrap import App
from core.model import IndexState, SearchResult, Video
from core.query import Filters, Query
from pages.parts import messages
from pages.parts.address import put
from pages.parts.words import many, markdown

_ON_THE_WAY = {IndexState.WAITING, IndexState.INDEXING}


def library_is_empty() -> None:
    """Say that there is nothing to search in, and where videos are added."""
    text = "Add a video, then type what you remember of it."
    messages.empty("movie", "Your library is empty", text, go="Add videos", to="add")


def nothing_found(
    app: App, result: SearchResult, query: Query, videos: Mapping[str, Video]
) -> None:
    """Say why there is no moment to show, how much was looked at, and what may find one."""
    if not result.n_videos:
        _nothing_searched(app, query, videos)
        return
    text = f"{_matched(result, query)} {_again(result, query)}"
    messages.empty("search_off", "Nothing here matches", text)
    if not query.text and result.n_clips and result.floor > 0:
        _offer_nearest()


def _matched(result: SearchResult, query: Query) -> str:
    if not result.n_clips:
        return "Nothing lies in that stretch of time."
    n_videos = many(result.n_videos, "video")
    matched = f"0 of {many(result.n_clips, 'clip')} of {n_videos} match."
    if query.filters != Filters():
        matched = f"0 of {many(result.n_clips, 'filtered clip')} match, in {n_videos}."
    if result.best_strength is None:
        return matched
    return f"{matched} The nearest is {result.best_strength:.0%} sure."


def _again(result: SearchResult, query: Query) -> str:
    """Name what may find something: nothing that is done already."""
    if not query.text:
        return "Move “How sure” to the left to see the nearest, or say in words what it shows."
    ways = ["try other words"]
    if query.filters != Filters():
        ways.append("look everywhere")
    if result.n_clips and result.floor > 0:
        ways.append("move “How sure” to the left")
    said = ", ".join(ways[:-1])
    said = f"{said}, or {ways[-1]}" if len(ways) > 2 else " or ".join(ways)
    return f"{said[0].upper()}{said[1:]}."


def _offer_nearest() -> None:
    """Draw the button that shows what is nearest, however weak it is, in this search alone."""
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Show the nearest anyway", icon=":material/near_me:", on_click=put,
            kwargs={"floor": "0"},
        )  # fmt: skip


def _nothing_searched(app: App, query: Query, videos: Mapping[str, Video]) -> None:
    chosen = [videos[one] for one in query.filters.video_ids or () if one in videos]
    asked = chosen or list(videos.values())
    states = {video.state for video in asked}
    if IndexState.READY in states:
        text = "No video is tagged, dated or sized like that. Take a filter away."
        messages.empty("filter_alt_off", "No video to look in", text)
    elif states & _ON_THE_WAY:
        _not_yet(app, asked, is_chosen=bool(chosen))
    else:
        _never(asked, is_chosen=bool(chosen))


def _not_yet(app: App, asked: Sequence[Video], *, is_chosen: bool) -> None:
    """Say what the videos on their way wait for: their turn, or a model that is not there."""
    title = _subject(asked, is_chosen=is_chosen, all_of_them="Nothing is searchable yet")
    status = app.models.status()
    if status.state in ("absent", "failed"):
        n = sum(video.state in _ON_THE_WAY for video in asked)
        waits = f"{many(n, 'video')} {'wait' if n > 1 else 'waits'} for the model."
        text = f"{waits} {markdown(status.sentence)}"
        messages.empty("model_training", title, text, go="See what waits", to="add")
        return
    text = "The search opens as soon as the first video is indexed."
    if is_chosen:
        text = "It opens to the search as soon as it is indexed."
    messages.empty("hourglass_top", title, text, go="See how far it is", to="add")


def _never(asked: Sequence[Video], *, is_chosen: bool) -> None:
    """Say that nothing is on its way: all of it failed or was stopped."""
    title = _subject(asked, is_chosen=is_chosen, all_of_them="Nothing is searchable")
    n_failed = sum(video.state is IndexState.FAILED for video in asked)
    n_stopped = len(asked) - n_failed
    parts = [f"{many(n_failed, 'video')} could not be indexed"] if n_failed else []
    if n_stopped:
        parts.append(f"{many(n_stopped, 'video')} {'was' if n_stopped == 1 else 'were'} stopped")
    text = f"{', '.join(parts)}; nothing is on the way. Try again on the Add page."
    messages.empty("visibility_off", title, text, go="See why", to="add")


def _subject(asked: Sequence[Video], *, is_chosen: bool, all_of_them: str) -> str:
    if not is_chosen:
        return all_of_them
    ending = " yet" if all_of_them.endswith(" yet") else ""
    return f"{'This video is' if len(asked) == 1 else 'These videos are'} not searchable{ending}"
