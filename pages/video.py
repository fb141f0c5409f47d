"""Video: one video from any second of it, its clips as a strip, what it is, rename and delete."""

from __future__ import annotations

import math

import streamlit as st

from core.bootstrap import App
from core.errors import NoSuchVideoError
from core.model import Clip, IndexState, Video
from pages.parts import messages, session
from pages.parts.player import player
from pages.parts.tiles import Tile, picture_url, tiles
from pages.parts.words import clock, many, markdown, size

STRIP = 240  # clips that the strip shows at most; of a longer video every n-th


def page() -> None:
    """Draw the page."""
    app = session.app()
    video_id = st.query_params.get("id", "")
    try:
        video = app.library.video(video_id)
    except NoSuchVideoError:
        messages.empty(
            "search_off", "No such video", "It may have been deleted. Choose one from your library."
        )
        with st.container(horizontal_alignment="center"):
            if st.button("Open the library", type="primary"):
                st.switch_page("library.py")
        return
    _heading(app, video)
    left, right = st.columns([7, 3], gap="medium")
    with left:
        at = st.query_params.get("t", "")
        nonce = f"{at}:{st.session_state.get('nonce', 0)}"
        was_clicked = st.session_state.get("played") == (video.video_id, at)
        player(app, video, start_s=_seconds(at, video), nonce=nonce, autoplay=was_clicked)
    with right:
        _look_inside(video)
        _details(video)
    _strip(app, video)


def _heading(app: App, video: Video) -> None:
    title, buttons = st.columns([7, 3], vertical_alignment="bottom")
    title.markdown(f"## {markdown(video.name)}")
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Rename", icon=":material/edit:"):
            _rename(app, video)
        if st.button("Delete", icon=":material/delete:"):
            _delete(app, video)


def _seconds(text: str, video: Video) -> float:
    try:
        at_s = float(text)
    except ValueError:
        return 0.0
    return min(max(0.0, at_s), video.facts.duration_s) if math.isfinite(at_s) else 0.0


def _look_inside(video: Video) -> None:
    if video.state is not IndexState.READY:
        return
    with st.form("inside", border=False):
        words = st.text_input(
            "Look inside this video", placeholder="What happens in it?", icon=":material/search:"
        )
        if st.form_submit_button("Search", width="stretch") and words.strip():
            st.switch_page("search.py", query_params={"q": words, "video": video.video_id})


def _details(video: Video) -> None:
    facts = video.facts
    rows = {
        "Length": clock(facts.duration_s),
        "Size": size(facts.size_bytes),
        "Picture": f"{facts.width_px}×{facts.height_px}, {facts.fps:.4g} frames a second",
        "Format": " · ".join(filter(None, [facts.video_codec, facts.audio_codec or "no sound"])),
        "Added": video.added_at.astimezone().strftime("%-d %B %Y, %H:%M"),
        "Index": _index_words(video),
    }
    if video.path:
        rows["File"] = video.path
    with st.container(key="details", gap="xsmall"):
        for name, text in rows.items():
            st.markdown(f":gray[{name}]  \n{markdown(text)}")


def _index_words(video: Video) -> str:
    if video.state is IndexState.READY:
        return many(video.n_clips, "moment")
    if video.state is IndexState.INDEXING:
        return f"indexing, {video.progress:.0%}"
    return video.error or (
        "waiting for its turn" if video.state is IndexState.WAITING else "stopped"
    )


def _strip(app: App, video: Video) -> None:
    clips = app.library.clips(video.video_id)
    if not clips:
        return
    shown = [_tile(clip) for clip in clips[:: -(-len(clips) // STRIP)]]
    picked = tiles(shown, key="strip", label="Moments of this video", kind="strip")
    if picked is not None:
        st.query_params["t"] = picked  # the address always says what plays
        st.session_state["played"] = (video.video_id, picked)
        st.session_state["nonce"] = st.session_state.get("nonce", 0) + 1
        st.rerun()


def _tile(clip: Clip) -> Tile:
    image = picture_url(clip.video_id, clip.best_s)
    return Tile(f"{clip.span.start_s:.2f}", image, words=clock(clip.span.start_s))


@st.dialog("Rename")
def _rename(app: App, video: Video) -> None:
    name = st.text_input("Name", value=video.name, max_chars=255)
    if st.button("Save", type="primary", disabled=not (name or "").strip()):
        app.library.rename(video.video_id, str(name).strip())
        st.rerun()


@st.dialog("Delete this video?")
def _delete(app: App, video: Video) -> None:
    is_ours = video.path is not None and video.path.startswith(str(app.settings.videos_folder))
    st.markdown(
        f"**{markdown(video.name)}** leaves the library, with its moments. "
        + ("Its file is deleted." if is_ours else "The file itself stays where it is.")
    )
    if st.button("Delete", type="primary", icon=":material/delete:"):
        app.intake.delete(video.video_id)
        st.switch_page("library.py")


page()
