"""Names the pages and their order, and stands around each of them; nothing else."""

from pathlib import Path

import streamlit as st

from pages.parts.messages import boundary

PARTS = Path(__file__).parent / "parts"


def home() -> None:
    """Send `/` to the search; it is no page of its own, so that /search keeps its address."""
    st.switch_page("search.py", query_params=st.query_params.to_dict())


st.set_page_config(page_title="Reelseek", page_icon=str(PARTS / "icon.png"), layout="wide")
st.logo(str(PARTS / "logo.png"), size="large", link=None)
st.html(PARTS / "style.css")
page = st.navigation(
    [
        st.Page(home, title="Reelseek", default=True, visibility="hidden"),
        st.Page("search.py", title="Search", icon=":material/search:", url_path="search"),
        st.Page("library.py", title="Library", icon=":material/video_library:", url_path="library"),
        st.Page("add.py", title="Add", icon=":material/add_circle:", url_path="add"),
        st.Page("settings.py", title="Settings", icon=":material/tune:", url_path="settings"),
        st.Page("video.py", title="Video", url_path="video", visibility="hidden"),
    ],
    position="top",
)
with boundary():
    page.run()
