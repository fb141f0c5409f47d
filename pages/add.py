"""Add: drop videos in, or name a file or folder on the server; see each on its way."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.bootstrap import App
from core.errors import ReelseekError
from core.model import IndexState, Video
from pages.parts import messages, session
from pages.parts.dropzone import dropzone
from pages.parts.jobs import BUSY, ORDER, is_busy, jobs
from pages.parts.words import many, markdown

SHOWN_READY = 24


def page() -> None:
    """Draw the page."""
    app = session.app()
    st.title("Add videos", anchor=False)
    dropzone()
    _by_path(app)
    polls = any(is_busy(video) for video in app.library.videos())
    on_their_way = st.fragment(messages.bounded(_on_their_way), run_every="1s" if polls else None)
    on_their_way(app, polls=polls)


def _by_path(app: App) -> None:
    with st.expander("Add from this server's disk", icon=":material/folder_open:"):
        st.caption("The files stay where they are; nothing is copied.")
        with (
            st.form("by-path", border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            text = st.text_input("File or folder", placeholder="/media/archive/2024")
            is_given = st.form_submit_button("Add", icon=":material/add:")
        if is_given and text.strip():
            _add_path(app, Path(text.strip()).expanduser())


def _add_path(app: App, path: Path) -> None:
    try:
        files = app.intake.find_files([path])
    except ReelseekError as error:
        messages.say(error)
        return
    if not files:
        st.info(f"There are no videos in {markdown(str(path))}.", icon=":material/folder_off:")
        return
    bar, n_new, n_known = st.progress(0.0), 0, 0
    for n, file in enumerate(files):
        bar.progress(n / len(files), text=f"Looking at {markdown(file.name)}")
        try:
            added = app.intake.add_file(file)
        except ReelseekError as error:
            messages.say(error, of=file.name)
            continue
        n_known += added.already
        n_new += not added.already
    bar.empty()
    _say_how_many(n_new, n_known)


def _say_how_many(n_new: int, n_known: int) -> None:
    known = f"{many(n_known, 'video')} had been in your library already." if n_known else ""
    if n_new:
        st.success(f"Added {many(n_new, 'video')}. {known}", icon=":material/check_circle:")
    elif known:
        st.info(known, icon=":material/check_circle:")


def _on_their_way(app: App, *, polls: bool) -> None:
    videos = app.library.videos()
    if any(is_busy(video) for video in videos) != polls:
        st.rerun(scope="app")  # switches the polling on or off
    messages.model_state(app)
    if not videos:
        return
    n_busy = sum(video.state in BUSY for video in videos)
    heading = f"{many(n_busy, 'video')} on the way" if n_busy else "Your videos"
    st.subheader(heading, anchor=False)
    clicked = jobs(_shown(videos))
    if len(videos) > SHOWN_READY:
        st.page_link("library.py", label=f"All {many(len(videos), 'video')} in the library")
    if clicked:
        _act(app, *clicked)


def _shown(videos: list[Video]) -> list[Video]:
    """Put what needs attention first, and of the rest only the newest."""
    ready = [video for video in videos if video.state is IndexState.READY]
    others = [video for video in videos if video.state is not IndexState.READY]
    return sorted(others, key=lambda video: ORDER.index(video.state)) + ready[:SHOWN_READY]


def _act(app: App, act: str, video_id: str) -> None:
    if act == "cancel":
        app.library.cancel(video_id)
    else:
        app.library.requeue(video_id)
    st.rerun(scope="app")


page()
