"""Add: drop videos in, or name a file or folder on the server; see each on its way."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import streamlit as st

from core.bootstrap import App, Tally
from core.model import IndexState, Video
from pages.parts import messages, session
from pages.parts.additions import additions
from pages.parts.dropzone import dropzone
from pages.parts.jobs import DEVICES, PACE, jobs
from pages.parts.words import lasts, many

SHOWN = {IndexState.FAILED: 24, IndexState.CANCELLED: 12, IndexState.READY: 24}
SHOWN_WAITING = 12
LOOKS_S = {True: 1.0, False: 5.0}  # often while something runs; else to notice what others begin


def page() -> None:
    """Draw the page."""
    app = session.app()
    st.title("Add videos", anchor=False)
    dropzone()
    _by_path(app)
    is_busy = _is_busy(app, app.library.overview.now()[0])
    on_their_way = st.fragment(messages.bounded(_on_their_way), run_every=LOOKS_S[is_busy])
    on_their_way(app, was_busy=is_busy)


def _by_path(app: App) -> None:
    with st.expander("Add from this server's disk", icon=":material/folder_open:"):
        st.caption(
            "The files stay where they are; nothing is copied. Of a folder, you first see what "
            "adding it would take."
        )
        with (
            st.form("by-path", border=False, clear_on_submit=True),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            text = st.text_input("File or folder", placeholder="/media/archive/2024")
            is_given = st.form_submit_button("Add", icon=":material/add:")
        if is_given and text.strip():
            app.additions.ask(Path(text.strip()))


def _is_busy(app: App, tally: Tally) -> bool:
    return tally.is_busy or any(not one.has_ended for one in app.additions.all())


def _on_their_way(app: App, *, was_busy: bool) -> None:
    tally, running = app.library.overview.now()
    if _is_busy(app, tally) != was_busy:
        st.rerun(scope="app")  # looks more or less often
    messages.model_state(app)
    if additions(app, app.additions.all()):
        st.rerun(scope="app")
    if not tally.n_videos:
        return
    _summary(app, tally, running)
    clicked = jobs(_shown(app, tally, running))
    n_not_shown = tally.n_waiting - SHOWN_WAITING
    if n_not_shown > 0:
        st.caption(f"{many(n_not_shown, 'video')} more {'wait' if n_not_shown > 1 else 'waits'}.")
    st.page_link("library.py", label=_all_words(tally.n_videos))
    if clicked:
        _act(app, *clicked)


def _all_words(n_videos: int) -> str:
    return f"All {n_videos:,} videos in the library" if n_videos > 1 else "See it in the library"


def _summary(app: App, tally: Tally, running: list[Video]) -> None:
    """Say how far all is; a click counts by its button's key, whatever is drawn by then."""
    n = tally.n_on_the_way
    with st.container(horizontal=True, key="on-the-way"):  # style.css puts both on one line
        with st.container(gap="small"):
            st.subheader(f"{many(n, 'video')} on the way" if n else "Your videos", anchor=False)
            if words := _pace(app, tally, running):
                st.caption(words)
        if n > 1:
            with st.popover("Cancel all", width="content"):
                st.caption("What is searchable stays; the rest can be tried again at any time.")
                st.button(
                    f"Cancel {many(n, 'video')}", key="cancel-all", type="primary",
                    on_click=messages.guarded(app.library.cancel_all),
                )  # fmt: skip
        elif not n and tally.n_failed + tally.n_cancelled > 1:
            st.button(
                "Try all again", icon=":material/refresh:", key="try-all",
                on_click=messages.guarded(_try_all_again), args=(app,),
            )  # fmt: skip


def _pace(app: App, tally: Tally, running: list[Video]) -> str:
    """Say how fast the library grows, when all is done, and what that depends on."""
    found = app.pace(running, lambda: _waiting_s(app) if tally.n_waiting else 0.0)
    if found is None:
        return ""
    words = [f"{found.speed:.3g}× real time in all", f"about {lasts(found.left_s)} left"]
    held_up = sorted({PACE[bottleneck] for bottleneck in found.bottlenecks})
    where = sorted({DEVICES.get(device, device) for device in found.devices})
    return " · ".join([*words, *held_up, *where])


@st.cache_data(ttl=20, show_spinner=False)
def _waiting_s(_app: App) -> float:
    """Add up what waits; not at every look, as that reads all of it."""
    return _app.library.overview.waiting_s()


def _shown(app: App, tally: Tally, running: list[Video]) -> list[Video]:
    """Put what runs first, then what needs attention, and of the rest only the newest."""
    overview = app.library.overview
    waiting = overview.some(IndexState.WAITING, SHOWN_WAITING, order="oldest")
    if st.session_state.get("ended-at") != tally:  # what has ended changes with the counts only
        st.session_state["ended"] = {state: overview.some(state, n) for state, n in SHOWN.items()}
        st.session_state["ended-at"] = tally
    ended: dict[IndexState, list[Video]] = st.session_state["ended"]
    shown: dict[str, Video] = {}
    of_state = [ended[IndexState.FAILED], waiting, ended[IndexState.CANCELLED]]
    for video in chain(running, *of_state, ended[IndexState.READY]):
        shown.setdefault(video.video_id, video)
    return list(shown.values())


def _try_all_again(app: App) -> None:
    states = (IndexState.FAILED, IndexState.CANCELLED)
    n = app.library.overview.now()[0].n_videos
    videos = [video for state in states for video in app.library.overview.some(state, n)]
    app.library.reindex([video.video_id for video in videos])


def _act(app: App, act: str, video_id: str) -> None:
    if act == "cancel":
        app.library.cancel(video_id)
    elif act == "again":
        app.library.requeue(video_id)
    else:
        app.library.reindex([video_id])
    st.rerun(scope="app")


page()
