"""Search: one box, where to look, and the moments that it finds. All of it lives in the address."""

from __future__ import annotations

import math

import streamlit as st

from core.bootstrap import App
from core.errors import EncoderError
from core.model import IndexState, SearchResult, Span, Video
from pages.parts import messages, session
from pages.parts.results import results
from pages.parts.tiles import Tile, poster_url, tiles
from pages.parts.words import clock, many, markdown

LIMIT = 24
NEWEST = 8


def page() -> None:
    """Draw the page."""
    app = session.app()
    videos = {video.video_id: video for video in app.library.videos()}
    words = _box()
    scope, span = _where_to_look(videos)
    if not words:
        _nothing_asked(app, list(videos.values()))
        return
    result = _search(app, words, scope, span)
    if result is not None:
        results(app, result, videos)


def _box() -> str:
    asked = str(st.session_state.get("q") or st.query_params.get("q") or "").strip()
    with st.container(key="top" if asked else "hero"):
        if not asked:
            st.title("What do you remember?")
        words = st.text_input(
            "What do you remember?",
            key="q",
            bind="query-params",
            label_visibility="collapsed",
            placeholder="a red car at night, someone pouring coffee, an empty beach…",
            icon=":material/search:",
            type="search",
        )
    return (words or "").strip()


def _where_to_look(videos: dict[str, Video]) -> tuple[list[str] | None, Span | None]:
    with st.popover(_scope_words(videos), icon=":material/filter_alt:"):
        scope = st.selectbox(
            "Video",
            sorted(videos, key=lambda video_id: videos[video_id].name.lower()),
            index=None,
            key="video",
            bind="query-params",
            format_func=lambda video_id: videos[video_id].name if video_id in videos else video_id,
            placeholder="All videos",
        )
        left, right = st.columns(2)
        with left:
            start_s = _seconds("From second", "from")
        with right:
            end_s = _seconds("To second", "to")
    if start_s is None and end_s is None:
        return ([scope] if scope else None), None
    span = Span(start_s or 0.0, math.inf if end_s is None else end_s)
    return ([scope] if scope else None), span


def _scope_words(videos: dict[str, Video]) -> str:
    """Say on the button itself what a search is limited to, so that no filter is forgotten."""
    chosen = {key: st.session_state.get(key) for key in ("video", "from", "to")}
    video = videos.get(str(chosen["video"] or st.query_params.get("video", "")))
    start_s, end_s = chosen["from"], chosen["to"]
    parts = [f"in {markdown(video.name)}" if video else ""]
    parts.append(f"from {clock(start_s)}" if start_s is not None else "")
    parts.append(f"to {clock(end_s)}" if end_s is not None else "")
    said = " ".join(filter(None, parts))
    return f"Only {said}" if said else "Where to look"


def _seconds(label: str, key: str) -> float | None:
    return st.number_input(label, min_value=0.0, value=None, step=1.0, key=key, bind="query-params")


def _nothing_asked(app: App, videos: list[Video]) -> None:
    if not videos:
        text = "Add a video, then type what you remember of it."
        messages.empty("movie", "Your library is empty", text)
        with st.container(horizontal_alignment="center"):
            if st.button("Add videos", type="primary", icon=":material/add:"):
                st.switch_page("add.py")
        return
    ready = [video for video in videos if video.state is IndexState.READY]
    length = clock(sum(video.facts.duration_s for video in ready))
    sentence = f"Looks inside {many(len(ready), 'video')}, {length} in all."
    n_missing = len(videos) - len(ready)
    if n_missing:
        sentence += f" {n_missing:,} not searchable yet: the Add page says why."
    st.caption(f"{sentence} Say what is in the picture, in a few words.", text_alignment="center")
    messages.model_state(app)
    _newest(ready)


def _newest(videos: list[Video]) -> None:
    shown = [Tile(v.video_id, poster_url(v.video_id), v.name, clock(v.facts.duration_s))
             for v in videos[:NEWEST]]  # fmt: skip
    if not shown:
        return
    st.caption("Newest in your library")
    picked = tiles(shown, key="newest", label="Newest videos", tile_px=250)
    if picked:
        st.switch_page("video.py", query_params={"id": picked})


def _search(
    app: App, words: str, scope: list[str] | None, span: Span | None
) -> SearchResult | None:
    key = (words, tuple(scope or ()), span, app.library.counts())
    kept_key, kept = st.session_state.get("found", (None, None))
    if kept_key == key:
        return kept  # type: ignore[no-any-return]  # a click reran the page
    is_cold = not app.encoder.status().device
    try:
        with st.spinner("Loading the model, once; then looking…" if is_cold else "Looking…"):
            result = app.searcher.search(words, video_ids=scope, span=span, limit=LIMIT)
    except EncoderError as error:
        st.warning(str(error), icon=":material/model_training:")
        return None
    st.session_state["found"] = (key, result)
    st.session_state.pop("moment", None)
    return result


page()
