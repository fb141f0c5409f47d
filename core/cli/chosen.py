"""Which videos of the library a command is about: one, those of a folder, or all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.bootstrap import App
from core.errors import LibraryError, NoSuchVideoError
from core.model import Video


def chosen(asked: argparse.Namespace, videos: Sequence[Video]) -> list[Video]:
    """Give the videos that were named, each once, or all.

    Raises:
        LibraryError: nothing in the library is what was named.
    """
    if asked.all:
        return list(videos)
    found = {v.video_id: v for name in asked.videos for v in _named(name, videos)}
    return list(found.values())


def id_of(app: App, said: str) -> str:
    """Give the id of the video that has it, or has this name and shares it with none.

    Raises:
        NoSuchVideoError: there is none, or the name does not tell which.
    """
    try:
        return app.library.video(said).video_id
    except NoSuchVideoError:
        found = [video for video in app.library.videos() if video.name == said]
    if len(found) == 1:
        return found[0].video_id
    problem = (
        f"{len(found)} videos have the name {said}, so name one by its id."
        if found
        else f"No video has the id {said}, or that name; it may have been deleted."
    )
    raise NoSuchVideoError(f"{problem} `python -m core status --videos` lists them.")


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
            f"No video of the library has the id {name} or lies at {path}. `python -m core status "
            "--videos` lists what is there."
        )
    return found
