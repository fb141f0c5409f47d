"""Takes a picture to search by: chosen or dropped in its place, or pasted anywhere on the page."""

from __future__ import annotations

import base64
import binascii

import streamlit as st

from pages.parts import happened
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
    place, kept = f"{name}-place", f"{name}-taken"

    def keep() -> None:  # a run that ends before it asks must not lose the picture
        happened.tell()
        st.session_state[kept] = st.session_state[place].get("taken")

    component(name, html, "shrink")(key=place, data={}, on_taken_change=keep)
    taken = st.session_state.pop(kept, None)
    if not taken:
        return None
    try:
        return base64.b64decode(taken["base64"], validate=True)
    except (binascii.Error, TypeError):
        return None
