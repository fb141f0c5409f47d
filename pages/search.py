"""Search: one box, where to look, and the moments that it finds. All of it lives in the address."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import streamlit as st

from core.bootstrap import App
from core.model import IndexState, SearchResult, Video
from pages.parts import messages, session
from pages.parts.address import asked, field, put
from pages.parts.go import address
from pages.parts.results import results
from pages.parts.scope import Scope, choose_scope, scope_of_address
from pages.parts.tiles import Tile, poster_url, tiles
from pages.parts.words import clock, many, markdown

LIMIT = 24
NEWEST = 8
EXAMPLES = ("a red car at night", "someone laughing", "hands preparing food", "an empty street")


def page() -> None:
    """Draw the page."""
    app = session.app()
    videos = {video.video_id: video for video in app.library.videos()}
    words = asked("q")
    with st.container(key="asked" if words else "hero"):
        _box(videos)
    if not words:
        _nothing_asked(app, list(videos.values()))
        return
    st.set_page_config(page_title=f"{words} · Reelseek")
    scope = scope_of_address(videos)
    result = _search(app, words, scope)
    if any(moment.video_id in videos for moment in result.moments):
        results(app, result, videos)
    else:
        _nothing_found(result, scope)


def _box(videos: dict[str, Video]) -> None:
    if not asked("q"):
        st.title("What do you remember?", anchor=False, text_alignment="center")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="box"):
        st.text_input(
            "What do you remember?",
            key="q",
            on_change=field("q", asked("q")),
            label_visibility="collapsed",
            placeholder="Describe the moment",
            icon=":material/search:",
            type="search",
        )
        if videos:
            choose_scope(videos)


def _nothing_asked(app: App, videos: Sequence[Video]) -> None:
    if not videos:
        text = "Add a video, then type what you remember of it."
        messages.empty("movie", "Your library is empty", text, go="Add videos", to="add")
        return
    with st.container(horizontal=True, horizontal_alignment="center", key="examples"):
        for example in EXAMPLES:
            st.button(example, on_click=put, kwargs={"q": example}, type="tertiary")
    ready = [video for video in videos if video.state is IndexState.READY]
    st.caption(_reach(ready, len(videos) - len(ready)), text_alignment="center")
    messages.model_state(app)
    _newest(ready)


def _reach(ready: Sequence[Video], n_others: int) -> str:
    length = clock(sum(video.facts.duration_s for video in ready))
    parts = [f"Looks inside {many(len(ready), 'video')}, {length} in all."] if ready else []
    if n_others:
        parts.append(f"{many(n_others, 'video')} not searchable yet: the Add page says why.")
    return " ".join(parts)


def _newest(videos: Sequence[Video]) -> None:
    if not videos:
        return
    shown = [
        Tile(
            key=video.video_id,
            image=poster_url(video),
            title=video.name,
            corner=clock(video.facts.duration_s),
            href=address("video", id=video.video_id),
        )
        for video in videos[:NEWEST]
    ]
    st.markdown("##### Newest in your library")
    tiles(shown, key="newest", label="Newest videos", tile_px=250)


def _search(app: App, words: str, scope: Scope) -> SearchResult:
    place = st.empty()  # on every run, so that what comes below it keeps its place, and plays on
    key = (words, scope, app.library.index_name, app.library.counts())
    kept_key, kept = st.session_state.get("found", (None, None))
    if kept_key == key:
        return kept  # type: ignore[no-any-return]  # a click reran the page
    pool = ThreadPoolExecutor(1)
    finding = pool.submit(
        app.searcher.search, words, video_ids=scope.video_ids, span=scope.span, limit=LIMIT
    )
    pool.shutdown(wait=False)  # whoever leaves the page does not wait for a model to load
    while not wait([finding], timeout=0.25).done:
        with place.container():
            _at_it(app)
    place.empty()
    st.session_state["found"] = (key, finding.result())
    st.session_state.pop("moment", None)
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


def _nothing_found(result: SearchResult, scope: Scope) -> None:
    if not result.n_videos:
        text = "The search opens as soon as the first moments are in the library."
        messages.empty(
            "hourglass_top", "Nothing is searchable yet", text, go="See how far it is", to="add"
        )
        return
    looked = f"Looked at {many(result.n_clips, 'moment')} of {many(result.n_videos, 'video')}."
    if scope.span is not None:
        looked = "No moment lies in that stretch of time."
    again = "Try other words, or look everywhere."
    messages.empty("search_off", "Nothing found", f"{looked} {again}")


page()
