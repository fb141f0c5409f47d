"""A place to drop, paste or choose a picture to search by."""

from __future__ import annotations

import base64
import binascii

import streamlit as st

from pages.parts.component import component

_HTML = """<label class="drop" data-testid="picture-drop">
<input type="file" accept="image/*" hidden data-testid="picture-input">
<span>Like a picture: drop, paste or choose one</span></label><p role="status" hidden></p>"""


def taken_picture() -> bytes | None:
    """Draw the place; gives the picture that was handed in since the last run, if any."""
    before = st.session_state.get("picture-drop")
    taken = before.get("taken") if before else None
    draw = component("picture", _HTML)
    draw(key="picture-drop", data={}, on_taken_change=lambda: None)
    if not taken or taken["n"] == st.session_state.get("picture-taken"):
        return None
    st.session_state["picture-taken"] = taken["n"]
    try:
        return base64.b64decode(taken["base64"], validate=True)
    except (binascii.Error, TypeError):
        return None
