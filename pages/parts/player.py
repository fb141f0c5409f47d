"""The player: one video, from an exact second."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from core.bootstrap import App
from core.model import PlayState, Video
from core.query import Heat
from pages.parts.component import component
from pages.parts.messages import bounded
from pages.parts.tiles import picture_url
from pages.parts.words import markdown

_HTML = """<figure>
<video data-testid="player" controls playsinline preload="metadata" tabindex="0"></video>
<div class="where" aria-hidden="true" hidden><b></b><u></u><i></i></div>
<div class="heat" data-testid="heat" title="How well each instant matches: click to play from there"
hidden><canvas></canvas><b></b><u></u><i></i></div>
<div class="of" data-testid="heat-of" hidden></div>
<div class="peaks" hidden>
<button type="button" data-testid="peak-before"><kbd>K</kbd> Match before</button>
<button type="button" data-testid="peak-next">Next match <kbd>J</kbd></button>
</div>
<p data-testid="player-note" role="status" hidden></p>
<button type="button" data-testid="player-again" hidden>Play this moment again</button>
<button type="button" data-testid="player-like" hidden>More like this picture</button>
</figure>"""


def player(
    app: App,
    video: Video,
    *,
    start_s: float,
    end_s: float | None = None,
    best_s: float | None = None,
    at_s: float | None = None,
    was_clicked: bool = False,
    heat: Heat | None = None,
    heat_says: str = "",
    like: str = "",
) -> None:
    """Show a video at `start_s`; with `end_s` it pauses there once, then the viewer is free.

    With `best_s` the strip below marks that instant, and its picture is what is seen until it
    plays. With `at_s` it begins there instead, and goes on without a pause. With `like`, the
    address of a search for what is like a frame, a button asks for what is like the one shown.

    With `heat`, a strip below says how well each instant matches, and `heat_says` what; a click
    plays from there, and the keys J and K go to the next match and the one before.

    It plays at once where a click led to this run, and from the start again where it was the same
    click as before; else it waits. Where browsers cannot play the video yet, it says so, and the
    player comes by itself when the copy is made, to play if it was clicked.
    """
    start, plays = _start(f"{video.video_id}@{start_s}@{at_s}", was_clicked=was_clicked)
    if app.playable(video) is None:
        video = app.standing(video)
        is_on_its_way = video.play_state in (PlayState.WANTED, PlayState.MAKING)
        making = st.fragment(bounded(_not_yet), run_every="1s" if is_on_its_way else None)
        making(app, video.video_id)
        return
    data = {
        "src": f"/api/video/{quote(video.video_id)}",
        "start": start_s,
        "end": end_s,
        "best": best_s,
        "at": None if at_s is None else min(at_s, video.facts.duration_s),
        "frame": 1 / (video.facts.fps or 25),
        "length": video.facts.duration_s,
        "nonce": start,
        "autoplay": plays,
        "label": video.name,
        "poster": picture_url(video.video_id, start_s if best_s is None else best_s),
        "like": like,
        "heat": [] if heat is None else _bars(heat),
        "heat_says": heat_says,
        "peaks": [] if heat is None else list(heat.peaks_s),
    }
    component("player", _HTML)(key="player", data=data)


def _bars(heat: Heat) -> list[tuple[float, float, float]]:
    return [
        (span.start_s, span.end_s, round(strength, 3))
        for span, strength in zip(heat.spans, heat.strengths, strict=True)
    ]


def _start(place: str, *, was_clicked: bool) -> tuple[str, bool]:
    """Name this start, with the same name on a plain rerun; say whether a click asked for it."""
    n_clicks, last_click = st.session_state.get("player-clicks", (0, ""))
    n_clicks += was_clicked
    start = f"{place}:{n_clicks}"
    last_click = start if was_clicked else last_click
    st.session_state["player-clicks"] = n_clicks, last_click
    return start, start == last_click


def _not_yet(app: App, video_id: str) -> None:
    video = app.library.video(video_id)
    if app.playable(video) is not None:
        st.rerun(scope="app")
    video = app.standing(video)
    with st.container(key="making", horizontal_alignment="center", vertical_alignment="center"):
        match video.play_state:
            case PlayState.WANTED | PlayState.MAKING:
                _progress(video)
            case PlayState.FAILED:
                sentence = video.play_error or "No copy that browsers can play could be made."
                st.markdown(":material/movie_off:", text_alignment="center")
                st.caption(markdown(sentence), text_alignment="center")
            case _:
                st.markdown(":material/link_off:", text_alignment="center")
                st.caption(_gone(video), text_alignment="center")


def _progress(video: Video) -> None:
    st.markdown(":material/movie_edit:", text_alignment="center")
    st.markdown("**Browsers cannot play this file as it is**", text_alignment="center")
    words = "A copy that they can play is being made. It appears here by itself when it is done."
    st.caption(words, text_alignment="center")
    done = video.play_progress if video.play_state is PlayState.MAKING else 0.0
    st.progress(done, text=f"{done:.0%}" if done else "Waiting for its turn")


def _gone(video: Video) -> str:
    if video.path is None:
        return (
            "The bytes of this video lie in the database alone; they cannot be played from there."
        )
    return "The file is no longer where it was. Put it back, or add it again from where it is now."
