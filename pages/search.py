"""Search: one box, the moments it finds, and a player that starts at the matched second."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from core.bootstrap import App
from core.errors import EncoderError, WeightsMissingError
from core.model import IndexState, Moment, SearchResult, Span, Video
from pages.parts import messages, session
from pages.parts.player import player
from pages.parts.tiles import Tile, picture_url, tiles
from pages.parts.words import clock, many, markdown

LIMIT = 24


def page() -> None:
    """Draw the page."""
    app = session.app()
    videos = {video.video_id: video for video in app.library.videos()}
    asked = str(st.session_state.get("q") or st.query_params.get("q") or "")
    with st.container(key="top" if asked.strip() else "hero"):
        if not asked.strip():
            st.title("What do you remember?")
        words = st.text_input(
            "What do you remember?", key="q", bind="query-params", label_visibility="collapsed",
            placeholder="a red car at night, someone pouring coffee, an empty beach…",
            icon=":material/search:", type="search",
        ) or ""  # fmt: skip
    scope, span = _filters(videos)
    if not words.strip():
        _nothing_asked(app, videos)
        return
    result = _search(app, words, scope, span)
    if result is not None:
        _results(app, result, videos)


def _filters(videos: dict[str, Video]) -> tuple[list[str] | None, Span | None]:
    with st.popover("Where to look", icon=":material/filter_alt:"):
        scope = st.selectbox(
            "Video", sorted(videos, key=lambda i: videos[i].name.lower()), index=None, key="video",
            format_func=lambda i: videos[i].name, placeholder="All videos", bind="query-params",
        )  # fmt: skip
        left, right = st.columns(2)
        with left:
            start_s = _seconds("From second", "from")
        with right:
            end_s = _seconds("To second", "to")
    span = None
    if start_s is not None or end_s is not None:
        span = Span(start_s or 0.0, end_s if end_s is not None else float("inf"))
    return ([scope] if scope else None), span


def _seconds(label: str, key: str) -> float | None:
    return st.number_input(label, min_value=0.0, value=None, step=1.0, key=key, bind="query-params")


def _nothing_asked(app: App, videos: dict[str, Video]) -> None:
    ready = [v for v in videos.values() if v.state is IndexState.READY]
    if not videos:
        messages.empty(
            "movie", "Your library is empty", "Add a video, then type what you remember of it."
        )
        with st.container(horizontal_alignment="center"):
            if st.button("Add videos", type="primary", icon=":material/add:"):
                st.switch_page("add.py")
        return
    hours = sum(v.facts.duration_s for v in ready)
    st.caption(
        f"Looks inside {many(len(ready), 'video')}, {clock(hours)} in all. Describe what is in the "
        "picture, in a few words.",
        text_alignment="center",
    )
    if len(ready) < len(videos):
        st.caption(
            f"{many(len(videos) - len(ready), 'more')[:-1] if len(videos) - len(ready) == 1 else f'{len(videos) - len(ready)} more'} not searchable yet; the Add page says why.",
            text_alignment="center",
        )  # noqa: E501
    _model_state(app)


def _model_state(app: App) -> None:
    status = app.encoder.status()
    if status.state in ("absent", "failed"):
        st.warning(status.sentence, icon=":material/model_training:")


def _search(
    app: App, words: str, scope: list[str] | None, span: Span | None
) -> SearchResult | None:
    key = (words, tuple(scope or ()), span, app.library.counts())
    kept = st.session_state.get("found")
    if kept is not None and kept[0] == key:
        return kept[1]  # type: ignore[no-any-return]  # a click reran the page
    cold = not app.encoder.status().device
    try:
        with st.spinner("Loading the model, once; then looking…" if cold else "Looking…"):
            result = app.searcher.search(words, video_ids=scope, span=span, limit=LIMIT)
    except (WeightsMissingError, EncoderError) as error:
        st.warning(str(error), icon=":material/model_training:")
        return None
    st.session_state["found"] = (key, result)
    st.session_state.pop("moment", None)
    return result


def _results(app: App, result: SearchResult, videos: dict[str, Video]) -> None:
    if not result.moments:
        looked = f"Looked at {many(result.n_clips, 'moment')} of {many(result.n_videos, 'video')}."
        messages.empty(
            "search_off", "Nothing found", f"{looked} Try other words, or widen where to look."
        )
        return
    moments = {_key(m): m for m in result.moments if m.video_id in videos}
    st.caption(
        f"{many(len(moments), 'moment')} of {many(result.n_videos, 'video')} · {result.took_s:.2f} s"
    )
    stage, grid = st.columns([5, 6], gap="medium")
    with grid:
        picked = tiles(
            [_tile(key, m, result.moments[0]) for key, m in moments.items()], key="results",
            label="Moments, best first", selected=st.session_state.get("moment", next(iter(moments), "")),
            tile_px=190,
        )  # fmt: skip
    if picked in moments:
        st.session_state["moment"] = picked
        st.session_state["nonce"] = st.session_state.get("nonce", 0) + 1
        if st.session_state.get("drawn") != picked:
            st.session_state["drawn"] = picked
            st.rerun()  # so that the tiles show which one plays
    shown = st.session_state.get("moment")
    moment = moments.get(str(shown), next(iter(moments.values())))
    with stage, st.container(key="stage"):
        _stage(app, moment, videos[moment.video_id], is_picked=shown in moments)


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


def _stage(app: App, moment: Moment, video: Video, *, is_picked: bool) -> None:
    span = moment.span
    player(
        app, video, start_s=span.start_s, end_s=span.end_s, autoplay=is_picked,
        nonce=f"{_key(moment)}:{st.session_state.get('nonce', 0)}",
    )  # fmt: skip
    st.markdown(f"**{markdown(video.name)}**")
    left, right = st.columns([3, 2])
    left.caption(
        f"{clock(span.start_s, tenths=True)} – {clock(span.end_s, tenths=True)} · score {moment.score:.2f}"
    )
    right.page_link(
        "video.py", label="Open video", icon=":material/open_in_full:",
        query_params={"id": quote(video.video_id), "t": f"{span.start_s:.2f}"},
    )  # fmt: skip


page()
