"""Marks what is right while one searches, so that the search can be measured on these videos."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import streamlit as st

from core.bootstrap import App
from core.model import Moment, Video
from core.query import Query, Right
from pages.parts.messages import guarded


def mark_right(app: App, query: Query, moment: Moment) -> None:
    """Draw the button that says that a moment is a right answer, or takes that back."""
    words = _only_words(query)
    if not words:
        return
    mine = [
        one
        for one in app.library.rights.all()
        if one.query == words and one.video_id == moment.video_id
        and one.span is not None and one.span.overlaps(moment.span)
    ]  # fmt: skip
    if mine:
        st.button(
            "Right", icon=":material/check_circle:", key="unmark", type="primary",
            on_click=guarded(app.library.rights.remove), args=(mine[0],),
            help="Marked as a right answer; click to take it back. The Measure page counts it.",
        )  # fmt: skip
    else:
        right = Right(words, moment.video_id, moment.span)
        st.button(
            "Right", icon=":material/check_circle:", key="mark",
            on_click=guarded(app.library.rights.add), args=(right,),
            help="Mark this as a right answer, edges included. The Measure page then says how good "
            "the search is on your own videos.",
        )  # fmt: skip


def mark_absent(app: App, query: Query) -> None:
    """Draw the button that says that nothing here shows these words."""
    words = _only_words(query)
    if not words:
        return
    right = Right(words, None, None)
    is_marked = right in app.library.rights.all()
    change = app.library.rights.remove if is_marked else app.library.rights.add
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Right: nothing here shows it" if not is_marked else "Marked: nothing here shows it",
            icon=":material/check_circle:", key="mark-absent",
            on_click=guarded(change), args=(right,), type="primary" if is_marked else "tertiary",
            help="The Measure page counts how often what is absent finds nothing.",
        )  # fmt: skip


def labels(rights: Sequence[Right], videos: Mapping[str, Video]) -> str:
    """Write what was marked as the CSV that `python -m core evaluate` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("query", "video", "start_s", "end_s"))
    for one in rights:
        if one.video_id is None or one.span is None:
            writer.writerow((one.query, "", "", ""))
        elif one.video_id in videos:
            writer.writerow((one.query, one.video_id, one.span.start_s, one.span.end_s))
    return out.getvalue()


def _only_words(query: Query) -> str:
    """Give the words of a query that asks by nothing else; only these can be measured."""
    is_plain = query == Query(query.text) and len(query.lines()) == 1
    return " ".join(query.text.split()) if is_plain else ""
