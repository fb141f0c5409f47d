"""What a search found: the moments as tiles, and beside them the one that plays."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.bootstrap import App
from core.model import Moment, SearchResult, Video
from pages.parts import messages
from pages.parts.player import player
from pages.parts.tiles import Tile, picture_url, tiles
from pages.parts.words import clock, many, markdown


def results(app: App, result: SearchResult, videos: Mapping[str, Video]) -> None:
    """Draw the moments, best first; a click plays one from its first second."""
    moments = {_key(m): m for m in result.moments if m.video_id in videos}
    if not moments:
        looked = f"Looked at {many(result.n_clips, 'moment')} of {many(result.n_videos, 'video')}."
        again = "Try other words, or widen where to look."
        messages.empty("search_off", "Nothing found", f"{looked} {again}")
        return
    found, of = many(len(moments), "moment"), many(result.n_videos, "video")
    st.caption(f"{found} of {of} · {result.took_s:.2f} s")
    stage, grid = st.columns([5, 6], gap="medium")
    with grid:
        chosen = _choose(moments)
    moment = moments.get(chosen, next(iter(moments.values())))
    with stage, st.container(key="stage"):
        _stage(app, moment, videos[moment.video_id], is_chosen=chosen in moments)


def _choose(moments: Mapping[str, Moment]) -> str:
    """Draw the tiles; returns the moment that was clicked last, or ""."""
    best = next(iter(moments))
    shown = [_tile(key, moment, moments[best]) for key, moment in moments.items()]
    selected = st.session_state.get("moment", best)
    label = "Moments, best first"
    picked = tiles(shown, key="results", label=label, selected=selected, tile_px=190)
    if picked in moments:
        st.session_state["nonce"] = st.session_state.get("nonce", 0) + 1
        st.session_state["moment"] = picked
        if picked != selected:
            st.rerun()  # so that the tiles show which one plays
    return str(st.session_state.get("moment", ""))


def _key(moment: Moment) -> str:
    return f"{moment.video_id}@{moment.span.start_s:.3f}"


def _tile(key: str, moment: Moment, best: Moment) -> Tile:
    span = moment.span
    return Tile(
        key=key,
        image=picture_url(moment.video_id, moment.best_s),
        title=moment.name,
        corner=f"{clock(span.start_s)} – {clock(span.end_s)}",
        words=f"{moment.score:.2f}",
        bar=moment.score / best.score if best.score else 0.0,
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
    st.markdown(f"**{markdown(video.name)}**")
    words, link = st.columns([3, 2], vertical_alignment="center")
    times = f"{clock(span.start_s, tenths=True)} – {clock(span.end_s, tenths=True)}"
    words.caption(f"{times} · score {moment.score:.2f}")
    at = {"id": video.video_id, "t": f"{span.start_s:.2f}"}
    link.page_link("video.py", label="Open video", icon=":material/open_in_full:", query_params=at)
