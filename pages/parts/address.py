"""Keeps a page's fields and its address the same, with the address as the truth.

Each change is a step of the browser's history, so Back and Forward return to what was asked
before. (Streamlit's own `bind="query-params"` replaces the address instead.) Call `field` before
drawing the widget that has this key.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.parts import happened

OF_QUERY = (
    "q", "minus", "then", "within", "like", "picture", "blend", "up", "down", "video", "from", "to",
    "tags", "since", "until", "longer", "shorter", "height",
)  # fmt: skip
OF_WANTED = ("floor", "all", "pad", "exact")  # what a saved search keeps beside its query
OF_SEARCH = (*OF_QUERY, *OF_WANTED, "n")


def asked(name: str) -> str:
    """Give what the address says under this name, without blanks around it."""
    return str(st.query_params.get(name, "")).strip()


def asked_list(name: str) -> list[str]:
    """Give the several things that the address says under this name, with commas between them."""
    return list(dict.fromkeys(one.strip() for one in asked(name).split(",") if one.strip()))


def asked_of_search() -> dict[str, str]:
    """Give what the address says of a search, without whatever else somebody put there."""
    return {name: asked(name) for name in OF_SEARCH if asked(name)}


def is_asked() -> bool:
    """Say whether the address asks for anything."""
    return bool(asked("q") or asked("like") or asked("picture"))


def field(name: str, value: object) -> Callable[[], None]:
    """Show `value` in the widget with the key `name`; returns what to call when it changes."""
    st.session_state[name] = value
    return lambda: put(**{name: st.session_state[name]})


def put(**values: object) -> None:
    """Change the address, all at once; what is empty leaves it."""
    happened.tell()
    told = st.query_params.to_dict()
    for name, value in values.items():
        told[name] = "" if value is None else str(value).strip()
    st.query_params.from_dict({name: value for name, value in told.items() if value})
