"""`reindex`: have videos indexed again, one, those of a folder, or all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.bootstrap import open_app
from core.cli.indexing import Indexing
from core.cli.terminal import complain, say
from core.errors import LibraryError
from core.model import IndexState, Video
from core.settings import from_environment


def run(asked: argparse.Namespace) -> int:
    """Index again and wait; 1 if any of them did not become searchable.

    Raises:
        LibraryError: nothing in the library is what was named.
    """
    app = open_app(from_environment())
    try:
        videos = app.library.videos()
        chosen = videos if asked.all else [v for name in asked.videos for v in _named(name, videos)]
        app.library.reindex([video.video_id for video in chosen])
        with Indexing(app, asked) as indexing:
            for video in chosen:
                indexing.take(video)
            indexing.wait()
        return _tell([app.library.video(video.video_id) for video in chosen])
    finally:
        app.close()


def _named(name: str, videos: Sequence[Video]) -> list[Video]:
    """Find the videos of an id, of a file, or of a folder and those below it."""
    path = Path(name).expanduser().absolute()
    found = [
        video
        for video in videos
        if video.video_id == name
        or (video.path is not None and Path(video.path).is_relative_to(path))
    ]
    if not found:
        raise LibraryError(
            f"No video of the library has the id {name} or lies at {path}. `python -m core status` "
            "lists what is there."
        )
    return found


def _tell(videos: Sequence[Video]) -> int:
    failed = [video for video in videos if video.state is not IndexState.READY]
    for video in videos:
        if video.state is IndexState.READY:
            say(f"{video.name}: indexed again, {video.n_clips} clips")
    for video in failed:
        complain(f"{video.name}: {video.error or f'It is {video.state}.'}")
    return 1 if failed else 0
