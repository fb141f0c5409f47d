"""How much a search shows: how sure it has to be, how many of one video, how many in all.

All of it lives in the address; the least strength is also remembered by the browser, for searches
to come.
"""

from __future__ import annotations

import streamlit as st

from core.model import SearchResult
from core.query import FLOOR, PER_VIDEO, Wanted
from pages.parts.address import asked, field, put
from pages.parts.component import component
from pages.parts.words import seconds

_COOKIE = "reelseek_floor"
_FLOORS = {0.85: "Strong only", FLOOR: "Strong and possible", 0.2: "Weak, too", 0.0: "Everything"}
_PAGE = 24
_PADDINGS_S = (0.0, 1.0, 2.0, 5.0, 10.0)


def wanted_of_address() -> Wanted:
    """Read it; what makes no sense counts as not said."""
    n = seconds(asked("n"))
    padding_s = seconds(asked("pad"))
    return Wanted(
        limit=_PAGE if n is None else max(_PAGE, min(960, int(n))),
        floor=_floor(),
        per_video=None if asked("all") else PER_VIDEO,
        padding_s=0.0 if padding_s is None else min(60.0, padding_s),
    )


def _floor() -> float:
    said = seconds(asked("floor"))
    if said is None:
        said = st.session_state.get("floor-remembered")
    if said is None:
        said = seconds(str(st.context.cookies.get(_COOKIE, "")))
    return FLOOR if said is None else min(1.0, said)


def strength_slider(wanted: Wanted) -> None:
    """Draw the choice of how sure a moment has to be."""
    nearest = min(_FLOORS, key=lambda floor: abs(floor - wanted.floor))

    def take() -> None:
        floor = st.session_state["floor"]
        st.session_state["floor-remembered"] = floor
        put(floor="" if floor == FLOOR else floor)

    field("floor", nearest)
    st.select_slider(
        "How sure", list(_FLOORS), key="floor", on_change=take, format_func=_FLOORS.__getitem__,
        help="How surely a moment shows what you ask for, measured against what this library "
        "answers to things that it cannot hold. Remembered for your next searches.",
    )  # fmt: skip
    remember = component("remember", "<i hidden></i>")
    remember(key="remember", data={"name": _COOKIE, "value": str(wanted.floor)})


def padding_choice() -> None:
    """Draw the choice of how much is played around a moment."""
    said = seconds(asked("pad")) or 0.0
    nearest = min(_PADDINGS_S, key=lambda padding_s: abs(padding_s - said))

    def take() -> None:
        padding_s = st.session_state["pad"]
        put(pad=f"{padding_s:g}" if padding_s else "")

    field("pad", nearest)
    st.selectbox(
        "Play before and after each", _PADDINGS_S, key="pad", on_change=take,
        format_func=lambda padding_s: f"{padding_s:g} s more" if padding_s else "Nothing more",
    )  # fmt: skip


def more_to_show(result: SearchResult, wanted: Wanted) -> None:
    """Draw the ways to what is held back, and to what comes after the last."""
    n_shown = sum(1 + len(moment.similar) for moment in result.moments)
    n_after = result.n_matches - result.n_held_back - n_shown
    with st.container(horizontal=True, key="more-to-show"):
        if result.n_held_back:
            st.button(
                f"Show {result.n_held_back:,} more of the same videos",
                on_click=put, kwargs={"all": "1"}, icon=":material/unfold_more:",
            )  # fmt: skip
        elif asked("all"):
            st.button(
                f"At most {PER_VIDEO} of each video", on_click=put, kwargs={"all": ""},
                icon=":material/unfold_less:",
            )  # fmt: skip
        if n_after > 0:
            st.button(
                "Show more", on_click=put, kwargs={"n": wanted.limit + 2 * _PAGE},
                icon=":material/expand_more:",
            )  # fmt: skip
