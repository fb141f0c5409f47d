"""The player: one video, from an exact second."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import streamlit as st

from core.bootstrap import App
from core.model import PlayState, Video
from pages.parts.tiles import picture_url

_HERE = Path(__file__).parent


def player(
    app: App,
    video: Video,
    *,
    start_s: float,
    end_s: float | None = None,
    nonce: object = 0,
    autoplay: bool = False,
    key: str = "player",
) -> None:
    """Show a video at `start_s`; with `end_s` it pauses there once.

    A changed `nonce` starts the same stretch again. Where browsers cannot play the video yet, it
    says so and comes by itself when the copy is made.
    """
    if app.playable(video) is None:
        _not_yet(app, video.video_id)
        return
    component = st.components.v2.component(
        "reelseek_player",
        html='<figure><video data-testid="player" controls playsinline preload="metadata"></video>'
        '<p data-testid="player-note" role="status" hidden></p></figure>',
        css=(_HERE / "player.css").read_text(),
        js=(_HERE / "player.js").read_text(),
    )
    component(
        key=key,
        data={
            "src": f"/api/video/{quote(video.video_id)}",
            "start": start_s,
            "end": end_s,
            "nonce": str(nonce),
            "autoplay": autoplay,
            "label": video.name,
            "poster": picture_url(video.video_id, start_s),
        },
        on_failed_change=lambda: None,
    )


@st.fragment(run_every="1s")
def _not_yet(app: App, video_id: str) -> None:
    video = app.library.video(video_id)
    if app.playable(video) is not None:
        st.rerun(scope="app")
    with st.container(border=True, key="making"):
        if video.play_state is PlayState.FAILED:
            st.warning(
                video.play_error or "No playable copy could be made.", icon=":material/movie_off:"
            )
        elif video.play_state in (PlayState.WANTED, PlayState.MAKING):
            st.markdown(
                "**Browsers cannot play this file as it is.** A copy that they can play is being "
                "made."
            )
            done = video.play_progress if video.play_state is PlayState.MAKING else 0.0
            st.progress(done, text=f"{done:.0%}" if done else "Waiting for its turn")
        else:
            where = f" at {video.path}" if video.path else ""
            st.warning(
                f"The file is no longer{where}. Put it back, or add it again from where it is now.",
                icon=":material/link_off:",
            )
