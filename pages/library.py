"""Library: every video as a poster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.model import IndexState, Video
from pages.parts import messages, session
from pages.parts.tiles import Tile, poster_url, tiles
from pages.parts.words import clock, many, size

PER_PAGE = 48
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
    videos = session.app().library.videos()
    st.title("Library")
    if not videos:
        messages.empty("movie", "Nothing here yet", "Videos that you add stand here as posters.")
        with st.container(horizontal_alignment="center"):
            if st.button("Add videos", type="primary", icon=":material/add:"):
                st.switch_page("add.py")
        return
    shown = _choose(videos)
    if not shown:
        messages.empty("search_off", "No name matches", "Shorten what you typed, or clear it.")
        return
    total_s, total_bytes = (
        sum(v.facts.duration_s for v in shown),
        sum(v.facts.size_bytes for v in shown),
    )
    st.caption(f"{many(len(shown), 'video')} · {clock(total_s)} · {size(total_bytes)}")
    picked = tiles(
        [_tile(v) for v in _on_this_page(shown)], key="posters", label="Videos", tile_px=250
    )
    if picked:
        st.switch_page("video.py", query_params={"id": picked})


def _choose(videos: list[Video]) -> list[Video]:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    name = left.text_input(
        "Name", key="name", bind="query-params", placeholder="Filter by name",
        label_visibility="collapsed", icon=":material/filter_list:", live=True,
    )  # fmt: skip
    sort = right.segmented_control(
        "Sort", list(SORTS), default="Newest", required=True, key="sort", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    by, is_reversed = SORTS[str(sort or "Newest")]
    found = [v for v in videos if (name or "").strip().lower() in v.name.lower()]
    return sorted(found, key=by, reverse=is_reversed)


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
        image=poster_url(video.video_id),
        title=video.name,
        corner=clock(video.facts.duration_s),
        words=f"{size(video.facts.size_bytes)} · {video.facts.width_px}×{video.facts.height_px}",
        badge=badge,
        quiet=video.state is not IndexState.FAILED,
    )


page()
