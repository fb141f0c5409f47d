"""`status`: what is in the library, what is being done, and what went wrong."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from core.bootstrap import Addition, App, Pace, open_app
from core.cli import models
from core.cli.terminal import clock, complain, say
from core.ingest import owner
from core.model import IndexState, PlayState, Video, Work
from core.settings import from_environment

_COPY = "a copy that browsers can play, which the app or `python -m core worker` makes"
_NAME_WIDTH = 40  # that shorter names are filled up to, in characters


def run(asked: argparse.Namespace) -> int:
    """Print the state; reads only."""
    app = open_app(from_environment())
    try:
        videos = app.library.videos()
        if asked.json:
            say(json.dumps(_object(app, videos), ensure_ascii=False))
        elif asked.videos:
            _list(videos)
        else:
            _tell(app, videos)
    finally:
        app.close()
    return 0


def _object(app: App, videos: Sequence[Video]) -> dict[str, Any]:
    made_by = app.library.index_info()
    wanted = app.models.wanted()
    n_searchable, n_clips = app.library.counts()
    return {
        "data": str(app.settings.data),
        "database": app.database_name(),
        "database_version": app.database_version(),
        "model": asdict(app.models.status()),
        "index": asdict(made_by) if made_by else None,
        "indexes": [asdict(one) for one in app.library.indexes.all()],
        "next_model": asdict(wanted) if wanted else None,
        "n_videos": len(videos),
        "n_searchable": n_searchable,
        "n_clips": n_clips,
        "pace": asdict(found) if (found := _pace_of_all(app)) else None,
        "folders": [_folder(*one) for one in app.additions.noted()],
        "videos": [_video(video) for video in videos],
    }


def _folder(addition: Addition, is_live: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    one = {key: value for key, value in asdict(addition).items() if key != "preflight"}
    more = {"asked_at": addition.asked_at.isoformat(), "is_live": is_live}
    return one | more | {"kind": addition.kind}


def _pace_of_all(app: App) -> Pace | None:
    """Say how fast the library grows: what the Add page says, from the same figures."""
    overview = app.library.overview
    return app.pace(overview.now()[1], overview.waiting_s)


def _video(video: Video) -> dict[str, Any]:
    return {
        "video_id": video.video_id,
        "name": video.name,
        "path": video.path,
        "duration_s": video.facts.duration_s,
        "size_bytes": video.facts.size_bytes,
        "added_at": video.added_at.isoformat(),
        "state": video.state,
        "progress": video.progress,
        "error": video.error,
        "retry_at": video.retry_at.isoformat() if video.retry_at else None,
        "work": asdict(video.work) if video.work else None,
        "play_state": video.play_state,
        "play_progress": video.play_progress,
        "play_error": video.play_error,
        "n_clips": video.n_clips,
    }


def _list(videos: Sequence[Video]) -> None:
    """Write id, name, length and state of each: what other commands take a video by."""
    if not videos:
        complain("There are no videos yet. Add some with `python -m core add PATH`.")
    width = min(_NAME_WIDTH, max((len(video.name) for video in videos), default=0))
    for video in videos:
        length = clock(video.facts.duration_s)
        say(f"{video.video_id}  {video.name:<{width}}  {length:>9}  {video.state}")


def _tell(app: App, videos: Sequence[Video]) -> None:
    counted = Counter(video.state for video in videos)
    states = ", ".join(f"{counted[state]} {state}" for state in IndexState if counted[state])
    say(f"data      {app.settings.data}")
    say(f"database  {app.database_name()}: {app.database_version()}")
    say(f"model     {app.models.status().sentence}")
    for line in models.tell(app):
        say(f"index   {line}")
    say(f"videos    {len(videos)}" + (f": {states}" if states else ""))
    say(f"clips     {app.library.counts()[1]}")
    if found := _pace_of_all(app):
        say(f"speed     {_in_all(found)}")
    for addition, is_live in app.additions.noted():
        say(f"{addition.kind:<9} {addition.path}: {_came_of(addition, is_live=is_live)}")
    copied = app.library.copied_now(owner.is_dead)
    for video in videos:
        for line in _news(video, is_copied=video.video_id in copied):
            say(line)


def _in_all(found: Pace) -> str:
    words = [f"{found.speed:.1f} times real time in all", f"about {clock(found.left_s)} left"]
    words += [f"held up by {' and '.join(found.bottlenecks)}"] if found.bottlenecks else []
    return f"{', '.join(words)}, on {' and '.join(found.devices)}"


def _came_of(one: Addition, *, is_live: bool) -> str:
    """Say how far a folder is that was named on the Add page, or what came of it."""
    counted = f"{one.n_seen} of {one.n_files} looked at, {one.n_new} new, {one.n_known} known"
    counted += f", {one.n_failed} cannot be used" if one.n_failed else ""
    words = {
        "looking": "counted just now",
        "asking": f"{one.n_files} files, it waits for Begin on the Add page",
        "failed": "not added",
    }.get(one.state, f"{one.state}, {counted}")
    if not is_live and not one.has_ended:
        words += ", broken off until the app starts again"
    return f"{words}. {one.error}" if one.error else words


def _pace(work: Work) -> str:
    """Say how fast a video is indexed, how long it still takes, and what holds it up."""
    words = [f"{work.speed:.1f} times its speed"] if work.speed else []
    if work.left_s is not None:
        words.append(f"{clock(work.left_s)} left")
    if work.bottleneck is not None:
        words.append(f"held up by {work.bottleneck}")
    return f", {', '.join([*words, f'on {work.device}'])}, by {work.worker}"


def _retry(video: Video) -> str:
    if video.retry_at is None:
        return ""
    left_s = (video.retry_at - datetime.now(UTC)).total_seconds()
    return f" It is tried again in {max(1, round(left_s))} s." if left_s > 0 else ""


def _news(video: Video, *, is_copied: bool) -> list[str]:
    """Say what is not simply done about a video."""
    lines = []
    if video.state is not IndexState.READY:
        how = f" {video.progress:.0%}" if video.state is IndexState.INDEXING else ""
        how += _pace(video.work) if video.work else ""
        why = f": {video.error}" if video.error else ""
        why += _retry(video)
        lines.append(f"{video.state:<9} {video.name}{how}{why}")
    if video.play_state is PlayState.FAILED:
        lines.append(f"no copy   {video.name}: {video.play_error}")
    elif is_copied:
        lines.append(f"copying   {video.name} for browsers {video.play_progress:.0%}")
    elif video.play_state in (PlayState.WANTED, PlayState.MAKING):
        why = f" {video.play_error}" if video.play_error else ""
        lines.append(f"to copy   {video.name}: waits for {_COPY}.{why}")
    return lines
