"""Library: every video as a poster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.bootstrap import App
from core.model import IndexState, Video
from pages.parts import messages, session
from pages.parts.go import address
from pages.parts.reindexing import index_again
from pages.parts.tiles import Tile, poster_url, tiles
from pages.parts.words import clock, many, size

PER_PAGE = 48
NEW_EVERY_S = 10.0
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


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the page was drawn from, and when.

    By the same counts that it is looked at again for: where they and the list of videos count
    differently, the page would be drawn without end.
    """

    n_videos: int
    at_s: float
    polls: bool


def page() -> None:
    """Draw the page."""
    app = session.app()
    videos = app.library.videos()
    st.title("Library", anchor=False)
    if not videos:
        text = "Videos that you add stand here as posters."
        messages.empty("movie", "Nothing here yet", text, go="Add videos", to="add")
        return
    name, sort, is_asked = _choose()
    by, is_reversed = SORTS[sort]
    found = [video for video in videos if name.lower() in video.name.lower()]
    shown = sorted(found, key=by, reverse=is_reversed)
    if is_asked:
        index_again(app, videos, shown)
    tally, _ = app.library.overview.now()
    drawn = _Drawn(tally.n_videos, time.monotonic(), polls=tally.n_on_the_way > 0)
    posters = st.fragment(messages.bounded(_posters), run_every="2s" if drawn.polls else None)
    posters(app, shown, drawn)


def _choose() -> tuple[str, str, bool]:
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
        is_asked = st.button("Index again", icon=":material/refresh:")
    return (name or "").strip(), str(sort or "Newest"), is_asked


def _posters(app: App, shown: Sequence[Video], drawn: _Drawn) -> None:
    """Draw one page of posters; of a large library, only these are looked at again and again."""
    if drawn.polls and _is_over(app, drawn):
        st.rerun(scope="app")
    if not shown:
        messages.empty("search_off", "No name matches", "Shorten what you typed, or clear it.")
        return
    length = clock(sum(video.facts.duration_s for video in shown))
    n_bytes = sum(video.facts.size_bytes for video in shown)
    st.caption(f"{many(len(shown), 'video')} · {length} · {size(n_bytes)}")
    here = _on_this_page(shown)
    now = app.library.overview.these([video.video_id for video in here])
    there = [_tile(now[video.video_id]) for video in here if video.video_id in now]
    tiles(there, key="posters", label="Videos", tile_px=250)


def _is_over(app: App, drawn: _Drawn) -> bool:
    """Say whether all is done, or there are other videos now; that is not looked for as often."""
    tally, _ = app.library.overview.now()
    is_old = time.monotonic() - drawn.at_s > NEW_EVERY_S
    return not tally.n_on_the_way or (is_old and tally.n_videos != drawn.n_videos)


def _on_this_page(shown: Sequence[Video]) -> Sequence[Video]:
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
