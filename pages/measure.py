"""Measure: how good the search is on one's own videos, by the answers that people marked."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from core.bootstrap import App
from core.errors import SearchError
from core.model import Video
from core.query import Right, Wanted
from pages.parts import messages, session
from pages.parts.words import clock, many, markdown

if TYPE_CHECKING:
    from core.bootstrap import Report

_NAMES = {
    "recall_at_1": ("Right answer first", "How often the first moment is a right one (R@1)."),
    "recall_at_5": ("Among the first five", "How often one of the first five is (R@5)."),
    "recall_at_10": ("Among the first ten", "How often one of the first ten is (R@10)."),
    "map": ("Mean average precision", "All right answers, in order, over overlaps of 0.5 to 0.95."),
    "recall_at_1_iou_50": ("Edges within a half", "First, and it overlaps by half (IoU 0.5)."),
    "recall_at_1_iou_70": ("Edges within 0.7", "First, and it overlaps by 0.7 (IoU)."),
    "miou": ("Mean overlap of the first", "Intersection over union with the right answer."),
    "present_kept_rate": ("Present ones found", "How often what is there is not held back."),
    "absent_empty_rate": ("Absent ones empty", "How often what is absent finds nothing."),
}
_SETTINGS = {
    "As it is": (Wanted(), False),
    "Exact edges": (Wanted(), True),
    "Everything, however weak": (Wanted(floor=0.0), False),
    "Without folding": (Wanted(folds=False), False),
}


def page() -> None:
    """Draw the page."""
    app = session.app()
    st.title("Measure", anchor=False)
    rights = app.library.rights.all()
    if not rights:
        text = "Search for something and press “Right” under a moment, or where nothing is found."
        messages.empty("straighten", "No right answers yet", text, go="Search", to="search")
        return
    videos = {video.video_id: video for video in app.library.videos()}
    n_questions = len({right.query for right in rights})
    st.caption(
        f"{many(n_questions, 'question')} with {many(len(rights), 'answer')}, marked while "
        "searching. Small numbers of questions say little: look at the range beside each figure."
    )
    _figures(app)
    _list(app, rights, videos)


def _figures(app: App) -> None:
    chosen = st.multiselect("Side by side", list(_SETTINGS), default=["As it is"], key="settings")
    if not chosen:
        return
    reports: dict[str, Report] = {}
    with st.spinner("Asking every question…"):
        for name in chosen:
            wanted, zooms = _SETTINGS[name]
            try:
                reports[name] = app.measured(wanted, zooms=zooms)
            except SearchError as error:
                messages.say(error)
                return
    rows = [_row(name, reports) for name in _NAMES]
    st.table([row for row in rows if len(row) > 1])


def _row(name: str, reports: Mapping[str, Report]) -> dict[str, str]:
    words, _ = _NAMES[name]
    row = {"Figure": words}
    for setting, report in reports.items():
        if name in report.measures:
            low, high = report.intervals[name]
            row[setting] = f"{report.measures[name]:.0%}  ({low:.0%} to {high:.0%})"
    return row


def _list(app: App, rights: list[Right], videos: Mapping[str, Video]) -> None:
    st.subheader("What was marked", anchor=False)
    for at, right in enumerate(rights):
        with st.container(horizontal=True, vertical_alignment="center", key=f"right-{at}"):
            st.markdown(f"**{markdown(right.query)}**  ·  {_where(right, videos)}")
            st.button(
                "", icon=":material/close:", key=f"remove-{at}", type="tertiary",
                on_click=app.library.rights.remove, args=(right,), help="Take this back",
            )  # fmt: skip
    st.download_button(
        "Download as labels", _labels(rights, videos), "labels.csv", "text/csv",
        icon=":material/download:", help="For `python -m core evaluate labels.csv`.",
    )  # fmt: skip


def _where(right: Right, videos: Mapping[str, Video]) -> str:
    if right.video_id is None or right.span is None:
        return "nothing here shows it"
    video = videos.get(right.video_id)
    name = markdown(video.name) if video else "a video that is gone"
    return (
        f"{name}, {clock(right.span.start_s, tenths=True)} – {clock(right.span.end_s, tenths=True)}"
    )


def _labels(rights: list[Right], videos: Mapping[str, Video]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("query", "video", "start_s", "end_s"))
    for one in rights:
        if one.video_id is None or one.span is None:
            writer.writerow((one.query, "", "", ""))
        elif one.video_id in videos:
            writer.writerow((one.query, one.video_id, one.span.start_s, one.span.end_s))
    return out.getvalue()


page()
