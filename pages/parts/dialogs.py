"""What is asked before a video gets another name or goes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.bootstrap import App
from core.model import Video
from pages.parts.facts import heading
from pages.parts.go import go
from pages.parts.messages import bounded

MAX_NAME_CHARACTERS = 255


@st.dialog("Rename")
@bounded
def rename(app: App, video: Video) -> None:
    """Ask for another name and give it to the video."""
    with st.form("rename", border=False):
        name = st.text_input("Name", value=video.name, max_chars=MAX_NAME_CHARACTERS)
        is_given = st.form_submit_button("Save", type="primary", width="stretch")
    if not is_given:
        return
    if not (name or "").strip():
        st.caption("A video needs a name.")
        return
    app.library.rename(video.video_id, str(name).strip())
    st.rerun()


@st.dialog("Delete this video?")
@bounded
def delete(app: App, video: Video) -> None:
    """Ask whether a video may go; says what happens to its file."""
    is_ours = video.path is not None and Path(video.path).parent == app.settings.videos_folder
    file = "Its file is deleted." if is_ours else "The file itself stays where it is."
    heading(video.name, f"It leaves the library, with all its clips. {file}", key="going", level=2)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            st.rerun()
        if st.button("Delete", type="primary", icon=":material/delete:"):
            app.delete(video.video_id)
            go("library", replace=True)
