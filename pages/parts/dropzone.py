"""Where videos are dropped; they go to our own streaming route, never through Streamlit."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_ARROW = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" '
    'aria-hidden="true">'
    '<path d="M12 15V4m0 0 4 4m-4-4-4 4M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3"/></svg>'
)


def dropzone(*, key: str = "dropzone") -> None:
    """Draw the drop zone and its uploads; each finished one reruns the page."""
    component = st.components.v2.component(
        "reelseek_dropzone",
        html='<label class="zone" data-testid="dropzone">'
        f"{_ARROW}<strong>Drop videos or folders here</strong>"
        "<small>or click to choose files. Any size, any common format.</small>"
        '<input type="file" multiple data-testid="dropzone-input" aria-label="Choose videos">'
        "</label>"
        '<ul aria-live="polite"></ul>',
        css=(_HERE / "dropzone.css").read_text(),
        js=(_HERE / "dropzone.js").read_text(),
    )
    component(key=key, on_added_change=lambda: None)
