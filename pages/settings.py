"""Settings: what this Reelseek runs on, and the variables that change it."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from core.bootstrap import App
from core.model import IndexState
from core.settings import DEFAULT_FRAMING, DEFAULT_MODEL
from pages.parts import session
from pages.parts.facts import facts
from pages.parts.models import models
from pages.parts.words import clock, many, size, when

PACKAGES = {
    "Streamlit": ("streamlit",),
    "torch": ("torch",),
    "CLIP": ("clip-anytorch", "clip"),  # the build on PyPI, or the one from OpenAI's repository
    "FAISS": ("faiss-cpu", "faiss-gpu"),
    "aperturedb": ("aperturedb",),
    "moviepy": ("moviepy",),
}
VARIABLES = {
    "REELSEEK_DATA": "The folder where the library lies; ~/.reelseek where it is not set.",
    "REELSEEK_MODEL": "A name of CLIP such as ViT-B/32 or ViT-L/14, or the path of a checkpoint. "
    "Another one is indexed beside the one that searches; you switch here when it is ready.",
    "REELSEEK_FRAMING": "How a frame meets the model's square: whole, centre or thirds.",
    "REELSEEK_TEMPLATES": "on: words are read in a few sentences such as a photo of them.",
    "REELSEEK_EVERY_S": "Seconds between the frames that are looked at, from 0.1 to 10.",
    "REELSEEK_SAMPLING": "exact: always the frame shown at each such instant. keyframes: only "
    "frames that are stored whole, many times faster and as coarse as they are far apart. auto, "
    "where it is not set: these alone where they come as often as frames are looked at.",
    "APERTUREDB_KEY": "An ApertureDB server to use in place of the embedded database; "
    "APERTUREDB_JSON, APERTUREDB_CONFIG and an active adb config name one too.",
    "REELSEEK_DATABASE": "embedded: use the embedded database though a server is configured.",
    "REELSEEK_MESSAGE_MB": "What that server takes in one message, 256 where it is not set; a "
    "video larger than this cannot be stored there.",
    "REELSEEK_CACHE_GB": "Room for copies of videos that only that server has, 20 where it is not "
    "set.",
}
FRAMINGS = {
    "whole": "whole: the frame squeezed to a square, nothing lost",
    "centre": "centre: the square in the middle of the frame",
    "thirds": "thirds: three squares across the frame",
}
SAMPLINGS = {
    "auto": "auto: key frames alone where they come often enough, else the exact frames",
    "exact": "exact: the frames shown at these instants",
    "keyframes": "keyframes: key frames alone, fast and coarse",
}


def page() -> None:
    """Draw the page."""
    app = session.app()
    st.title("Settings", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        facts(_library(app), key="library-facts", title="Library")
        st.subheader("What can be set", anchor=False)
        st.caption("Environment variables, read when Reelseek starts.")
        facts(VARIABLES, key="variables", stacked=True)
    with right:
        models(app)
        facts(_model(app), key="model-facts", title="Model")
        facts(_versions(), key="versions", title="Versions")


def _library(app: App) -> dict[str, str]:
    videos = app.library.videos()
    ready = [video for video in videos if video.state is IndexState.READY]
    length_s, n_clips = sum(v.facts.duration_s for v in videos), sum(v.n_clips for v in ready)
    rows = {
        "Videos": f"{many(len(videos), 'video')}, {clock(length_s)}",
        "Searchable": f"{many(len(ready), 'video')}, {many(n_clips, 'clip')}",
        "Database": app.database_name(),
        "Answers": _answers(app),
        "Folder": str(app.settings.data),
    }
    if app.settings.data.is_dir():
        rows["Free disk space"] = size(shutil.disk_usage(app.settings.data).free)
    return rows


def _answers(app: App) -> str:
    version, since = app.database_version(), app.database_since()
    return version if since is None else f"{version}, since {when(since)}"


def _model(app: App) -> dict[str, str]:
    status, info = app.models.status(), app.library.index_info()
    rows = {
        "Model": info.model if info else app.settings.model or DEFAULT_MODEL,
        "State": status.sentence,
        "Device": status.device or "chosen when the model is loaded: CUDA where there is one",
        "Framing": FRAMINGS[info.framing if info else app.settings.framing or DEFAULT_FRAMING],
        "A frame every": f"{app.settings.every_s:g} s",
        "Sampling": SAMPLINGS[app.settings.sampling],
    }
    if info is not None:
        made_by = f"{info.model} ({info.pretrained}), {info.dimensions} dimensions, {info.framing}"
        rows["Index made by"] = made_by
    return rows


def _versions() -> dict[str, str]:
    versions = {name: _version(packages) for name, packages in PACKAGES.items()}
    return {"Python": platform.python_version(), **versions}


def _version(packages: tuple[str, ...]) -> str:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return "not installed"


page()
