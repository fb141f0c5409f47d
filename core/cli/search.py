"""`search TEXT`: the moments that look like the words, for people or as JSON."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path

from core.bootstrap import App, open_app
from core.cli.moments import as_objects, exactly
from core.cli.terminal import clock, complain, say
from core.errors import MediaError
from core.model import Moment, SearchResult, Span
from core.query import FLOOR, PER_VIDEO, Filters, Frame, Query, Wanted
from core.settings import from_environment


def run(asked: argparse.Namespace) -> int:
    """Search and print; 0 also when nothing was found."""
    app = open_app(from_environment())
    try:
        result = find(app, asked)
    finally:
        app.close()
    if asked.json:
        say(json.dumps(as_objects(result.moments), ensure_ascii=False))
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
        SearchError: there is nothing to look for, the stretch is empty, or edges are to be exact
            of a video whose file is not here.
        NoSuchVideoError: there is no video of an id asked for.
        MediaError: the picture is none, or a video cannot be looked at again.
    """
    wanted = Wanted(
        limit=asked.limit,
        floor=FLOOR if asked.floor is None else asked.floor,
        per_video=None if asked.all else asked.per_video or PER_VIDEO,
        padding_s=asked.padding,
        folds=not asked.unfolded,
    )
    result = app.searcher.search(query_of(app, asked), wanted=wanted)
    return exactly(app, result) if asked.exact else result


def query_of(app: App, asked: argparse.Namespace) -> Query:
    """Read what the arguments ask for."""
    frame = None if asked.like is None else Frame(*asked.like)
    ids = [*(asked.video or ()), *([frame.video_id] if frame is not None else ())]
    known = [app.library.video(video_id).video_id for video_id in ids]
    return Query(
        text=asked.text,
        minus=asked.minus,
        then=asked.then,
        within_s=asked.within,
        frame=frame,
        picture_id=None if asked.image is None else kept(app, asked.image),
        blend=asked.blend,
        filters=_filters(asked, known[: len(asked.video or ())]),
    )


def _filters(asked: argparse.Namespace, video_ids: Sequence[str]) -> Filters:
    return Filters(
        video_ids=tuple(video_ids) or None,
        span=_span(asked),
        tags=tuple(asked.tag),
        added_from=asked.since,
        added_until=asked.until,
        min_duration_s=asked.longer,
        max_duration_s=asked.shorter,
        min_height_px=asked.height,
    )


def kept(app: App, path: Path) -> str:
    """Keep a picture to search by; gives its name.

    Raises:
        MediaError: it cannot be read, or is none.
    """
    try:
        return app.keep_picture(path.read_bytes())
    except OSError as error:
        raise MediaError(
            f"{path} cannot be read ({error.strerror}). Name a picture that is there."
        ) from error


def _span(asked: argparse.Namespace) -> Span | None:
    if asked.from_s is None and asked.to_s is None:
        return None
    return Span(asked.from_s or 0.0, math.inf if asked.to_s is None else asked.to_s)


def _line(moment: Moment) -> str:
    played = moment.play_span
    stretch = f"{clock(played.start_s)}-{clock(played.end_s)}"
    more = f"  (+{len(moment.similar)} similar)" if moment.similar else ""
    return f"{moment.level or '':<8}  {moment.score:.3f}  {stretch:>17}  {moment.name}{more}"
