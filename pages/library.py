"""Library: every video as a poster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.bootstrap import App
from core.model import IndexState, Video
from pages.parts import messages, session
from pages.parts.go import address
from pages.parts.tiles import Tile, poster_url, tiles
from pages.parts.words import clock, many, size

PER_PAGE = 48
BUSY = (IndexState.INDEXING, IndexState.WAITING)
SORTS: dict[str, tuple[Callable[[Video], Any], bool]] = {
    "Newest": (lambda v: v.added_at, True),
    "Name": (lambda v: v.name.lower(), False),
    "Longest": (lambda v: v.facts.duration_s, True),
    "Largest": (lambda v: v.facts.size_bytes, True),
}
BADGES = {
    IndexState.WAITING: "Waiting",
    IndexState.FAILED: "Not searchable",
    IndexState.CANCELLED: "Stopped",
}


def page() -> None:
    """Draw the page."""
    app = session.app()
    videos = app.library.videos()
    st.title("Library", anchor=False)
    if not videos:
        text = "Videos that you add stand here as posters."
        messages.empty("movie", "Nothing here yet", text, go="Add videos", to="add")
        return
    name, sort = _choose()
    is_busy = any(video.state in BUSY for video in videos)
    posters = st.fragment(messages.bounded(_posters), run_every="2s" if is_busy else None)
    posters(app, name, sort, polls=is_busy)


def _choose() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center", key="choose"):
        name = st.text_input(
            "Filter by name",
            key="name",
            bind="query-params",
            live=True,
            placeholder="Filter by name",
            label_visibility="collapsed",
            icon=":material/filter_list:",
        )
        sort = st.segmented_control(
            "Sort by",
            list(SORTS),
            key="sort",
            bind="query-params",
            default="Newest",
            required=True,
            label_visibility="collapsed",
        )
    return (name or "").strip(), str(sort or "Newest")


def _posters(app: App, name: str, sort: str, *, polls: bool) -> None:
    videos = app.library.videos()
    if polls and not any(video.state in BUSY for video in videos):
        st.rerun(scope="app")  # switches the polling off
    by, is_reversed = SORTS[sort]
    found = [video for video in videos if name.lower() in video.name.lower()]
    shown = sorted(found, key=by, reverse=is_reversed)
    if not shown:
        messages.empty("search_off", "No name matches", "Shorten what you typed, or clear it.")
        return
    length = clock(sum(video.facts.duration_s for video in shown))
    n_bytes = sum(video.facts.size_bytes for video in shown)
    st.caption(f"{many(len(shown), 'video')} · {length} · {size(n_bytes)}")
    on_this_page = [_tile(video) for video in _on_this_page(shown)]
    tiles(on_this_page, key="posters", label="Videos", tile_px=250)


def _on_this_page(shown: list[Video]) -> list[Video]:
    n_pages = -(-len(shown) // PER_PAGE)
    if n_pages == 1:
        return shown
    at = int(st.pagination(n_pages, key="page", bind="query-params") or 1)
    return shown[(at - 1) * PER_PAGE : at * PER_PAGE]


def _tile(video: Video) -> Tile:
    badge = BADGES.get(video.state, "")
    if video.state is IndexState.INDEXING:
        badge = f"Indexing {video.progress:.0%}"
    return Tile(
        key=video.video_id,
        image=poster_url(video),
        title=video.name,
        corner=clock(video.facts.duration_s),
        words=f"{size(video.facts.size_bytes)} · {video.facts.width_px}×{video.facts.height_px}",
        badge=badge,
        quiet=video.state is not IndexState.FAILED,
        href=address("video", id=video.video_id),
    )


page()
