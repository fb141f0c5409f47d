"""Measure: how good the search is on one's own videos, by the answers that people marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

import streamlit as st

from core.bootstrap import App
from core.errors import ReelseekError
from core.model import IndexStatus, Video
from core.query import Right, Wanted
from pages.parts import messages, session
from pages.parts.marking import labels
from pages.parts.words import clock, many, markdown

if TYPE_CHECKING:
    from core.bootstrap import Report

_NAMES = {
    "recall_at_1": ("Right answer first", "How often the first moment is a right one (R@1)."),
    "recall_at_5": ("Among the first five", "How often one of the first five is (R@5)."),
    "recall_at_10": ("Among the first ten", "How often one of the first ten is (R@10)."),
    "map": (
        "Mean average precision",
        "All right answers, in order, over overlaps of 0.5 to 0.95 (mAP).",
    ),
    "recall_at_1_iou_50": ("Edges within a half", "First, and it overlaps by half (IoU 0.5)."),
    "recall_at_1_iou_70": ("Edges within 0.7", "First, and it overlaps by 0.7 (IoU)."),
    "miou": ("Mean overlap of the first", "Intersection over union with the right answer."),
    "present_kept_rate": ("Present ones found", "How often what is there is not held back."),
    "absent_empty_rate": ("Absent ones empty", "How often what is absent finds nothing."),
}
_TOO_FEW = 10  # questions; the range of fewer is as wide as it is misleading
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
    answers = many(len(rights), "answer")
    st.caption(f"{many(n_questions, 'question')} with {answers}, marked while searching.")
    _figures(app, rights)
    _list(app, rights, videos)


def _figures(app: App, rights: Sequence[Right]) -> None:
    indexes = _named([one for one in app.library.indexes.all() if _can_be_asked(one)])
    serving = [name for name, one in indexes.items() if one.is_serving]
    settings = st.multiselect("Side by side", list(_SETTINGS), default=["As it is"], key="settings")
    models = serving
    if len(indexes) > 1:
        models = st.multiselect(
            "With the models", list(indexes), default=serving, key="models",
            help="Every model whose index of this library is complete.",
        )  # fmt: skip
    reports: dict[str, Report] = {}
    with st.spinner("Asking every question…"):
        for setting, model in product(settings, models):
            name = setting if len(models) == 1 else f"{setting}, {model}"
            try:
                reports[name] = _measured(app, setting, indexes[model], rights)
            except ReelseekError as error:
                messages.say(error, of=name)
    if reports:
        _table(reports)


def _named(indexes: Sequence[IndexStatus]) -> dict[str, IndexStatus]:
    """Name each by its model, and where that does not tell it from another, by more."""
    named: dict[str, IndexStatus] = {}
    for one in indexes:
        made_by = one.made_by
        names = (made_by.model, f"{made_by.model}, {made_by.framing}", one.name)
        named[next(name for name in names if name not in named)] = one
    return named


def _can_be_asked(index: IndexStatus) -> bool:
    return index.is_serving or (index.is_whole and not index.is_being_removed)


def _measured(app: App, setting: str, index: IndexStatus, rights: Sequence[Right]) -> Report:
    """Ask every question, or say what came of it while neither they nor the library changed."""
    kept: dict[object, Report] = st.session_state.setdefault("measured", {})
    key = (setting, index.name, index.n_clips, app.library.counts(), tuple(rights))
    if key not in kept:
        wanted, zooms = _SETTINGS[setting]
        kept[key] = app.measured(wanted, zooms=zooms, index=index.name)
    return kept[key]


def _table(reports: Mapping[str, Report]) -> None:
    measured = [name for name in _NAMES if any(name in one.measures for one in reports.values())]
    st.caption(_how_sure([_is_few(name, one) for name in measured for one in reports.values()]))
    rows = [_row(name, reports) for name in measured]
    st.table(rows, border="horizontal", hide_index=True)


def _how_sure(are_few: Sequence[bool]) -> str:
    """Say once what a figure alone, or the range beside it, says of how sure it is."""
    few = f"Fewer than {_TOO_FEW} questions are too few to say how sure a figure is"
    if all(are_few):
        return f"{few}; from {_TOO_FEW} on, its range stands beside it."
    range_ = "Small numbers of questions say little: look at the range beside each figure."
    return f"{range_} {few}; such a one has none." if any(are_few) else range_


def _row(name: str, reports: Mapping[str, Report]) -> dict[str, str]:
    words, meaning = _NAMES[name]
    row = {"Figure": words}
    for column, report in reports.items():
        if name in report.measures:
            row[column] = f"{report.measures[name]:.0%}{_range(name, report)}"
    return {**row, "What it says": meaning}


def _range(name: str, report: Report) -> str:
    """Say between what a figure lies; of a handful of questions it would claim too much."""
    if _is_few(name, report):
        return ""
    low, high = report.intervals[name]
    return f"  ({low:.0%} to {high:.0%})"


def _is_few(name: str, report: Report) -> bool:
    n_questions = report.n_absent if name.startswith("absent") else report.n_present
    return n_questions < _TOO_FEW


def _list(app: App, rights: Sequence[Right], videos: Mapping[str, Video]) -> None:
    st.subheader("What was marked", anchor=False)
    for at, right in enumerate(rights):
        with st.container(horizontal=True, vertical_alignment="center", key=f"right-{at}"):
            st.markdown(f"**{markdown(right.query)}**  ·  {_where(right, videos)}")
            st.button(
                f"Take back “{markdown(right.query)}”, {_where(right, videos)}",
                icon=":material/close:", key=f"remove-{at}", type="tertiary",
                on_click=messages.guarded(app.library.rights.remove), args=(right,),
                help="Take this back",
            )  # fmt: skip
    st.download_button(
        "Download as labels", labels(rights, videos), "labels.csv", "text/csv",
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


page()
