"""Which model searches, and another one beside it: how far that is, and the switch between them.

Draws nothing where there is only one, as on most days.
"""

from __future__ import annotations

import streamlit as st

from core.bootstrap import App
from core.model import EncoderInfo, IndexStatus
from pages.parts import messages
from pages.parts.facts import heading
from pages.parts.words import clock, many, markdown

LOOK_S = 2.0  # between two looks at how far it is


def models(app: App) -> None:
    """Draw the models of the library, with a button for the one change that each allows."""
    statuses, wanted, made = app.library.indexes.all(), app.models.wanted(), _name(app)
    if len(statuses) < 2 and wanted is None:
        return
    heading("Search models", key="models", level=2)
    is_to_begin = wanted is not None and not made
    moves = is_to_begin or any(_moves(status, made) for status in statuses)
    st.fragment(messages.bounded(_cards), run_every=LOOK_S if moves else None)(app)


def _moves(status: IndexStatus, made: str) -> bool:
    """Say whether a worker is at it, so that another look is worth while."""
    return status.is_being_removed or (status.name == made and not status.is_whole)


def _name(app: App) -> str:
    """Name the index that is being made, if it is there already."""
    target = app.models.next()
    return target.library.index_name if target and target.library else ""


def _cards(app: App) -> None:
    statuses = app.library.indexes.all()
    serving = next((one for one in statuses if one.is_serving), None)
    made = _name(app)
    for status in sorted(statuses, key=lambda one: not one.is_serving):
        with st.container(border=True, gap="xsmall", key=f"model-{status.name}"):
            if serving is None or status.is_serving:
                _searching(status)
            elif status.is_being_removed:
                _says(status.made_by, "is being removed")
            elif status.name == made:
                _making(app, status, serving)
            else:
                _kept(app, status)
    if not made:
        _not_begun(app)


def _says(made_by: EncoderInfo, what: str) -> None:
    st.markdown(f"**{_title(made_by)}** {what}")


def _searching(status: IndexStatus) -> None:
    _says(status.made_by, ":green-badge[:material/check: searches now]")
    st.caption(_has(status))


def _making(app: App, status: IndexStatus, serving: IndexStatus) -> None:
    if status.is_whole:
        _says(status.made_by, ":blue-badge[ready]")
        st.caption(f"{_has(status)}. {_failed(status)}You can go back at any time.")
    else:
        _says(status.made_by, "is being made ready")
        n = serving.n_videos - status.n_left
        left = f", {clock(status.left_s)} left" if status.left_s is not None else ""
        words = f"{n:,} of {many(serving.n_videos, 'video')}{left}"
        st.progress(min(1.0, max(0.0, status.progress)), text=words)
        st.caption(f"Until you switch, {_title(serving.made_by)} goes on searching.")
    _use(app, status, "Switch to", is_primary=True, is_off=not status.is_whole)


def _kept(app: App, status: IndexStatus) -> None:
    _says(status.made_by, ":gray-badge[kept]")
    lacks = many(status.n_left, "newer video")
    more = f" {lacks} must be indexed first if you go back." if status.n_left else ""
    st.caption(f"{_has(status)}.{more}")
    with st.container(horizontal=True):
        _use(app, status, "Go back to", is_primary=False, is_off=False)
        if st.button("Remove", key=f"remove-{status.name}", icon=":material/delete:"):
            _remove(app, status)


def _not_begun(app: App) -> None:
    """Say why the model that the settings name has no index yet."""
    wanted = app.models.wanted()
    if wanted is None:
        return
    if wanted.state in ("absent", "failed"):
        sentence = f"REELSEEK_MODEL names another model. {wanted.sentence}"
        st.warning(markdown(sentence), icon=":material/model_training:")
    else:
        st.caption("Another model is named; a worker begins with it when nothing else waits.")


def _use(app: App, status: IndexStatus, words: str, *, is_primary: bool, is_off: bool) -> None:
    label, key = f"{words} {_title(status.made_by)}", f"use-{status.name}"
    if st.button(label, key=key, type="primary" if is_primary else "secondary", disabled=is_off):
        app.library.indexes.use(status.name, even_if_incomplete=not is_primary)
        st.rerun(scope="app")


@st.dialog("Remove this index?")
@messages.bounded
def _remove(app: App, status: IndexStatus) -> None:
    """Ask whether an index may go; to have it again, everything has to be indexed again."""
    has = f"{_title(status.made_by)}: {_has(status)}."
    st.markdown(f"{has} Your videos stay. To go back to it later, all are indexed again.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            st.rerun()
        if st.button("Remove it", type="primary", icon=":material/delete:"):
            app.models.remove(status.name)
            st.rerun()


def _title(made_by: EncoderInfo) -> str:
    framing = "" if made_by.framing == "whole" else f", {made_by.framing}"
    return markdown(f"{made_by.model}{framing}")


def _has(status: IndexStatus) -> str:
    return f"{many(status.n_videos, 'video')}, {many(status.n_clips, 'clip')}"


def _failed(status: IndexStatus) -> str:
    if not status.n_failed:
        return ""
    return f"{many(status.n_failed, 'video')} could not be indexed and would not be found. "
