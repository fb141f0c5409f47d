"""How one video stands on its own page while it cannot be searched, and what can be done."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.bootstrap import App
from core.model import IndexState, Video
from pages.parts import messages
from pages.parts.jobs import pace_words
from pages.parts.words import markdown

_BUSY = (IndexState.INDEXING, IndexState.WAITING)


def standing(app: App, video: Video) -> None:
    """Draw it, again and again while a worker is at it."""
    run_every = "2s" if video.state in _BUSY else None
    st.fragment(messages.bounded(_state), run_every=run_every)(app, video.video_id, video.state)


def index_again(app: App, video: Video) -> None:
    """Draw the button by which a searchable video is indexed again."""
    if video.state is not IndexState.READY:
        return
    what = "Look at every second of it anew"
    if st.button("Index again", icon=":material/refresh:", help=what, width="stretch"):
        app.library.reindex([video.video_id])
        st.rerun()


def _state(app: App, video_id: str, before: IndexState) -> None:
    video = app.library.video(video_id)
    if video.state is not before:
        st.rerun(scope="app")
    if video.state not in _BUSY:
        text = video.error or "Its indexing was stopped; it cannot be searched."
        st.warning(markdown(text), icon=":material/visibility_off:")
        _button("Try again", "refresh", app.library.requeue, video_id)
        return
    if video.state is IndexState.INDEXING:
        st.progress(video.progress, text=f"Indexing, {video.progress:.0%}")
        st.caption(pace_words(video.work))
    else:
        st.caption(markdown(video.error or "Waiting for its turn to become searchable."))
        messages.model_state(app)
    _button("Cancel", "close", app.library.cancel, video_id)


def _button(label: str, icon: str, act: Callable[[str], None], video_id: str) -> None:
    """Draw what acts as it is clicked, though the run that this begins may not draw it again."""
    st.button(
        label, icon=f":material/{icon}:", key=f"{label}-{video_id}",
        on_click=messages.guarded(act), args=(video_id,),
    )  # fmt: skip
