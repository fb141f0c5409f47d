"""Add: drop videos in, or name a file or folder on the server; see each on its way."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.bootstrap import App
from core.errors import ReelseekError
from core.model import IndexState, Video
from pages.parts import messages, session
from pages.parts.dropzone import dropzone
from pages.parts.words import clock, many, markdown, size

SHOWN = 60
BUSY = (IndexState.INDEXING, IndexState.WAITING)
WORDS = {
    IndexState.WAITING: "Waiting for its turn",
    IndexState.READY: "Searchable",
    IndexState.CANCELLED: "Stopped",
}


def page() -> None:
    """Draw the page."""
    app = session.app()
    st.title("Add videos")
    dropzone()
    _by_path(app)
    messages.model_state(app)
    is_busy = any(v.state in BUSY for v in app.library.videos())
    st.fragment(_on_their_way, run_every="1s" if is_busy else None)(app, is_busy)


def _by_path(app: App) -> None:
    with st.expander("Add from this server's disk", icon=":material/folder_open:"):
        st.caption("The files stay where they are; nothing is copied.")
        with st.form("by-path", border=False):
            text = st.text_input("File or folder", placeholder="/media/archive/2024")
            if st.form_submit_button("Add", icon=":material/add:") and text.strip():
                _add_path(app, Path(text.strip()).expanduser())


def _add_path(app: App, path: Path) -> None:
    try:
        files = app.intake.find_files([path])
    except ReelseekError as error:
        messages.say(error)
        return
    if not files:
        st.info(f"There are no videos in {path}.", icon=":material/folder_off:")
        return
    bar = st.progress(0.0)
    n_new = n_known = 0
    for n, file in enumerate(files, 1):
        bar.progress(n / len(files), text=f"Looking at {file.name}")
        try:
            added = app.intake.add_file(file)
        except ReelseekError as error:
            st.error(f"{file.name}: {error}", icon=":material/error:")
            continue
        n_known += added.already
        n_new += not added.already
    bar.empty()
    known = f" {many(n_known, 'video')} had been there already." if n_known else ""
    st.success(f"Added {many(n_new, 'video')}.{known}", icon=":material/check_circle:")


def _on_their_way(app: App, was_busy: bool) -> None:  # noqa: FBT001 - a fragment's argument
    videos = app.library.videos()
    busy = [v for v in videos if v.state in BUSY]
    if bool(busy) != was_busy:
        st.rerun(scope="app")  # switches the polling on or off
    if not videos:
        return
    order = [
        IndexState.INDEXING,
        IndexState.FAILED,
        IndexState.WAITING,
        IndexState.CANCELLED,
        IndexState.READY,
    ]
    videos.sort(key=lambda v: order.index(v.state))
    st.subheader(f"{many(len(busy), 'video')} on the way" if busy else "Your videos")
    for video in videos[:SHOWN]:
        with st.container(key=f"job-{video.video_id}", gap="xsmall"):
            _row(app, video)
    if len(videos) > SHOWN:
        st.caption(f"and {len(videos) - SHOWN:,} more; the Library has them all.")


def _row(app: App, video: Video) -> None:
    name, state, button = st.columns([6, 4, 2], vertical_alignment="center")
    facts = video.facts
    name.markdown(
        f"**{markdown(video.name)}**  \n:gray[{clock(facts.duration_s)} · {size(facts.size_bytes)}]"
    )
    key = f"do-{video.video_id}"
    if video.state is IndexState.INDEXING:
        state.progress(video.progress, text=f"Indexing, {video.progress:.0%}")
    elif video.state is IndexState.FAILED:
        state.error(video.error or "It could not be indexed.")
    else:
        state.caption(WORDS[video.state])
    if video.state in BUSY:
        if button.button("Cancel", key=key, width="stretch"):
            app.library.cancel(video.video_id)
            st.rerun(scope="app")
    elif video.state is IndexState.READY:
        button.page_link("video.py", label="Open", query_params={"id": video.video_id})
    elif button.button("Try again", key=key, width="stretch"):
        app.library.requeue(video.video_id)
        st.rerun(scope="app")


page()
