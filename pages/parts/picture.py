"""Takes a picture to search by: chosen or dropped in its place, or pasted anywhere on the page."""

from __future__ import annotations

import base64
import binascii

import streamlit as st

from pages.parts.component import component

_HTML = """<label class="drop" data-testid="picture-drop">
<input type="file" accept="image/*" data-testid="picture-input">
<span>Like a picture: drop, paste or choose one</span></label><p role="status" hidden></p>"""


def taken_picture() -> bytes | None:
    """Draw the place; gives the picture that was handed in there since the last run, if any."""
    return _taken("picture", _HTML)


def pasted_picture() -> bytes | None:
    """Listen, unseen, for a picture that is pasted, or dropped anywhere; gives it as above."""
    return _taken("pasting", '<p role="status" hidden></p>')


def _taken(name: str, html: str) -> bytes | None:
    before = st.session_state.get(f"{name}-place")
    taken = before.get("taken") if before else None
    draw = component(name, html, "shrink")
    draw(key=f"{name}-place", data={}, on_taken_change=lambda: None)
    if not taken or taken["n"] == st.session_state.get(f"{name}-taken"):
        return None
    st.session_state[f"{name}-taken"] = taken["n"]
    try:
        return base64.b64decode(taken["base64"], validate=True)
    except (binascii.Error, TypeError):
        return None
