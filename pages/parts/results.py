"""What a search found: the moments as tiles, and beside them the one that plays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.bootstrap import App
from core.model import Moment, SearchResult, Video
from core.query import Query, Wanted
from pages.parts import closer
from pages.parts.finding import name_of_found
from pages.parts.stage import ask_like, stage, zoomed
from pages.parts.strips import Asked, strips
from pages.parts.tiles import Pick, Tile, clicked, picture_url, stretch, tiles
from pages.parts.wanted import is_exact, more_to_show
from pages.parts.words import clock, many

# Where nothing says how sure it is, a bar's length is this much of score at least, so that small
# differences look small.
LEAST_SPREAD = 0.1
_AT_ONCE_S = 0.005  # less would be said as 0.00 s
_WORDS = {"strong": "Strong", "possible": "Possible", "weak": "Weak"}


def results(
    app: App, query: Query, result: SearchResult, wanted: Wanted, videos: Mapping[str, Video]
) -> None:
    """Draw the moments, best first; a click plays one from its first second."""
    moments = {m.moment_id: m for m in result.moments if m.video_id in videos}
    similar = {s.moment_id: s for m in moments.values() for s in m.similar if s.video_id in videos}
    top = list(moments.values())[: closer.TOP] if is_exact() else []
    say = _line_above(result, len(moments), top)
    say()
    everything = similar | moments
    picked, chosen = _chosen(everything, next(iter(moments)))
    left, grid = st.columns([6, 5], gap="large")
    with left:  # before the tiles, which tell the exact times, too
        moment = zoomed(app, everything[chosen.key], lambda: say("looking closer…"))
        say()
    with grid:  # first, as what the other column says takes searches of its own
        _tiles(app, query, _as_exact(moments), chosen.key, videos)
        more_to_show(result, wanted)
    with left, st.container(key="stage"):
        video = videos[moment.video_id]
        stage(app, query, moment, video, at_s=chosen.at_s, was_clicked=picked == chosen)
        if moment.similar:
            _similar(query, moment, videos, chosen.key)
    named = name_of_found(query)
    strips(Asked(app, query, list(moments.values()), videos, named, top, say))


def _line_above(result: SearchResult, n_shown: int, top: Sequence[Moment]) -> Callable[..., None]:
    """Give what draws the line that says what was found, and how far the edges of `top` are.

    Of the one that plays it is told by whoever looks at it closer, in their words. What is said of
    edges stands in place of where was looked: on a narrow screen, a second line would push the
    player down.

    The part of the page that runs again on its own draws it, too. Streamlit drops what such a part
    drew and has not sent yet when it runs again: in a container of its own, the line is alone in
    going; on the page itself, a browser could not place what follows it.
    """
    place = st.container(key="said-above").empty()
    of = f"{many(result.n_clips, 'clip')} of {many(result.n_videos, 'video')}"
    found = f"{many(n_shown, 'moment')}, best first"
    took = f"looked at {of} · {_took(result.took_s)}"

    def say(at_it: str = "") -> None:
        edges, why = (at_it, "") if at_it else closer.said(top, n_shown)
        place.caption(f"{found} · {edges or took}", help=why or None)

    return say


def _took(took_s: float) -> str:
    """Say how long an answer took; one that was known already took nothing to speak of."""
    return f"{took_s:.2f} s" if took_s >= _AT_ONCE_S else "at once"


def _chosen(moments: Mapping[str, Moment], first: str) -> tuple[Pick | None, Pick]:
    """Give what a click chose in this run, if one did, and what is chosen since."""
    clicks = [one for one in map(clicked, ("similar", "results")) if one and one.key in moments]
    picked = clicks[0] if clicks else None
    if picked is not None:
        st.session_state["moment"] = picked
    chosen = st.session_state.get("moment")
    return picked, chosen if chosen is not None and chosen.key in moments else Pick(first)


def _as_exact(moments: Mapping[str, Moment]) -> Mapping[str, Moment]:
    """Give the moments with the exact edges of those that were looked at closer, if wanted."""
    if not is_exact():
        return moments
    return {key: closer.placed(moment) for key, moment in moments.items()}


def _liker(query: Query, moments: Mapping[str, Moment]) -> Callable[[str], None]:
    """Give what asks for more like a tile; nothing, for one of a search that is over."""

    def like(key: str) -> None:
        if key in moments:
            ask_like(query, moments[key])

    return like


def _tiles(
    app: App, query: Query, moments: Mapping[str, Moment], chosen: str,
    videos: Mapping[str, Video],
) -> None:  # fmt: skip
    scores = [moment.score for moment in moments.values()]
    best = max(scores)
    spread = max(LEAST_SPREAD, 1.2 * (best - min(scores)))
    tells = app.searcher.tells(query)
    shown = [
        _tile(
            key, moment, videos[moment.video_id], tells=tells,
            bar=1 - (best - moment.score) / spread if moment.strength is None else moment.strength,
        )
        for key, moment in moments.items()
    ]  # fmt: skip
    tiles(
        shown, key="results", label="Moments, best first", selected=chosen, tile_px=200,
        strips=name_of_found(query), on_like=_liker(query, moments),
    )  # fmt: skip


def _tile(key: str, moment: Moment, video: Video, *, bar: float, tells: bool) -> Tile:
    span = moment.span
    return Tile(
        key=key,
        image=picture_url(moment.video_id, moment.best_s),
        title=video.name,  # the video's of now: what was found may be older
        corner=stretch(span),
        words=_WORDS[moment.level] if moment.level else f"{moment.score:.2f}",
        bar=bar,
        badge=f"+{len(moment.similar)} similar" if moment.similar else "",
        quiet=True,
        video_id=moment.video_id,
        length_s=video.facts.duration_s,
        span=(span.start_s, span.end_s),
        tells=tells,
        likes=True,
    )


def _similar(query: Query, moment: Moment, videos: Mapping[str, Video], chosen: str) -> None:
    similar = {one.moment_id: one for one in moment.similar if one.video_id in videos}
    label = many(len(moment.similar), "moment that looks", "moments that look")
    with st.expander(f"{label} the same"):
        shown = [
            Tile(
                key=key, image=picture_url(one.video_id, one.best_s),
                title=videos[one.video_id].name, words=clock(one.span.start_s),
                span=(one.span.start_s, one.span.end_s), likes=True,
            )
            for key, one in similar.items()
        ]  # fmt: skip
        tiles(
            shown, key="similar", label="Similar moments", kind="strip", selected=chosen,
            on_like=_liker(query, similar),
        )  # fmt: skip
