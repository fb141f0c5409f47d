"""The list of videos on their way into the library: how far each is, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.model import IndexState, PlayState, Video
from pages.parts.component import component
from pages.parts.go import address
from pages.parts.tiles import poster_url
from pages.parts.words import clock, size

BUSY = (IndexState.INDEXING, IndexState.WAITING)
COPYING = (PlayState.WANTED, PlayState.MAKING)
ORDER = (
    IndexState.INDEXING,
    IndexState.FAILED,
    IndexState.WAITING,
    IndexState.CANCELLED,
    IndexState.READY,
)
ACTIONS = {
    IndexState.INDEXING: ("cancel", "Cancel"),
    IndexState.WAITING: ("cancel", "Cancel"),
    IndexState.FAILED: ("again", "Try again"),
    IndexState.CANCELLED: ("again", "Try again"),
    IndexState.READY: ("open", "Open"),
}


def is_busy(video: Video) -> bool:
    """Say whether a worker has something to do for this video."""
    return video.state in BUSY or video.play_state in COPYING


def jobs(videos: Iterable[Video], *, key: str = "jobs") -> tuple[str, str] | None:
    """Draw the list; returns what was clicked since the last run.

    Returns:
        `cancel` or `again`, and the id of the video; None where nothing was clicked.
    """
    rows = [row(video) for video in videos]
    draw = component("jobs", '<ul aria-label="Videos on their way"></ul>')
    result = draw(key=key, data={"rows": rows}, on_clicked_change=lambda: None)
    return (result.clicked["act"], result.clicked["id"]) if result.clicked else None


def row(video: Video) -> dict[str, Any]:
    """Say in words how far a video is, and what can be done about it."""
    act, label = ACTIONS[video.state]
    facts = video.facts
    return {
        "id": video.video_id,
        "name": video.name,
        "about": f"{clock(facts.duration_s)} · {size(facts.size_bytes)}",
        "image": poster_url(video),
        "state": video.state.value,
        "words": state_words(video),
        "fraction": video.progress if video.state is IndexState.INDEXING else None,
        "error": video.error or "" if video.state is IndexState.FAILED else "",
        "act": act,
        "href": address("video", id=video.video_id),
        "label": label,
    }


def state_words(video: Video) -> str:
    """Say how far a video is."""
    match video.state:
        case IndexState.INDEXING:
            said = f"Indexing, {video.progress:.0%}"
        case IndexState.WAITING:
            said = "Waiting for its turn"
        case IndexState.FAILED:
            said = "Not searchable"
        case IndexState.CANCELLED:
            said = "Stopped"
        case IndexState.READY:
            said = "Searchable"
    if video.play_state is PlayState.MAKING:
        return f"{said} · making a playable copy, {video.play_progress:.0%}"
    return f"{said} · a playable copy comes next" if video.play_state is PlayState.WANTED else said
