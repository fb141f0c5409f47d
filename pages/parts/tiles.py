"""Grids and strips of pictures to click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import streamlit as st

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture with its words; `bar` is 0..1."""

    key: str
    image: str
    title: str = ""
    corner: str = ""
    words: str = ""
    badge: str = ""
    quiet: bool = False
    bar: float | None = None


def poster_url(video_id: str) -> str:
    """Give the address of the picture that stands for a video."""
    return f"/api/video/{quote(video_id)}/poster"


def picture_url(video_id: str, at_s: float) -> str:
    """Give the address of the picture of the clip at a time."""
    return f"/api/video/{quote(video_id)}/picture?t={at_s:.3f}"


def tiles(
    shown: Sequence[Tile],
    *,
    key: str,
    label: str,
    selected: str | None = None,
    kind: Literal["", "strip", "wide"] = "",
    tile_px: int = 210,
) -> str | None:
    """Draw the tiles; returns the key of the one that was clicked since the last run."""
    component = st.components.v2.component(
        "reelseek_tiles",
        html='<div class="tiles" role="group"></div>',
        css=(_HERE / "tiles.css").read_text(),
        js=(_HERE / "tiles.js").read_text(),
    )
    data = {"tiles": [asdict(t) for t in shown], "label": label, "kind": kind, "tile_px": tile_px}
    if selected is not None:
        data["selected"] = selected
    result = component(key=key, data=data, on_picked_change=lambda: None)
    return str(result.picked["key"]) if result.picked else None
