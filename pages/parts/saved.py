"""Searches that somebody keeps: saved from a search, shown where nothing is asked yet."""

from __future__ import annotations

import streamlit as st

from core.address import from_params, to_params
from core.bootstrap import App
from core.query import Query, SavedSearch
from pages.parts.address import OF_WANTED, asked, put
from pages.parts.asking import params_of
from pages.parts.messages import guarded
from pages.parts.wanted import wanted_of
from pages.parts.words import many, markdown


def save_button(app: App, query: Query) -> None:
    """Draw the button that saves the search under a name."""
    params = to_params(query) | {name: asked(name) for name in OF_WANTED if asked(name)}
    kept = next((one for one in app.library.saved.all() if one.params == params), None)
    if kept is not None:
        _forget(app, kept)
        return
    with (
        st.popover("Save", icon=":material/bookmark:", key="save"),
        st.form("save-as", border=False),
    ):
        usual = " ".join(query.text.split()) or "Like a picture"
        name = st.text_input("Name", value=usual[:80])
        if st.form_submit_button("Save this search", type="primary") and name.strip():
            app.library.saved.save(name, params)
            st.rerun()


def _forget(app: App, kept: SavedSearch) -> None:
    """Draw that the search is saved, and ask before it is forgotten."""
    with st.popover("Saved", icon=":material/bookmark_added:", key="saved-as"):
        st.caption(f"Saved as {markdown(kept.name)}, for everybody who searches here.")
        st.button(
            "Forget", icon=":material/delete:", key="forget", type="primary",
            on_click=guarded(app.library.saved.delete), args=(kept.saved_id,),
        )  # fmt: skip


def saved_searches(app: App) -> None:
    """Draw the saved searches, each with what is new since somebody looked."""
    kept = app.library.saved.all()
    if not kept:
        return
    st.markdown("##### Saved searches")
    with st.container(horizontal=True, gap="small", key="saved"):
        for one in kept:
            label = markdown(one.name)
            n_new = _n_new(app, one)
            st.button(
                f"{label}  **{n_new}**" if n_new else label, key=f"saved-{one.saved_id}",
                icon=":material/bookmark:", on_click=guarded(_open), args=(app, one),
            )  # fmt: skip


def _n_new(app: App, saved: SavedSearch) -> str:
    """Say what came since: its moments, or its videos while the model is not loaded.

    It may be here and ready, and still take seconds to load, which this page does not wait for.
    """
    n_videos = len(app.library.searchable(indexed_after=saved.seen_at))
    if not n_videos:
        return ""
    if not app.encoder.is_loaded:
        return f"{many(n_videos, 'new video')}"
    n_new = app.searcher.n_new(from_params(saved.params), saved, wanted_of(saved.params))
    return f"{n_new:,} new" if n_new else ""


def _open(app: App, saved: SavedSearch) -> None:
    app.library.saved.seen(saved.saved_id)
    wanted = {name: saved.params.get(name, "") for name in OF_WANTED}
    put(**params_of(from_params(saved.params)), **wanted, n="")
