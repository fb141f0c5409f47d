"""`reindex`: have videos indexed again, one, those of a folder, or all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from core.bootstrap import open_app
from core.cli.chosen import chosen
from core.cli.indexing import Indexing
from core.cli.terminal import complain, many, say
from core.model import IndexState, Video
from core.settings import from_environment


def run(asked: argparse.Namespace) -> int:
    """Index again and wait; 1 if any of them did not become searchable.

    Raises:
        LibraryError: nothing in the library is what was named.
    """
    app = open_app(from_environment())
    try:
        videos = chosen(asked, app.library.videos())
        app.library.reindex([video.video_id for video in videos])
        with Indexing(app, asked) as indexing:
            for video in videos:
                indexing.take(video)
            indexing.wait()
        return _tell([app.library.video(video.video_id) for video in videos])
    finally:
        app.close()


def _tell(videos: Sequence[Video]) -> int:
    failed = [video for video in videos if video.state is not IndexState.READY]
    for video in videos:
        if video.state is IndexState.READY:
            say(f"{video.name}: indexed again, {many(video.n_clips, 'clip')}")
    for video in failed:
        complain(f"{video.name}: {video.error or f'It is {video.state}.'}")
    return 1 if failed else 0
