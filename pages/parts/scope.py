"""Where a search looks: everywhere, in some videos, in a stretch of time; kept in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from core.bootstrap import App
from core.model import Video
from pages.parts import happened
from pages.parts.address import asked, asked_list, field, put
from pages.parts.words import clock, many, markdown, seconds

_PARAMETERS = ("video", "from", "to", "tags", "since", "until", "longer", "shorter", "height")
_LENGTHS_S = {"": "Any length", "60": "1 minute", "600": "10 minutes", "1800": "30 minutes",
              "3600": "1 hour"}  # fmt: skip
_HEIGHTS_PX = {"": "Any size", "720": "720 lines (HD)", "1080": "1080 lines",
               "2160": "2160 lines (4K)"}  # fmt: skip


def choose_scope(app: App, videos: Mapping[str, Video]) -> None:
    """Draw the button that says where a search looks, and opens the fields to change it."""
    limits = _limits(videos)
    label = f"Only {limits}" if limits else "Everywhere"
    with st.popover(label, icon=":material/filter_alt:", key="scope"):
        field("video", [one for one in asked_list("video") if one in videos])
        st.multiselect(
            "Videos",
            sorted(videos, key=lambda each: videos[each].name.lower()),
            key="video",
            on_change=lambda: put(video=",".join(st.session_state["video"])),
            format_func=lambda each: videos[each].name if each in videos else each,
            placeholder="All videos",
        )
        left, right = st.columns(2)
        with left:
            _time_field("From", "from", "0:00")
        with right:
            _time_field("To", "to", "the end")
        _of_videos(app)
        if limits:
            everywhere = dict.fromkeys(_PARAMETERS, "")
            st.button("Look everywhere", on_click=put, kwargs=everywhere, width="stretch")
    _say_what_is_gone(videos)


def _say_what_is_gone(videos: Mapping[str, Video]) -> None:
    ids = asked_list("video")
    n_gone = sum(one not in videos for one in ids)
    if n_gone:
        which = "The video" if len(ids) == 1 else f"{n_gone:,} of the {len(ids):,} videos"
        be = "is" if n_gone == 1 else "are"
        st.caption(f"{which} that this search was limited to {be} no longer in your library.")


def _limits(videos: Mapping[str, Video]) -> str:
    start_s, end_s = seconds(asked("from")), seconds(asked("to"))
    names = [videos[one].name for one in asked_list("video") if one in videos]
    parts = [f"in {many(len(names), 'video')}" if len(names) > 1 else ""]
    parts += [f"in {markdown(name)}" for name in names if len(names) == 1]
    parts.append(f"from {clock(start_s)}" if start_s is not None else "")
    parts.append(f"to {clock(end_s)}" if end_s is not None else "")
    tags = [markdown(tag) for tag in asked_list("tags")]
    parts.append(f"tagged {', '.join(tags)}" if tags else "")
    n_others = sum(bool(asked(name)) for name in _PARAMETERS[4:])
    parts.append(f"and {many(n_others, 'filter')}" if n_others else "")
    return " ".join(filter(None, parts))


def _of_videos(app: App) -> None:
    """Draw the fields by which videos are chosen."""
    tags = app.library.tags.all()
    chosen = [tag for tag in asked_list("tags") if tag in tags]
    if tags:
        field("tags", chosen)
        st.multiselect(
            "Tags", list(tags), key="tags", placeholder="Any",
            on_change=lambda: put(tags=",".join(st.session_state["tags"])),
        )  # fmt: skip
    left, right = st.columns(2)
    _day_field(left, "Added from", "since")
    _day_field(right, "Added until", "until")
    for place, label, name in ((left, "Longer than", "longer"), (right, "Shorter than", "shorter")):
        _choice(place, label, name, _LENGTHS_S)
    _choice(st, "Picture", "height", _HEIGHTS_PX)


def _day_field(place: st.delta_generator.DeltaGenerator, label: str, name: str) -> None:
    place.date_input(label, key=name, on_change=field(name, _day(asked(name))), format="YYYY-MM-DD")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _choice(place: Any, label: str, name: str, choices: Mapping[str, str]) -> None:
    said = asked(name)
    known = {**choices, **({said: said} if said not in choices else {})}
    place.selectbox(
        label, list(known), key=name, on_change=field(name, said), format_func=known.__getitem__
    )


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
        happened.tell()
        st.session_state[f"{name}-is-no-time"] = True
    else:
        put(**{name: "" if at_s is None else f"{at_s:.3f}".rstrip("0").rstrip(".")})
