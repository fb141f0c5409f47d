"""What stands around every page: the look, the mark, and on a narrow screen the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_HERE = Path(__file__).parent
ICON = str(_HERE / "icon.png")


def frame() -> None:
    """Put the look and the mark in place."""
    st.html(_HERE / "style.css")
    st.logo(ICON, size="large", link=None)


def narrow_navigation(pages: Sequence[StreamlitPage], here: StreamlitPage) -> None:
    """Draw the bar that a narrow screen has at its foot; style.css hides it on a wide one.

    There Streamlit itself would hide the pages behind a drawer.
    """
    with st.container(key="foot", horizontal=True, gap=None):
        for page in pages:
            mark = "here" if page.url_path == here.url_path else "there"
            with st.container(key=f"foot-{page.url_path}-{mark}"):
                st.page_link(page, label=page.title, icon=page.icon, width="stretch")
