"""Sends the browser to another page.

Streamlit's `st.switch_page` with parameters leaves a wrong address between the two pages in the
browser's history, where the Back button then ends.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

import streamlit as st

from pages.parts.component import component


def address(page: str, /, **parameters: str) -> str:
    """Give the address of a page of ours, such as /video?id=…."""
    return f"/{page}?{urlencode(parameters)}" if parameters else f"/{page}"


def go(page: str, /, *, replace: bool = False, **parameters: str) -> None:
    """Send the browser there and end this run; `replace`: Back leads to where one came from."""
    data = {"href": address(page, **parameters), "replace": replace, "n": str(time.time_ns())}
    component("go", "<i hidden></i>")(key="go", data=data)
    st.stop()
