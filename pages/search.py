"""Search: one box, what else is asked, and the moments found. All of it lives in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.model import IndexState, Video
from core.query import Query
from pages.parts import messages, session
from pages.parts.address import asked, is_asked
from pages.parts.asking import ask, more_fields, pasted, pills, query_of_address, words_box
from pages.parts.finding import find
from pages.parts.go import address
from pages.parts.marking import mark_absent
from pages.parts.nothing import library_is_empty, nothing_found
from pages.parts.results import results
from pages.parts.saved import save_button, saved_searches
from pages.parts.scope import choose_scope
from pages.parts.tiles import Tile, poster_url, tiles
from pages.parts.wanted import recall, strength_slider, wanted_of_address
from pages.parts.words import clock, many

NEWEST = 8
EXAMPLES_FILE = "examples.txt"
_MOST_EXAMPLES = 6
EXAMPLES = ("a red car at night", "someone laughing", "hands preparing food", "an empty street")


def page() -> None:
    """Draw the page."""
    recall()
    app = session.app()
    videos = {video.video_id: video for video in app.library.videos()}
    with st.container(key="asked" if is_asked() else "hero"):
        _box(app, videos)
    if not is_asked():
        _nothing_asked(app, list(videos.values()))
        return
    query = query_of_address(videos)
    first_line = asked("q").partition("\n")[0] or "Like a picture"
    st.set_page_config(page_title=f"{first_line} · Reelseek")
    pills(query, videos)
    _search(app, query, videos)


def _box(app: App, videos: dict[str, Video]) -> None:
    if not is_asked():
        st.title("What do you remember?", anchor=False, text_alignment="center")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="box"):
        words_box()
        if videos:
            more_fields(app)
            choose_scope(app, videos)
    pasted(app)


def _search(app: App, query: Query, videos: dict[str, Video]) -> None:
    if not videos:
        library_is_empty()
        return
    wanted = wanted_of_address()
    with st.container(horizontal=True, vertical_alignment="bottom", key="how-much"):
        strength_slider(wanted)
        save_button(app, query)
    result = find(app, query, wanted)
    if any(moment.video_id in videos for moment in result.moments):
        results(app, query, result, wanted, videos)
    else:
        nothing_found(app, result, query, videos)
        if result.n_videos:
            mark_absent(app, query)


def _nothing_asked(app: App, videos: Sequence[Video]) -> None:
    if not videos:
        library_is_empty()
        return
    with st.container(horizontal=True, horizontal_alignment="center", key="examples"):
        for example in _examples(app):
            st.button(example, on_click=ask, kwargs={"q": example}, type="tertiary")
    ready = [video for video in videos if video.state is IndexState.READY]
    st.caption(_reach(ready, len(videos) - len(ready)), text_alignment="center")
    messages.model_state(app)
    saved_searches(app)
    _newest(ready)


def _examples(app: App) -> Sequence[str]:
    """Give what to try: what a file in the data folder says, a line each; else the usual."""
    try:
        said = (app.settings.data / EXAMPLES_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        said = []
    own = dict.fromkeys(one.strip() for one in said if one.strip())
    return tuple(own)[:_MOST_EXAMPLES] or EXAMPLES


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


page()
