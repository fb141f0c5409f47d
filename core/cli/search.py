"""`search TEXT`: the moments that look like the words, for people or as JSON."""

from __future__ import annotations

import argparse
import json
import math
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.bootstrap import App, open_app
from core.cli.chosen import id_of
from core.cli.moments import as_objects, exactly
from core.cli.terminal import clock, complain, many, say
from core.errors import MediaError, MediaLimitError
from core.model import Moment, SearchResult, Span
from core.query import FLOOR, PER_VIDEO, Filters, Frame, Query, Wanted
from core.settings import from_environment

_MOST_PICTURE_BYTES: Final = 64 * 2**20


def run(asked: argparse.Namespace) -> int:
    """Search and print; 0 also when nothing was found."""
    app = open_app(from_environment())
    try:
        result = find(app, asked)
        is_empty = not app.library.counts()[1]
    finally:
        app.close()
    if asked.json:
        say(json.dumps(as_objects(result.moments), ensure_ascii=False))
    elif not result.moments:
        complain(_nothing(asked, result, is_empty=is_empty))
    else:
        for moment in result.moments:
            say(_line(moment))
    return 0


def _nothing(asked: argparse.Namespace, result: SearchResult, *, is_empty: bool) -> str:
    """Say why nothing was found, and what may find something."""
    if is_empty:
        return "Nothing here is searchable yet. Add videos with `python -m core add PATH`."
    if not result.n_clips:
        return "No clip of the library is left to search in. Take away what narrows the search."
    found = (
        f"0 of {many(result.n_clips, 'clip')} match, in the {many(result.n_videos, 'video')} that "
        f"{'was' if result.n_videos == 1 else 'were'} searched."
    )
    if asked.floor == 0:
        return f"{found} Try other words."
    return f"{found} Try other words, or --floor 0, which shows the nearest, however unsure."


def find(app: App, asked: argparse.Namespace) -> SearchResult:
    """Search as the arguments say; on standard error is why edges that were to be exact are not.

    Raises:
        SearchError: there is nothing to look for, or the stretch is empty.
        NoSuchVideoError: there is no video of an id asked for.
        MediaError: the picture is none.
    """
    wanted = Wanted(
        limit=asked.limit,
        floor=FLOOR if asked.floor is None else asked.floor,
        per_video=None if asked.all else asked.per_video or PER_VIDEO,
        padding_s=asked.padding,
        folds=not asked.unfolded,
    )
    result = app.searcher.search(query_of(app, asked), wanted=wanted)
    if asked.exact:
        result, inexact = exactly(app, result)
        for sentence in dict.fromkeys(inexact.values()):
            complain(f"Some edges are as the index has them: {sentence}")
    return result


def query_of(app: App, asked: argparse.Namespace) -> Query:
    """Read what the arguments ask for."""
    return Query(
        text=asked.text,
        minus=asked.minus,
        then=asked.then,
        within_s=asked.within,
        frame=None if asked.like is None else _frame(app, asked.like),
        picture_id=None if asked.image is None else kept(app, asked.image),
        blend=asked.blend,
        liked=tuple(_frame(app, said) for said in asked.liked),
        disliked=tuple(_frame(app, said) for said in asked.disliked),
        filters=_filters(asked, [id_of(app, said) for said in asked.video or ()]),
    )


def _frame(app: App, said: tuple[str, float]) -> Frame:
    video, at_s = said
    return Frame(id_of(app, video), at_s)


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
        MediaError: it cannot be read, is none, or has more than 64 MB.
    """
    try:
        content = _content(path)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = error.strerror if isinstance(error, OSError) else error
        raise MediaError(
            f"{path} cannot be read ({reason}). Name a picture that is there."
        ) from error
    return app.keep_picture(content)


def _content(path: Path) -> bytes:
    """Read a file that may be a picture; a pipe or a device might never end, or never begin."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise MediaError(f"{path} is no file. Name a picture that is one.")
    n_bytes = facts.st_size
    if n_bytes <= _MOST_PICTURE_BYTES:
        with path.open("rb") as file:
            content = file.read(_MOST_PICTURE_BYTES + 1)
        n_bytes = len(content)
    if n_bytes > _MOST_PICTURE_BYTES:
        raise MediaLimitError(
            f"{path} has more than the {_MOST_PICTURE_BYTES // 2**20} MB that are read of a "
            "picture. Name a smaller one."
        )
    return content


def _span(asked: argparse.Namespace) -> Span | None:
    if asked.from_s is None and asked.to_s is None:
        return None
    return Span(asked.from_s or 0.0, math.inf if asked.to_s is None else asked.to_s)


def _line(moment: Moment) -> str:
    played = moment.play_span
    stretch = f"{clock(played.start_s)}-{clock(played.end_s)}"
    more = f"  (+{len(moment.similar)} similar)" if moment.similar else ""
    return f"{moment.level or '':<8}  {moment.score:.3f}  {stretch:>17}  {moment.name}{more}"
