"""`cancel`: stop the indexing of videos that wait or are under way; what is searchable stays."""

from __future__ import annotations

import argparse

from core.bootstrap import open_app
from core.cli.chosen import chosen
from core.cli.terminal import complain, say
from core.model import IndexState
from core.settings import from_environment

_ON_THE_WAY = (IndexState.WAITING, IndexState.INDEXING)


def run(asked: argparse.Namespace) -> int:
    """Cancel; 1 where what was named was not on its way. Workers notice by themselves.

    Raises:
        LibraryError: nothing in the library is what was named.
    """
    app = open_app(from_environment())
    try:
        videos = chosen(asked, app.library.videos())
        wanted = [video for video in videos if video.state in _ON_THE_WAY]
        if asked.all:
            app.library.cancel_all()
        for video in wanted if not asked.all else []:
            app.library.cancel(video.video_id)
        now = {video.video_id: video for video in app.library.videos()}
    finally:
        app.close()
    for video in wanted:
        after = now.get(video.video_id)
        say(f"{video.name}: {after.state if after is not None else 'deleted'}")
    if not wanted:
        complain("Nothing of that waits for indexing or is under way, so there is nothing to stop.")
    return 0 if wanted or asked.all else 1
