"""What a search found: the moments as tiles, and beside them the one that plays."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.bootstrap import App
from core.model import Moment, SearchResult, Video
from pages.parts.facts import heading
from pages.parts.player import player
from pages.parts.tiles import Tile, clicked, picture_url, tiles
from pages.parts.words import clock, many

# A bar's length is this much of score at least, so that small differences look small.
LEAST_SPREAD = 0.1


def results(app: App, result: SearchResult, videos: Mapping[str, Video]) -> None:
    """Draw the moments, best first; a click plays one from its first second."""
    moments = {_key(m): m for m in result.moments if m.video_id in videos}
    found, of = many(len(moments), "moment"), many(result.n_videos, "video")
    st.caption(f"{found} in {of}, best first · {result.took_s:.2f} s")
    picked = clicked("results")
    if picked in moments:
        st.session_state["moment"] = picked
    chosen = st.session_state.get("moment")
    chosen = chosen if chosen in moments else next(iter(moments))
    stage, grid = st.columns([6, 5], gap="large")
    with stage, st.container(key="stage"):
        video = videos[moments[chosen].video_id]
        _stage(app, moments[chosen], video, was_clicked=picked == chosen)
    with grid:
        _tiles(moments, chosen, videos)


def _tiles(moments: Mapping[str, Moment], chosen: str, videos: Mapping[str, Video]) -> None:
    scores = [moment.score for moment in moments.values()]
    best = max(scores)
    spread = max(LEAST_SPREAD, 1.2 * (best - min(scores)))
    shown = [
        _tile(key, m, name=videos[m.video_id].name, bar=1 - (best - m.score) / spread)
        for key, m in moments.items()
    ]
    label = "Moments, best first"
    tiles(shown, key="results", label=label, selected=chosen, tile_px=200)


def _key(moment: Moment) -> str:
    return f"{moment.video_id}@{moment.span.start_s:.3f}"


def _tile(key: str, moment: Moment, *, name: str, bar: float) -> Tile:
    span = moment.span
    return Tile(
        key=key,
        image=picture_url(moment.video_id, moment.best_s),
        title=name,  # the video's of now: what was found may be older
        corner=f"{clock(span.start_s)} – {clock(span.end_s)}",
        words=f"{moment.score:.2f}",
        bar=bar,
    )


def _stage(app: App, moment: Moment, video: Video, *, was_clicked: bool) -> None:
    span = moment.span
    player(
        app,
        video,
        start_s=span.start_s,
        end_s=span.end_s,
        was_clicked=was_clicked,
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", key="playing"):
        times = f"{clock(span.start_s, tenths=True)} – {clock(span.end_s, tenths=True)}"
        heading(video.name, f"{times}  ·  score {moment.score:.2f}", key="playing-name", level=2)
        at = {"id": video.video_id, "t": str(span.start_s)}
        st.page_link(
            "video.py", label="Open video", icon=":material/open_in_full:", query_params=at
        )
