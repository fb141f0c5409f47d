"""What is asked before videos are indexed again: which ones, and how long it will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import streamlit as st

from core.bootstrap import App
from core.model import Video
from pages.parts.go import go
from pages.parts.messages import bounded
from pages.parts.words import lasts, many, markdown


@st.dialog("Index again")
@bounded
def index_again(app: App, videos: Sequence[Video], shown: Sequence[Video]) -> None:
    """Ask which videos: those `shown`, those of a folder, or all; then have that done."""
    st.caption(
        "For another framing or frame rate, or when something looks wrong. Each video is found as "
        "before until its turn comes."
    )
    choices = {f"All {many(len(videos), 'video')}": videos}
    if len(shown) < len(videos):
        choices = {f"The {many(len(shown), 'video')} that match": shown, **choices}
    folders = Counter(str(Path(video.path).parent) for video in videos if video.path)
    choices["Those of a folder"] = ()
    choice = st.radio("Which videos", list(choices), label_visibility="collapsed")
    chosen = choices[str(choice)]
    if choice == "Those of a folder":
        folder = st.selectbox(
            "Folder", sorted(folders), format_func=lambda f: f"{f} ({folders[f]})"
        )
        chosen = [v for v in videos if v.path and Path(v.path).is_relative_to(str(folder))]
    length_s = sum(video.facts.duration_s for video in chosen)
    speeds = app.library.speeds()
    soon = f", about {lasts(length_s / median(speeds))} at the usual speed" if speeds else ""
    st.markdown(markdown(f"{lasts(length_s)} of video{soon}.") if chosen else "")
    if st.button(
        f"Index {many(len(chosen), 'video')} again", type="primary", disabled=not chosen,
        icon=":material/refresh:", width="stretch",
    ):  # fmt: skip
        app.library.reindex([video.video_id for video in chosen])
        go("add")
