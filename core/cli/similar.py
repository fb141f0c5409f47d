"""`similar VIDEO@SECOND`: the moments that look like one second of a video, by its id or name."""

from __future__ import annotations

import argparse

from core.cli import search


def run(asked: argparse.Namespace) -> int:
    """Search as `search --like` does, without words."""
    asked.text = asked.minus = asked.then = ""
    asked.within, asked.blend, asked.image = 0.0, 1.0, None
    asked.liked = asked.disliked = ()
    return search.run(asked)
