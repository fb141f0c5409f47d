"""Moments as JSON has them, for whoever is no person: `--json`, `export` and `mcp` alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.bootstrap import App
from core.errors import DatabaseError, LibraryError, MediaError, SearchError
from core.model import Moment, SearchResult


def as_object(moment: Moment) -> dict[str, Any]:
    """Give a moment as JSON has it, times in seconds, and with it what was folded under it.

    From `start_s` to `end_s` is what shows it; `play_start_s` and `play_end_s` have the padding.
    """
    similar = [_alone(one) for one in moment.similar]
    parts = {"parts": [_alone(part) for part in moment.parts]} if moment.parts else {}
    return {**_alone(moment), "n_similar": len(similar), "similar": similar, **parts}


def _alone(moment: Moment) -> dict[str, Any]:
    return {
        "moment_id": moment.moment_id,
        "video_id": moment.video_id,
        "name": moment.name,
        "start_s": moment.span.start_s,
        "end_s": moment.span.end_s,
        "play_start_s": moment.play_span.start_s,
        "play_end_s": moment.play_span.end_s,
        "best_s": moment.best_s,
        "score": moment.score,
        "distance": moment.distance,
        "strength": moment.strength,
        "level": moment.level,
    }


def as_objects(moments: Iterable[Moment]) -> list[dict[str, Any]]:
    """Give them in their order."""
    return [as_object(moment) for moment in moments]


def exactly(app: App, result: SearchResult) -> tuple[SearchResult, dict[str, str]]:
    """Place the edges of each moment that was found to a frame; its order and ids stay.

    A moment whose video cannot be looked at keeps its edges; all others have theirs placed.

    Returns:
        The result, and by the ids of the moments that are as they were, why.

    Raises:
        EncoderError, ToolError: nothing can be looked at, whichever video.
    """
    moments, inexact = [], {}
    for moment in result.moments:
        try:
            moments.append(app.zoom.exact(moment))
        except (SearchError, MediaError, LibraryError, DatabaseError) as error:
            moments.append(moment)
            inexact[moment.moment_id] = str(error)
    return replace(result, moments=tuple(moments)), inexact
