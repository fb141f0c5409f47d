"""Counts what people click and change, so that a part of a page can tell that the page is due.

Streamlit sends what is asked at one instant as one run, and that runs a part alone if the part's
own question came first (`scheduleFlush` of WidgetStateManager.ts in its frontend). Callbacks are
called all the same. Whatever is called back tells it here.
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
