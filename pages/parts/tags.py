"""The tags of one video: shown, added, taken away."""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from pages.parts.messages import guarded


def tags_of(app: App, video_id: str) -> None:
    """Draw the field that holds a video's tags; a new one is typed, a known one chosen."""
    now = app.library.tags.of(video_id)
    key = f"tags-of-{video_id}"
    st.session_state[key] = now

    def take() -> None:
        chosen = [" ".join(str(tag).replace(",", " ").split()) for tag in st.session_state[key]]
        for tag in set(now) - set(chosen):
            app.library.tags.remove(video_id, tag)
        for tag in filter(None, chosen):
            if tag not in now:
                app.library.tags.add(video_id, tag)

    st.multiselect(
        "Tags", sorted({*app.library.tags.all(), *now}), key=key, on_change=guarded(take),
        accept_new_options=True, placeholder="Add a tag",
    )  # fmt: skip
