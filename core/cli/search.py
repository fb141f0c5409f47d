"""`search TEXT`: the moments that look like the words, for people or as JSON."""

from __future__ import annotations

import argparse
import json
from typing import Any

from core.bootstrap import App, open_app
from core.cli.terminal import clock, complain, say
from core.model import Moment, SearchResult, Span
from core.settings import from_environment

_FOREVER_S = 1e9  # JSON has no infinity


def run(asked: argparse.Namespace) -> int:
    """Search and print; 0 also when nothing was found."""
    app = open_app(from_environment())
    try:
        result = find(app, asked)
    finally:
        app.close()
    if asked.json:
        say(json.dumps([as_object(moment) for moment in result.moments], ensure_ascii=False))
    elif not result.n_clips:
        complain("Nothing here is searchable yet. Add videos with `python -m core add PATH`.")
    elif not result.moments:
        complain(
            f"0 of {result.n_clips} moments match, in the {result.n_videos} videos that were "
            "searched. Try other words."
        )
    else:
        for moment in result.moments:
            say(_line(moment))
    return 0


def find(app: App, asked: argparse.Namespace) -> SearchResult:
    """Search as the arguments say.

    Raises:
        SearchError: there are no words, or the stretch is empty.
        NoSuchVideoError: there is no video of the id asked for.
    """
    video_ids = None if asked.video is None else [app.library.video(asked.video).video_id]
    return app.searcher.search(
        asked.text, video_ids=video_ids, span=_span(asked), limit=asked.limit
    )


def _span(asked: argparse.Namespace) -> Span | None:
    if asked.from_s is None and asked.to_s is None:
        return None
    return Span(asked.from_s or 0.0, _FOREVER_S if asked.to_s is None else asked.to_s)


def as_object(moment: Moment) -> dict[str, Any]:
    """Give a moment as JSON has it, times in seconds."""
    return {
        "video_id": moment.video_id,
        "name": moment.name,
        "start_s": moment.span.start_s,
        "end_s": moment.span.end_s,
        "best_s": moment.best_s,
        "score": moment.score,
        "distance": moment.distance,
        "strength": moment.strength,
        "level": moment.level,
    }


def _line(moment: Moment) -> str:
    stretch = f"{clock(moment.span.start_s)}-{clock(moment.span.end_s)}"
    more = f"  (+{len(moment.similar)} similar)" if moment.similar else ""
    return f"{moment.level or '':<8}  {moment.score:.3f}  {stretch:>17}  {moment.name}{more}"
