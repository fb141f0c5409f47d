"""Video: one video from any second of it, its clips as a strip, what it is, rename and delete."""

from __future__ import annotations

import math

import streamlit as st

from core.bootstrap import App
from core.errors import NoSuchVideoError, ReelseekError
from core.model import Clip, IndexState, Video
from core.query import Heat, Query
from pages.parts import messages, session
from pages.parts.address import is_asked
from pages.parts.asking import query_of_address
from pages.parts.dialogs import delete, rename
from pages.parts.facts import facts, heading
from pages.parts.go import address, go
from pages.parts.player import player
from pages.parts.standing import index_again, standing
from pages.parts.tags import tags_of
from pages.parts.tiles import Tile, clicked, picture_url, tiles
from pages.parts.wanted import remembered
from pages.parts.words import clock, many, size

STRIP = 240  # clips that the strip shows at most; of a longer video every n-th


def page() -> None:
    """Draw the page."""
    app = session.app()
    try:
        video = app.library.video(st.query_params.get("id", ""))
    except NoSuchVideoError:
        text = "It may have been deleted. Choose one from your library."
        messages.empty("search_off", "No such video", text, go="Open the library", to="library")
        return
    st.set_page_config(page_title=f"{video.name} · Reelseek")
    _heading(app, video)
    watch, about = st.columns([7, 3], gap="large")
    with watch:
        at_s = _watch(app, video)
        _strip(app, video, at_s)
    with about:
        _look_inside(app, video)
        tags_of(app, video.video_id)
        facts(_details(video), key="details")


def _heading(app: App, video: Video) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        heading(video.name, key="name-of-video")
        buttons = st.container(
            horizontal=True, width="content", gap="xsmall", key="heading-buttons"
        )
        with buttons:
            index_again(app, video)
            if st.button("Rename", icon=":material/edit:", width="stretch"):
                rename(app, video)
            if st.button("Delete", icon=":material/delete:", width="stretch"):
                delete(app, video)


def _watch(app: App, video: Video) -> float:
    """Draw the player; returns where it starts."""
    picked = clicked("strip", of=video.video_id)
    if picked is not None:
        st.query_params["t"] = picked.key  # the address always says what plays
    at_s = _seconds(st.query_params.get("t", ""), video)
    heat = _heat(app, video)
    like = "" if video.state is not IndexState.READY else _like(video)
    player(
        app, video, start_s=at_s, was_clicked=picked is not None, like=like,
        heat=heat, heat_says=_heat_says(query_of_address({})) if heat else "",
    )  # fmt: skip
    return at_s


def _like(video: Video) -> str:
    """Give the address of a search for what is like the video's beginning; the player sets when."""
    return address("search", like=f"{video.video_id}@0", **remembered())


def _heat(app: App, video: Video) -> Heat | None:
    """Say how the search that led here is answered along the video; None: none did."""
    if not is_asked() or video.state is not IndexState.READY:
        return None
    try:
        return app.searcher.heat(query_of_address({video.video_id: video}), video.video_id)
    except ReelseekError:  # the player is what counts
        return None


def _heat_says(query: Query) -> str:
    """Say what the search that led here asks for; its words are text, not Markdown."""
    lines = [f"“{' '.join(line.split())}”" for line in query.text.splitlines() if line.strip()]
    pictures = ["the picture"] if query.has_picture else []
    asked = " and ".join(filter(None, [" or ".join(lines), *pictures]))
    then = f", then “{query.then}”" if query.then else ""
    minus = f", without {query.minus}" if query.minus else ""
    return f"How well each instant matches {asked}{then}{minus}"


def _seconds(text: str, video: Video) -> float:
    try:
        at_s = float(text)
    except ValueError:
        return 0.0
    return min(max(0.0, at_s), video.facts.duration_s) if math.isfinite(at_s) else 0.0


def _strip(app: App, video: Video, at_s: float) -> None:
    clips = app.library.clips(video.video_id)
    if not clips:
        return
    shown = clips[:: -(-len(clips) // STRIP)]
    here = max((c.span.start_s for c in shown if c.span.start_s <= at_s), default=0.0)
    tiles(
        [_tile(clip) for clip in shown],
        key="strip",
        of=video.video_id,
        label="Clips of this video",
        kind="strip",
        selected=str(here),
    )


def _tile(clip: Clip) -> Tile:
    image = picture_url(clip.video_id, clip.best_s)
    return Tile(str(clip.span.start_s), image, words=clock(clip.span.start_s))


def _look_inside(app: App, video: Video) -> None:
    if video.state is not IndexState.READY:
        standing(app, video)
        return
    st.text_input(
        "Search inside this video", placeholder="Search inside this video", type="search",
        icon=":material/search:", label_visibility="collapsed", key="inside", on_change=_ask_inside,
    )  # fmt: skip
    words = st.session_state.pop("asked-inside", "")
    if words:
        go("search", q=words, video=video.video_id, **remembered())


def _ask_inside() -> None:
    """Take the words out of the field, or coming back to this page would search again."""
    st.session_state["asked-inside"] = str(st.session_state["inside"] or "").strip()
    st.session_state["inside"] = ""


def _details(video: Video) -> dict[str, str]:
    about = video.facts
    rows = {
        "Length": clock(about.duration_s, tenths=True),
        "Size": size(about.size_bytes),
        "Picture": f"{about.width_px} × {about.height_px}, {about.fps:.4g} frames a second",
        "Format": " · ".join(filter(None, [about.video_codec, about.audio_codec or "no sound"])),
        "Added": video.added_at.astimezone().strftime("%-d %B %Y, %H:%M"),
    }
    if video.n_clips:
        rows["Index"] = many(video.n_clips, "clip")
    return rows | ({"File": video.path} if video.path else {})


page()
