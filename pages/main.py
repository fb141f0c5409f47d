"""Names the pages and their order, and stands around each of them; nothing else."""

import streamlit as st

from pages.parts.address import asked_of_search
from pages.parts.frame import ICON, frame, narrow_navigation
from pages.parts.go import go
from pages.parts.messages import boundary


def home() -> None:
    """Send `/` to the search; it is no page of its own, so that /search keeps its address."""
    go("search", replace=True, **asked_of_search())


st.set_page_config(page_title="Reelseek", page_icon=ICON, layout="wide")
frame()
shown = [
    st.Page("search.py", title="Search", icon=":material/search:", url_path="search"),
    st.Page("library.py", title="Library", icon=":material/video_library:", url_path="library"),
    st.Page("add.py", title="Add", icon=":material/add_circle:", url_path="add"),
    st.Page("measure.py", title="Measure", icon=":material/straighten:", url_path="measure"),
    st.Page("settings.py", title="Settings", icon=":material/tune:", url_path="settings"),
]
unlisted = [
    st.Page(home, title="Reelseek", default=True, visibility="hidden"),
    st.Page("video.py", title="Video", url_path="video", visibility="hidden"),
]
page = st.navigation([*shown, *unlisted], position="top")
narrow_navigation(shown, page)
with boundary():
    page.run()
