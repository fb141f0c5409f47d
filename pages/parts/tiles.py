"""Grids and strips of pictures to click."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal
from urllib.parse import quote

import streamlit as st

from core.model import IndexState, Span, Video
from pages.parts import happened
from pages.parts.component import component
from pages.parts.words import clock


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture with its words; `bar` is 0..1. With `href` it is a link, else a button.

    With `video_id` a strip below the picture says how well each part of that video matches, once
    pages.parts.strips knows; it lasts `length_s`, and `span` of it is marked, start and end in
    seconds. With `tells` there is room for a line of what each term of the search did, which comes
    the same way. With `likes` a second, small button asks for what is like it.
    """

    key: str
    image: str
    title: str = ""
    corner: str = ""
    words: str = ""
    badge: str = ""
    quiet: bool = False
    bar: float | None = None
    href: str = ""
    video_id: str = ""
    length_s: float = 0.0
    span: tuple[float, float] | None = None
    tells: bool = False
    likes: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """What a click chose: a tile, and on its strip an instant of its video."""

    key: str
    at_s: float | None = None


def poster_url(video: Video) -> str:
    """Give the address of the picture that stands for a video; none before it was looked at."""
    is_there = video.state is IndexState.READY
    return f"/api/video/{quote(video.video_id)}/poster" if is_there else ""


def picture_url(video_id: str, at_s: float) -> str:
    """Give the address of the picture of the clip at a time, not rounded to another clip."""
    return f"/api/video/{quote(video_id)}/picture?t={at_s}"


def stretch(span: Span) -> str:
    """Say from when to when a moment lasts, for the corner of its tile."""
    return f"{clock(span.start_s)} – {clock(span.end_s)}"


def clicked(key: str, *, of: str = "") -> Pick | None:
    """Give what was clicked in the grid `key` and not given yet; ask before drawing.

    What was clicked while the grid showed what is `of` something else is forgotten.
    """
    shown, picked = st.session_state.pop(f"{key}-picked", ("", None))
    if not picked or shown != of:
        return None
    at_s = picked.get("at_s")
    is_time = isinstance(at_s, int | float) and math.isfinite(at_s) and at_s >= 0
    return Pick(str(picked["key"]), float(at_s) if is_time else None)


def tiles(
    shown: Sequence[Tile],
    *,
    key: str,
    label: str,
    of: str = "",
    selected: str | None = None,
    kind: Literal["", "strip"] = "",
    tile_px: int = 210,
    strips: str = "",
    on_like: Callable[[str], None] | None = None,
) -> None:
    """Draw the tiles, `selected` marked; a click on one that is no link reruns the page.

    `of` says what they are of, where the same grid shows one thing after another.
    `strips` names what pages.parts.strips is to bring; `on_like` is called with the tile that
    more is asked like.
    """

    def like() -> None:
        happened.tell()
        asked = st.session_state[key].get("liked")
        if asked and on_like is not None:
            on_like(str(asked["key"]))

    def keep() -> None:  # a run that ends before it asks must not lose the click
        happened.tell()
        st.session_state[f"{key}-picked"] = (of, st.session_state[key].get("picked"))

    data: dict[str, object] = {
        "tiles": [asdict(tile) for tile in shown],
        "label": label,
        "kind": kind,
        "strips": strips,
    }
    data |= {"tile_px": tile_px, "selected": selected}
    draw = component("tiles", '<div class="tiles" role="group"></div>', "heat", "whole")
    draw(key=key, data=data, on_picked_change=keep, on_liked_change=like)
