"""Settings: what this Reelseek runs on, and the variables that change it."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import version

import streamlit as st

from core.bootstrap import App
from core.model import IndexState
from pages.parts import session
from pages.parts.words import clock, many, markdown, size

VARIABLES = {
    "REELSEEK_DATA": "the folder where the library lies",
    "REELSEEK_MODEL": "a name of CLIP such as ViT-B/32, or the path of a checkpoint",
    "REELSEEK_FRAMING": "whole, centre or thirds: how a frame meets the model's square",
    "REELSEEK_EVERY_S": "seconds between the frames that are looked at",
    "APERTUREDB_JSON": "an ApertureDB server to use in place of the embedded database "
    "(or APERTUREDB_KEY, APERTUREDB_CONFIG)",
}


def page() -> None:
    """Draw the page."""
    app = session.app()
    st.title("Settings")
    left, right = st.columns(2, gap="large")
    with left:
        _library(app)
    with right:
        _model(app)
    st.subheader("What can be set")
    st.caption("Environment variables, read when Reelseek starts.")
    st.table({"Variable": list(VARIABLES), "Meaning": list(VARIABLES.values())}, hide_index=True)


def _rows(rows: dict[str, str]) -> None:
    for name, text in rows.items():
        st.markdown(f":gray[{name}]  \n{markdown(text)}")


def _library(app: App) -> None:
    videos = app.library.videos()
    ready = [v for v in videos if v.state is IndexState.READY]
    length_s, n_moments = sum(v.facts.duration_s for v in videos), sum(v.n_clips for v in ready)
    st.subheader("Library")
    _rows(
        {
            "Videos": f"{many(len(videos), 'video')}, {clock(length_s)}",
            "Searchable": f"{many(len(ready), 'video')}, {many(n_moments, 'moment')}",
            "Database": app.database_name(),
            "Folder": str(app.settings.data),
            "Free disk space": size(shutil.disk_usage(app.settings.data).free),
        }
    )


def _model(app: App) -> None:
    status, info = app.encoder.status(), app.library.index_info()
    st.subheader("Model")
    rows = {"Model": app.settings.model, "State": status.sentence, "Framing": app.settings.framing}
    if info is not None:
        rows["Index made by"] = (
            f"{info.model} ({info.pretrained}), {info.dimensions} dimensions, {info.framing}"
        )
    versions = [f"{name} {version(name)}" for name in ("streamlit", "torch", "aperturedb")]
    rows["Versions"] = ", ".join([f"Python {platform.python_version()}", *versions])
    _rows(rows)


page()
