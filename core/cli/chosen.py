"""Which videos of the library a command is about: one, those of a folder, or all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.errors import LibraryError
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
