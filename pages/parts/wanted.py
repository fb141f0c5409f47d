"""How much a search shows: how sure it has to be, how many of one video and in all, how exactly.

All of it lives in the address. The least strength that a person chose is also remembered by their
browser, and put into the address of searches that begin without one.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.model import SearchResult
from core.query import FLOOR, PER_VIDEO, Wanted
from pages.parts.address import OF_WANTED, asked, asked_of_search, field, is_asked, put
from pages.parts.component import component
from pages.parts.go import go
from pages.parts.words import seconds

_COOKIE = "reelseek_floor"
_STRONG = 0.85  # as core.search says; the last stop, as more would hide what is called strong
_FLOORS = tuple(round(0.05 * step, 2) for step in range(18))
_PAGE = 24
_PADDINGS_S = (0.0, 1.0, 2.0, 5.0, 10.0)


def wanted_of_address() -> Wanted:
    """Read it from the address; what makes no sense counts as not said."""
    return wanted_of({name: asked(name) for name in (*OF_WANTED, "n")})


def wanted_of(params: Mapping[str, str]) -> Wanted:
    """Read it from the parameters of an address."""
    n = seconds(params.get("n", ""))
    floor = seconds(params.get("floor", ""))
    padding_s = seconds(params.get("pad", ""))
    return Wanted(
        limit=_PAGE if n is None else max(_PAGE, min(960, int(n))),
        floor=FLOOR if floor is None else min(1.0, floor),
        per_video=None if params.get("all") else PER_VIDEO,
        padding_s=0.0 if padding_s is None else min(60.0, padding_s),
    )


def remembered() -> dict[str, str]:
    """Give the least strength that was chosen last, for the address of a search that begins."""
    floor = st.session_state.get("floor-chosen")
    if floor is None:
        floor = seconds(str(st.context.cookies.get(_COOKIE, "")))
    return {} if floor is None or floor == FLOOR else {"floor": f"{min(1.0, floor):g}"}


def recall() -> None:
    """Put what is remembered into an address that this visit began with, if it says nothing.

    Later on in a visit, an address that says nothing is one that Back leads to, and means it.
    """
    if st.session_state.setdefault("is-recalled", False):
        return
    st.session_state["is-recalled"] = True
    floor = remembered()
    if floor and is_asked() and not asked("floor"):
        go("search", replace=True, **{**asked_of_search(), **floor})


def strength_slider(wanted: Wanted) -> None:
    """Draw the choice of how sure a moment has to be."""

    def take() -> None:
        floor = float(st.session_state["floor"])
        st.session_state["floor-chosen"] = floor
        st.session_state["floor-moved"] = True
        put(floor="" if floor == FLOOR else f"{floor:g}")

    field("floor", wanted.floor)
    st.select_slider(
        "How sure", sorted({*_FLOORS, wanted.floor}), key="floor", on_change=take,
        format_func=_floor_words,
        help="How surely a moment shows what you ask for, measured against what this library "
        "answers to things that it cannot hold. Remembered for your next searches.",
    )  # fmt: skip
    if st.session_state.pop("floor-moved", False):  # nobody else's choice, as in a link, counts
        remember = component("remember", "<i hidden></i>")
        remember(key="remember", data={"name": _COOKIE, "value": f"{wanted.floor:g}"})


def _floor_words(floor: float) -> str:
    if floor == 0:
        return "Everything"
    if floor < FLOOR:
        return f"Weak, too · {floor:.0%}"
    return f"Strong only · {floor:.0%}" if floor >= _STRONG else f"Possible, too · {floor:.0%}"


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


def is_exact() -> bool:
    """Say whether the address asks for edges that are placed to a frame."""
    return asked("exact") == "1"


def exact_toggle() -> None:
    """Draw the choice of edges that are placed to a frame."""
    field("exact", is_exact())
    st.toggle(
        "Exact edges", key="exact",
        on_change=lambda: put(exact="1" if st.session_state["exact"] else ""),
        help="Looks at every frame around the beginning and the end of the moment that plays, then "
        "of the first results.",
    )  # fmt: skip


def more_to_show(result: SearchResult, wanted: Wanted) -> None:
    """Draw the ways to what is held back, and to what comes after the last."""
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
        if result.has_more:
            st.button(
                "Show more", on_click=put, kwargs={"n": wanted.limit + 2 * _PAGE},
                icon=":material/expand_more:",
            )  # fmt: skip
