"""What a search found: the moments as tiles, and beside them the one that plays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.bootstrap import App
from core.errors import ReelseekError
from core.model import Moment, SearchResult, Video
from core.query import Heat, Query, Wanted
from pages.parts.finding import heat_of
from pages.parts.stage import stage
from pages.parts.tiles import Tile, clicked, picture_url, tiles
from pages.parts.wanted import more_to_show
from pages.parts.words import clock, many

# Where nothing says how sure it is, a bar's length is this much of score at least, so that small
# differences look small.
LEAST_SPREAD = 0.1
_BINS = 60  # of a tile's strip of heat
_WORDS = {"strong": "Strong", "possible": "Possible", "weak": "Weak"}


def results(
    app: App, query: Query, result: SearchResult, wanted: Wanted, videos: Mapping[str, Video]
) -> None:
    """Draw the moments, best first; a click plays one from its first second."""
    moments = {m.moment_id: m for m in result.moments if m.video_id in videos}
    similar = {s.moment_id: s for m in moments.values() for s in m.similar if s.video_id in videos}
    found = many(len(moments), "moment")
    of = f"{many(result.n_clips, 'clip')} of {many(result.n_videos, 'video')}"
    st.caption(f"{found}, best first · looked at {of} · {result.took_s:.2f} s")
    everything = similar | moments
    picked = next((key for key in map(clicked, ("similar", "results")) if key in everything), None)
    if picked is not None:
        st.session_state["moment"] = picked
    chosen = st.session_state.get("moment")
    chosen = chosen if chosen in everything else next(iter(moments))
    left, grid = st.columns([6, 5], gap="large")
    with left, st.container(key="stage"):
        moment = everything[chosen]
        stage(app, query, moment, videos[moment.video_id], was_clicked=picked == chosen)
        if moment.similar:
            _similar(moment, videos, chosen)
    with grid:
        _tiles(app, query, moments, chosen, videos)
        more_to_show(result, wanted)


def _tiles(
    app: App, query: Query, moments: Mapping[str, Moment], chosen: str, videos: Mapping[str, Video]
) -> None:
    scores = [moment.score for moment in moments.values()]
    best = max(scores)
    spread = max(LEAST_SPREAD, 1.2 * (best - min(scores)))
    shown = [
        _tile(
            key, moment, name=videos[moment.video_id].name,
            bar=1 - (best - moment.score) / spread if moment.strength is None else moment.strength,
            heat=_heat(app, query, videos[moment.video_id]),
        )
        for key, moment in moments.items()
    ]  # fmt: skip
    label = "Moments, best first"
    tiles(shown, key="results", label=label, selected=chosen, tile_px=200)


def _tile(key: str, moment: Moment, *, name: str, bar: float, heat: tuple[float, ...]) -> Tile:
    span = moment.span
    return Tile(
        key=key,
        image=picture_url(moment.video_id, moment.best_s),
        title=name,  # the video's of now: what was found may be older
        corner=f"{clock(span.start_s)} – {clock(span.end_s)}",
        words=_WORDS[moment.level] if moment.level else f"{moment.score:.2f}",
        bar=bar,
        badge=f"+{len(moment.similar)} similar" if moment.similar else "",
        quiet=True,
        heat=heat,
    )


def _heat(app: App, query: Query, video: Video) -> tuple[float, ...]:
    try:
        return _binned(heat_of(app, query, video.video_id), video.facts.duration_s)
    except ReelseekError:  # a strip is no reason to show nothing else
        return ()


def _binned(heat: Heat, duration_s: float) -> tuple[float, ...]:
    """Give the strongest of each of so many stretches of a video."""
    bins = np.zeros(_BINS)
    for span, strength in zip(heat.spans, heat.strengths, strict=True):
        first = int(_BINS * span.start_s / max(duration_s, span.end_s))
        last = int(np.ceil(_BINS * span.end_s / max(duration_s, span.end_s)))
        bins[first : max(first + 1, last)] = np.maximum(
            bins[first : max(first + 1, last)], strength
        )
    return tuple(round(float(strength), 2) for strength in bins)


def _similar(moment: Moment, videos: Mapping[str, Video], chosen: str) -> None:
    with st.expander(f"{many(len(moment.similar), 'moment')} that look the same"):
        shown = [
            Tile(
                key=one.moment_id, image=picture_url(one.video_id, one.best_s),
                title=videos[one.video_id].name, words=clock(one.span.start_s),
            )
            for one in moment.similar
            if one.video_id in videos
        ]  # fmt: skip
        tiles(shown, key="similar", label="Similar moments", kind="strip", selected=chosen)
