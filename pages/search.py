"""Search: one box, what else is asked, and the moments found. All of it lives in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bootstrap import App
from core.model import IndexState, SearchResult, Video
from core.query import Filters, Query
from pages.parts import messages, session
from pages.parts.address import asked, is_asked, put
from pages.parts.asking import ask, more_fields, pasted, pills, query_of_address, words_box
from pages.parts.finding import find
from pages.parts.go import address
from pages.parts.marking import mark_absent
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
    wanted = wanted_of_address()
    with st.container(horizontal=True, vertical_alignment="bottom", key="how-much"):
        strength_slider(wanted)
        save_button(app, query)
    result = find(app, query, wanted)
    if any(moment.video_id in videos for moment in result.moments):
        results(app, query, result, wanted, videos)
    else:
        _nothing_found(result, query, videos)
        if result.n_videos:
            mark_absent(app, query)


def _nothing_asked(app: App, videos: Sequence[Video]) -> None:
    if not videos:
        text = "Add a video, then type what you remember of it."
        messages.empty("movie", "Your library is empty", text, go="Add videos", to="add")
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


def _nothing_found(result: SearchResult, query: Query, videos: dict[str, Video]) -> None:
    if not result.n_videos:
        _nothing_searched(query, videos)
        return
    videos_searched = many(result.n_videos, "video")
    matched = f"0 of {many(result.n_clips, 'moment')} of {videos_searched} match."
    if query.filters != Filters():
        matched = f"0 of {many(result.n_clips, 'filtered moment')} match, in {videos_searched}."
    nearest = ""
    if result.best_strength is not None:
        nearest = f" The nearest is {result.best_strength:.0%} sure."
    if not result.n_clips:
        matched, nearest = "No moment lies in that stretch of time.", ""
    again = "Try other words, look everywhere, or move “How sure” to the left."
    if not query.text:
        again = "Move “How sure” to the left to see the nearest, or say in words what it shows."
    messages.empty("search_off", "Nothing here matches", f"{matched}{nearest} {again}")
    if not query.text and result.n_clips and result.floor > 0:
        _offer_nearest()


def _offer_nearest() -> None:
    """Draw the button that shows what is nearest, however weak it is, in this search alone."""
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Show the nearest anyway", icon=":material/near_me:", on_click=put,
            kwargs={"floor": "0"},
        )  # fmt: skip


def _nothing_searched(query: Query, videos: dict[str, Video]) -> None:
    ids = query.filters.video_ids or ()
    waiting = [videos[one].name for one in ids if one in videos]
    if waiting:
        text = "It can be searched as soon as it is indexed."
        title = "This video is not searchable yet"
    elif any(video.state is IndexState.READY for video in videos.values()):
        text = "No video is tagged, dated or sized like that. Take a filter away."
        messages.empty("filter_alt_off", "No video to look in", text)
        return
    else:
        text = "The search opens as soon as the first moments are in the library."
        title = "Nothing is searchable yet"
    messages.empty("hourglass_top", title, text, go="See how far it is", to="add")


page()
