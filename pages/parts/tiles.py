"""Grids and strips of pictures to click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal
from urllib.parse import quote

import streamlit as st

from core.model import IndexState, Video
from pages.parts.component import component


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture with its words; `bar` is 0..1. With `href` it is a link, else a button.

    `heat` are strengths of 0..1 from the beginning to the end of its video, evenly spaced.
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
    heat: tuple[float, ...] = ()


def poster_url(video: Video) -> str:
    """Give the address of the picture that stands for a video; none before it was looked at."""
    is_there = video.state is IndexState.READY
    return f"/api/video/{quote(video.video_id)}/poster" if is_there else ""


def picture_url(video_id: str, at_s: float) -> str:
    """Give the address of the picture of the clip at a time, not rounded to another clip."""
    return f"/api/video/{quote(video_id)}/picture?t={at_s}"


def clicked(key: str) -> str | None:
    """Give the tile of the grid `key` whose click led to this run; ask before drawing."""
    before = st.session_state.get(key)
    picked = before.get("picked") if before else None
    return str(picked["key"]) if picked else None


def tiles(
    shown: Sequence[Tile],
    *,
    key: str,
    label: str,
    selected: str | None = None,
    kind: Literal["", "strip"] = "",
    tile_px: int = 210,
) -> None:
    """Draw the tiles, `selected` marked; a click on one that is no link reruns the page."""
    data: dict[str, object] = {
        "tiles": [asdict(tile) for tile in shown],
        "label": label,
        "kind": kind,
    }
    data |= {"tile_px": tile_px, "selected": selected}
    draw = component("tiles", '<div class="tiles" role="group"></div>')
    draw(key=key, data=data, on_picked_change=lambda: None)
