"""`export TEXT`: what a search found as a table, a cut list or clips, for other programs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from core.bootstrap import open_app
from core.cli import search
from core.cli.moments import as_objects
from core.cli.terminal import complain, say
from core.errors import ExportError
from core.model import Moment, Video
from core.search import handoff
from core.settings import from_environment


def run(asked: argparse.Namespace) -> int:
    """Search as `search` does, and write what was found; 0 also when that is nothing.

    1 where some of it could not be cut, whose sentences are on standard error.
    """
    left_out: list[str] = []
    app = open_app(from_environment())
    try:
        moments = search.find(app, asked).moments
        videos = {video.video_id: video for video in app.library.videos()}
        if not moments:
            complain("Nothing was found, so nothing was written.")
        elif asked.clips is not None:
            left_out = handoff.cut_all(
                moments, videos, asked.clips, app.playing.original, lambda path: say(str(path))
            )
        else:
            _write(_text(asked, moments, videos), asked.target)
    finally:
        app.close()
    for sentence in left_out:
        complain(sentence)
    return 1 if left_out else 0


def _text(asked: argparse.Namespace, moments: tuple[Moment, ...], videos: dict[str, Video]) -> str:
    if asked.format == "json":
        return json.dumps(as_objects(moments), ensure_ascii=False) + "\n"
    if asked.format == "edl":
        return handoff.cut_list(moments, videos, asked.text)
    return handoff.table(moments, videos)


def _write(text: str, target: Path | None) -> None:
    if target is None:
        for line in text.splitlines():
            say(line)
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ExportError(
            f"{target} cannot be written ({error.strerror}). Name a file in a folder that is there."
        ) from error
