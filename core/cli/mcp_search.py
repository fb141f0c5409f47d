"""The tool by which an assistant searches: everything that the page can ask, as plain arguments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from core.address import frame_of
from core.bootstrap import App
from core.cli.moments import as_objects, exactly
from core.cli.search import kept
from core.errors import SearchError
from core.model import Span
from core.query import FLOOR, PER_VIDEO, Filters, Frame, Query, Wanted


class MomentSearch:
    """Searches one library for an assistant."""

    def __init__(self, app: App) -> None:
        self._app = app

    def search_moments(
        self, text: str = "", minus: str = "", then: str = "", within_s: float = 30.0,
        like: str = "", image: str = "", blend: float = 0.5,
        liked: list[str] | None = None, disliked: list[str] | None = None,
        video_ids: list[str] | None = None, tags: list[str] | None = None,
        from_s: float = 0.0, to_s: float | None = None,
        added_from: str = "", added_until: str = "",
        min_duration_s: float | None = None, max_duration_s: float | None = None,
        min_height_px: int | None = None,
        limit: int = 10, floor: float = FLOOR, per_video: int = PER_VIDEO,
        padding_s: float = 0.0, *, folds: bool = True, exact: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Find the moments of videos that show what is asked for, best first.

        Args:
            text: what to look for; several lines: any of them will do. A minus takes away: `-word`
                or `-"several words"`.
            minus: what it must not show, separated by commas.
            then: what has to follow it.
            within_s: how soon, in seconds.
            like: a moment_id, VIDEO_ID@SECONDS or the address of a moment: what looks like it.
            image: the path of a picture on this machine: what looks like it.
            blend: what a picture weighs beside words, 0..1.
            liked: moments, as in `like`, that move the search towards them.
            disliked: moments that move it away from them.
            video_ids: only within these videos.
            tags: only within videos that have all of these.
            from_s: only what shows after this second of its video.
            to_s: only what shows before this second.
            added_from: only in videos added on this day, as 2026-01-31, or later.
            added_until: only in videos added on this day or earlier.
            min_duration_s: only in videos as long.
            max_duration_s: only in videos no longer.
            min_height_px: only in videos with so many lines, upright or lying: 1080 is HD.
            limit: how many moments at most.
            floor: how sure a moment has to be, 0..1.
            per_video: how many moments of one video at most; 0: all.
            padding_s: so much more on both sides from play_start_s to play_end_s.
            folds: whether moments that look the same go under the best of them, as `similar`.
            exact: whether start_s and end_s are placed to a frame, which takes seconds; `inexact`
                then says by moment_id of which that cannot be done, and why.
        """
        query = Query(
            text=text, minus=minus, then=then, within_s=within_s,
            frame=_frame(like) if like else None,
            picture_id=kept(self._app, Path(image)) if image else None, blend=blend,
            liked=_frames(liked), disliked=_frames(disliked),
            filters=Filters(
                video_ids=tuple(self._app.library.video(one).video_id for one in video_ids or ())
                or None,
                span=_span(from_s, to_s), tags=tuple(tags or ()),
                added_from=_day(added_from), added_until=_day(added_until),
                min_duration_s=min_duration_s, max_duration_s=max_duration_s,
                min_height_px=min_height_px,
            ),
        )  # fmt: skip
        wanted = Wanted(limit, floor, per_video or None, padding_s, folds)
        result = self._app.searcher.search(query, wanted=wanted)
        inexact: dict[str, str] = {}
        if exact:
            result, inexact = exactly(self._app, result)
        return {
            "n_videos": result.n_videos,
            "n_clips": result.n_clips,
            "n_matches": result.n_matches,
            "n_held_back": result.n_held_back,
            "moments": as_objects(result.moments),
            "inexact": inexact,
        }


def _frames(said: Sequence[str] | None) -> tuple[Frame, ...]:
    return tuple(map(_frame, said or ()))


def _frame(said: str) -> Frame:
    frame = frame_of(said)
    if frame is None:
        raise SearchError(f"{said!r} names no moment. Write VIDEO_ID@SECONDS.")
    return frame


def _span(from_s: float, to_s: float | None) -> Span | None:
    if from_s <= 0 and to_s is None:
        return None
    return Span(max(0.0, from_s), math.inf if to_s is None else to_s)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise SearchError(f"{said!r} is no day. Write it as 2026-01-31.") from None
