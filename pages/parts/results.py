"""What a search found: the moments as tiles, and beside them the one that plays."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.bootstrap import App
from core.model import Moment, SearchResult, Video
from pages.parts.facts import heading
from pages.parts.player import player
from pages.parts.tiles import Tile, picture_url, tiles
from pages.parts.words import clock, many

# A bar's length is this much of score at least, so that small differences look small.
LEAST_SPREAD = 0.1


def results(app: App, result: SearchResult, videos: Mapping[str, Video]) -> None:
    """Draw the moments, best first; a click plays one from its first second."""
    moments = {_key(m): m for m in result.moments if m.video_id in videos}
    found, of = many(len(moments), "moment"), many(result.n_videos, "video")
    st.caption(f"{found} in {of}, best first · {result.took_s:.2f} s")
    stage, grid = st.columns([6, 5], gap="large")
    with grid:
        chosen = _choose(moments)
    moment = moments.get(chosen, next(iter(moments.values())))
    with stage, st.container(key="stage"):
        _stage(app, moment, videos[moment.video_id], is_chosen=chosen in moments)


def _choose(moments: Mapping[str, Moment]) -> str:
    """Draw the tiles; returns the moment that was clicked last, or ""."""
    scores = [moment.score for moment in moments.values()]
    best = max(scores)
    spread = max(LEAST_SPREAD, 1.2 * (best - min(scores)))
    shown = [_tile(key, m, bar=1 - (best - m.score) / spread) for key, m in moments.items()]
    selected = st.session_state.get("moment") or next(iter(moments))
    label = "Moments, best first"
    picked = tiles(shown, key="results", label=label, selected=selected, tile_px=200)
    if picked in moments:
        st.session_state["nonce"] = st.session_state.get("nonce", 0) + 1
        st.session_state["moment"] = picked
    return str(st.session_state.get("moment", ""))


def _key(moment: Moment) -> str:
    return f"{moment.video_id}@{moment.span.start_s:.3f}"


def _tile(key: str, moment: Moment, *, bar: float) -> Tile:
    span = moment.span
    return Tile(
        key=key,
        image=picture_url(moment.video_id, moment.best_s),
        title=moment.name,
        corner=f"{clock(span.start_s)} – {clock(span.end_s)}",
        words=f"{moment.score:.2f}",
        bar=bar,
    )


def _stage(app: App, moment: Moment, video: Video, *, is_chosen: bool) -> None:
    span = moment.span
    player(
        app,
        video,
        start_s=span.start_s,
        end_s=span.end_s,
        autoplay=is_chosen,
        nonce=f"{_key(moment)}:{st.session_state.get('nonce', 0)}",
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", key="playing"):
        times = f"{clock(span.start_s, tenths=True)} – {clock(span.end_s, tenths=True)}"
        heading(video.name, f"{times}  ·  score {moment.score:.2f}", key="playing-name", level=2)
        at = {"id": video.video_id, "t": f"{span.start_s:.2f}"}
        st.page_link(
            "video.py", label="Open video", icon=":material/open_in_full:", query_params=at
        )
