"""The list of what is on its way into the library: how far each is, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from core.model import IndexState, PlayState, Video, Work
from pages.parts.component import component
from pages.parts.go import address
from pages.parts.tiles import poster_url
from pages.parts.words import clock, lasts, size

Button = tuple[str, str]  # what it does, and what stands on it
ACTIONS: dict[IndexState, list[Button]] = {
    IndexState.INDEXING: [("cancel", "Cancel")],
    IndexState.WAITING: [("cancel", "Cancel")],
    IndexState.FAILED: [("again", "Try again")],
    IndexState.CANCELLED: [("again", "Try again")],
    IndexState.READY: [("reindex", "Index again"), ("open", "Open")],
}
QUIET = ("reindex", "dismiss")
PACE = {
    "decoding": "decoding sets the pace",
    "model": "the model sets the pace",
    "writing": "writing sets the pace",
}
DEVICES = {"cpu": "on the CPU", "cuda": "on the GPU", "mps": "on the GPU"}


def rows(drawn: Iterable[dict[str, Any]], *, key: str, label: str) -> tuple[str, str] | None:
    """Draw a list; returns what was clicked and not returned yet, and the id of the row."""
    kept = f"{key}-clicked"

    def keep() -> None:  # a run that ends before it draws the list must not lose the click
        st.session_state[kept] = st.session_state[key].get("clicked")

    draw = component("jobs", "<ul></ul>", "whole")
    draw(key=key, data={"rows": list(drawn), "label": label}, on_clicked_change=keep)
    clicked = st.session_state.pop(kept, None)
    return (clicked["act"], clicked["id"]) if clicked else None


def jobs(videos: Iterable[Video]) -> tuple[str, str] | None:
    """Draw the videos on their way.

    Returns:
        `cancel`, `again` or `reindex`, and the id of the video; None where nothing was clicked.
    """
    now = datetime.now(UTC)
    drawn = (row(video, now) for video in videos)
    return rows(drawn, key="jobs", label="Videos on their way")


def row(video: Video, now: datetime) -> dict[str, Any]:
    """Say in words how far a video is, and what can be done about it."""
    facts, actions = video.facts, ACTIONS[video.state]
    is_put_off = video.state is IndexState.WAITING and bool(video.error)
    if is_put_off:
        actions = [("again", "Try now"), *actions]
    return {
        "id": video.video_id,
        "kind": "video",
        "name": video.name,
        "about": f"{clock(facts.duration_s)} · {size(facts.size_bytes)}",
        "image": poster_url(video),
        "state": "put off" if is_put_off else video.state.value,
        "words": state_words(video),
        "pace": _retry(video, now) if is_put_off else pace_words(video.work),
        "fraction": video.progress if video.state is IndexState.INDEXING else None,
        "error": _trouble(video),
        "href": address("video", id=video.video_id),
        "buttons": buttons(actions),
    }


def buttons(actions: Sequence[Button]) -> list[dict[str, Any]]:
    """Give a row's buttons as the list draws them."""
    return [{"act": act, "label": label, "quiet": act in QUIET} for act, label in actions]


def pace_words(work: Work | None) -> str:
    """Say how fast a video is indexed, how long it still takes, and what holds it up where."""
    if work is None:
        return ""
    words = [f"{work.speed:.3g}× real time"] if work.speed else []
    if work.left_s is not None:
        words.append(f"{lasts(work.left_s)} left")
    if work.bottleneck is not None:
        words.append(PACE[work.bottleneck])
    return " · ".join([*words, DEVICES.get(work.device, work.device)])


def _retry(video: Video, now: datetime) -> str:
    left_s = (video.retry_at - now).total_seconds() if video.retry_at else 0.0
    return f"tried again in {lasts(left_s)}" if left_s > 0 else "tried again next"


def _trouble(video: Video) -> str:
    said = [video.error] if video.error and video.state is not IndexState.READY else []
    if video.play_state is PlayState.FAILED and video.play_error:
        said.append(f"No playable copy: {video.play_error}")
    return "\n".join(said)


def state_words(video: Video) -> str:
    """Say how far a video is."""
    match video.state:
        case IndexState.INDEXING:
            said = f"Indexing, {video.progress:.0%}"
        case IndexState.WAITING:
            said = "Put off" if video.error else "Waiting for its turn"
        case IndexState.FAILED:
            said = "Not searchable"
        case IndexState.CANCELLED:
            said = "Stopped"
        case IndexState.READY:
            said = "Searchable"
    if video.play_state is PlayState.MAKING:
        return f"{said} · making a playable copy, {video.play_progress:.0%}"
    return f"{said} · a playable copy comes next" if video.play_state is PlayState.WANTED else said
