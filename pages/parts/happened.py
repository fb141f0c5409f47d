"""Counts what people click and change, so that a part of a page can tell that the page is due.

Streamlit sends what is asked at one instant as one run. Where some of it comes from a part that
runs on its own, that part alone may run (`scheduleFlush` of its frontend's WidgetStateManager).
Callbacks are called all the same: those of a page with such a part tell it here.
"""

from __future__ import annotations

import streamlit as st

_COUNT = "n-happened"


def tell() -> None:
    """Tell that somebody clicked or changed something on the page."""
    st.session_state[_COUNT] = count() + 1


def count() -> int:
    """Say how often that was told in this session."""
    return int(st.session_state.get(_COUNT, 0))
