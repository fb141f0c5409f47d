"""A query as the parameters of a web address, and back: whoever opens it sees the same search.

What an address says wrongly counts as not said, as people edit addresses. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from core.model import Span
from core.query import Filters, Frame, Query

T = TypeVar("T")

_PICTURE = re.compile(r".*/api/video/([^/]+)/picture")
_BETWEEN = ","  # ids, tags and frames; none of these has one


def to_params(query: Query) -> dict[str, str]:
    """Write a query; what is as usual is not written."""
    filters, usual = query.filters, Query()
    span = filters.span
    said: dict[str, Any] = {
        "q": query.text,
        "minus": query.minus,
        "then": query.then,
        "within": _number(query.within_s) if query.within_s != usual.within_s else "",
        "like": _frames([query.frame] if query.frame is not None else []),
        "picture": query.picture_id,
        "blend": _number(query.blend) if query.blend != usual.blend else "",
        "up": _frames(query.liked),
        "down": _frames(query.disliked),
        "video": _BETWEEN.join(filters.video_ids or ()),
        "from": _number(span.start_s) if span is not None and span.start_s > 0 else "",
        "to": _number(span.end_s) if span is not None and math.isfinite(span.end_s) else "",
        "tags": _BETWEEN.join(filters.tags),
        "since": filters.added_from,
        "until": filters.added_until,
        "longer": _number(filters.min_duration_s),
        "shorter": _number(filters.max_duration_s),
        "height": filters.min_height_px,
    }
    return {name: str(value) for name, value in said.items() if value not in (None, "")}


def from_params(params: Mapping[str, str]) -> Query:
    """Read a query."""
    usual = Query()
    like = _read_frames(params.get("like", ""))
    return Query(
        text=params.get("q", ""),
        minus=params.get("minus", ""),
        then=params.get("then", ""),
        within_s=_read(_seconds, params.get("within"), usual.within_s),
        frame=like[0] if like else None,
        picture_id=params.get("picture") or None,
        blend=min(1.0, _read(_seconds, params.get("blend"), usual.blend)),
        liked=_read_frames(params.get("up", "")),
        disliked=_read_frames(params.get("down", "")),
        filters=_read_filters(params),
    )


def _read_filters(params: Mapping[str, str]) -> Filters:
    from_s = _read(_seconds, params.get("from"), 0.0)
    to_s = _read(_seconds, params.get("to"), math.inf)
    is_everywhere = (from_s, to_s) == (0.0, math.inf)
    height: int | None = _read(int, params.get("height"), None)
    return Filters(
        video_ids=_words(params.get("video", "")) or None,
        span=None if is_everywhere else Span(from_s, to_s),
        tags=_words(params.get("tags", "")),
        added_from=_read(date.fromisoformat, params.get("since"), None),
        added_until=_read(date.fromisoformat, params.get("until"), None),
        min_duration_s=_read(_seconds, params.get("longer"), None),
        max_duration_s=_read(_seconds, params.get("shorter"), None),
        min_height_px=height if height is not None and height > 0 else None,
    )


def _read(parse: Callable[[str], T], text: str | None, otherwise: T | Any) -> Any:
    try:
        return parse(text) if text else otherwise
    except ValueError:
        return otherwise


def _seconds(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(text)
    return value


def _number(value: float | None) -> str:
    return "" if value is None else repr(round(value, 6)).removesuffix(".0")


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in text.split(_BETWEEN) if one.strip()))


def frame_of(text: str) -> Frame | None:
    """Read a frame as VIDEO_ID@SECONDS, or as the address of a page or picture of the app.

    None where it is neither.
    """
    try:
        link = urlsplit(text.strip())
    except ValueError:  # brackets that no host has
        return None
    if link.scheme in ("http", "https"):
        said = {name: values[0] for name, values in parse_qs(link.query).items()}
        picture = _PICTURE.fullmatch(link.path)
        video_id = unquote(picture[1]) if picture else said.get("id", "")
        text = f"{video_id}@{said.get('t', '0')}"
    return next(iter(_read_frames(text)), None)


def _frames(frames: Any) -> str:
    return _BETWEEN.join(f"{frame.video_id}@{_number(frame.at_s)}" for frame in frames)


def _read_frames(text: str) -> tuple[Frame, ...]:
    found = []
    for one in _words(text):
        video_id, _, at = one.rpartition("@")
        at_s = _read(_seconds, at, None)
        if video_id and at_s is not None:
            found.append(Frame(video_id, at_s))
    return tuple(found)
