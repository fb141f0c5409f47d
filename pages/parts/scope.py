"""Where a search looks: everywhere, in one video, in a stretch of time; kept in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.model import Span, Video
from pages.parts.address import asked, field, put
from pages.parts.words import LONGEST_S, clock, markdown, seconds


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search is limited to; None: not limited."""

    video_ids: tuple[str, ...] | None
    span: Span | None


def scope_of_address(videos: Mapping[str, Video]) -> Scope:
    """Read the scope from the address; what makes no sense there limits nothing."""
    video_id = asked("video")
    start_s, end_s = seconds(asked("from")), seconds(asked("to"))
    span = None
    if start_s is not None or end_s is not None:
        span = Span(start_s or 0.0, LONGEST_S if end_s is None else end_s)
    return Scope((video_id,) if video_id in videos else None, span)


def choose_scope(videos: Mapping[str, Video]) -> None:
    """Draw the button that says where a search looks, and opens the fields to change it."""
    limits = _limits(videos)
    label = f"Only {limits}" if limits else "Everywhere"
    with st.popover(label, icon=":material/filter_alt:", key="scope"):
        video_id = asked("video")
        st.selectbox(
            "Video",
            sorted(videos, key=lambda each: videos[each].name.lower()),
            key="video",
            on_change=field("video", video_id if video_id in videos else None),
            format_func=lambda each: videos[each].name if each in videos else each,
            placeholder="All videos",
            index=None,
        )
        left, right = st.columns(2)
        with left:
            _time_field("From", "from", "0:00")
        with right:
            _time_field("To", "to", "the end")
        if limits:
            everywhere = {"video": "", "from": "", "to": ""}
            st.button("Look everywhere", on_click=put, kwargs=everywhere, width="stretch")
    if video_id and video_id not in videos:
        st.caption("The video that this search was limited to is no longer in your library.")


def _limits(videos: Mapping[str, Video]) -> str:
    video, start_s, end_s = videos.get(asked("video")), seconds(asked("from")), seconds(asked("to"))
    parts = [f"in {markdown(video.name)}" if video else ""]
    parts.append(f"from {clock(start_s)}" if start_s is not None else "")
    parts.append(f"to {clock(end_s)}" if end_s is not None else "")
    return " ".join(filter(None, parts))


def _time_field(label: str, name: str, placeholder: str) -> None:
    at_s = seconds(asked(name))
    field(name, "" if at_s is None else clock(at_s, tenths=at_s % 1 > 0))
    st.text_input(label, key=name, placeholder=placeholder, on_change=_take_time, args=(name,))
    if st.session_state.pop(f"{name}-is-no-time", False):
        st.caption("Type a time such as 65, 1:05 or 1:05:09.")


def _take_time(name: str) -> None:
    typed = str(st.session_state[name] or "").strip()
    at_s = seconds(typed)
    if typed and at_s is None:
        st.session_state[f"{name}-is-no-time"] = True
    else:
        put(**{name: "" if at_s is None else f"{at_s:.3f}".rstrip("0").rstrip(".")})
