"""Which videos of the library a command is about: one, those of a folder, or all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.bootstrap import App
from core.errors import LibraryError, NoSuchVideoError, PathError
from core.model import Video
from core.paths import at_home

_LISTED: Final = "`python -m core status --videos` lists what is there."


def chosen(asked: argparse.Namespace, videos: Sequence[Video]) -> list[Video]:
    """Give the videos that were named, each once, or all.

    Raises:
        LibraryError: nothing in the library is what was named, or several videos have that name.
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
        found = _called(said, app.library.videos())
    if not found:
        raise NoSuchVideoError(
            f"No video has the id {said}, or that name; it may have been deleted. {_LISTED}"
        )
    return found[0].video_id


def _named(said: str, videos: Sequence[Video]) -> list[Video]:
    """Find the videos of an id, of a file, of a folder and those below it, or of a name."""
    try:
        path = at_home(Path(said)).absolute()
    except PathError:
        if found := _called(said, videos):
            return found
        raise
    found = [
        video
        for video in videos
        if video.video_id == said
        or (video.path is not None and Path(video.path).is_relative_to(path))
    ] or _called(said, videos)
    if not found:
        raise LibraryError(
            f"No video of the library has the id or the name {said}, or lies at {path}. {_LISTED}"
        )
    return found


def _called(name: str, videos: Sequence[Video]) -> list[Video]:
    """Find the one video of this name; an empty list where there is none.

    Raises:
        NoSuchVideoError: several have it.
    """
    found = [video for video in videos if video.name == name]
    if len(found) > 1:
        raise NoSuchVideoError(
            f"{len(found)} videos have the name {name}, so name one by its id. {_LISTED}"
        )
    return found
