"""The arguments that several commands share, and the types that arguments have.

Imports nothing of Reelseek's rooms, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import math
import re
from datetime import date
from pathlib import Path

_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d*)?)")


def add_search(command: argparse.ArgumentParser) -> None:
    """Add what says what to look for, and where."""
    command.add_argument(
        "text", metavar="TEXT", nargs="?", default="",
        help='what to look for, in words; -WORD or -"SOME WORDS" takes away, and each line is '
        "enough by itself",
    )  # fmt: skip
    command.add_argument("--minus", metavar="WORDS", default="", help="what it must not show")
    command.add_argument("--then", metavar="TEXT", default="", help="what has to follow it")
    command.add_argument(
        "--within", metavar="S", type=seconds, default=30.0, help="how soon, in seconds (30)"
    )
    command.add_argument("--image", metavar="FILE", type=Path, help="like this picture")
    command.add_argument(
        "--like", metavar="VIDEO@SECOND", type=frame,
        help="like this second of it (its id, or its name)",
    )  # fmt: skip
    command.add_argument(
        "--liked", metavar="VIDEO@SECOND", type=frame, action="append", default=[],
        help="more of what this second shows",
    )  # fmt: skip
    command.add_argument(
        "--disliked", metavar="VIDEO@SECOND", type=frame, action="append", default=[],
        help="less of what this second shows",
    )  # fmt: skip
    command.add_argument(
        "--blend", metavar="SHARE", type=share, default=0.5,
        help="what a picture weighs beside words, 0 to 1 (0.5)",
    )  # fmt: skip
    add_filters(command)
    add_limits(command)


def add_filters(command: argparse.ArgumentParser) -> None:
    """Add what says where to look."""
    command.add_argument("--video", metavar="VIDEO", action="append", help="only within it")
    command.add_argument(
        "--from", dest="from_s", metavar="S", type=seconds, help="only after S, or 1:05"
    )
    command.add_argument("--to", dest="to_s", metavar="S", type=seconds, help="only before S")
    command.add_argument(
        "--tag", metavar="TAG", action="append", default=[], help="only videos that have it"
    )
    command.add_argument("--since", metavar="DAY", type=day, help="only what was added since")
    command.add_argument("--until", metavar="DAY", type=day, help="only what was added until")
    command.add_argument("--longer", metavar="S", type=seconds, help="only videos as long")
    command.add_argument("--shorter", metavar="S", type=seconds, help="only shorter videos")
    command.add_argument("--height", metavar="PX", type=count, help="only as many lines")


def add_limits(command: argparse.ArgumentParser) -> None:
    """Add what says how much to give."""
    command.add_argument("-k", dest="limit", metavar="N", type=count, default=10, help="most (10)")
    command.add_argument(
        "--floor", metavar="STRENGTH", type=share, help="the least strength, 0 to 1 (0.5)"
    )
    of_one = command.add_mutually_exclusive_group()
    of_one.add_argument("--per-video", metavar="N", type=count, help="most of one video (3)")
    of_one.add_argument("--all", action="store_true", help="as many of one video as there are")
    command.add_argument(
        "--unfolded", action="store_true", help="each by itself of those that look the same"
    )
    command.add_argument(
        "--padding", metavar="S", type=seconds, default=0.0,
        help="play so many seconds more before and after each (0)",
    )  # fmt: skip
    command.add_argument(
        "--exact", action="store_true", help="place the edges of each to a frame; takes seconds"
    )


def add_which(command: argparse.ArgumentParser) -> None:
    """Add what says which videos of the library: some, or all."""
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "videos", metavar="VIDEO", nargs="*", default=[], help="an id, a name, a file, or a folder"
    )
    which.add_argument("--all", action="store_true", help="every video")


def seconds(text: str) -> float:
    """Read a time as people type it: 65, 65.5, 1:05 or 1:05:09."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        value = float(text)
    else:
        hours, minutes, rest_s = found.groups(default="0")
        value = float(hours) * 3600 + float(minutes) * 60 + float(rest_s)
    if not math.isfinite(value) or value < 0:
        raise ValueError(text)
    return value


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def count(text: str) -> int:
    """Read a number of things."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def day(text: str) -> date:
    """Read a day as 2026-01-31."""
    return date.fromisoformat(text)


def frame(text: str) -> tuple[str, float]:
    """Read a video's id or name, and a time in it.

    Raises:
        ArgumentTypeError: it is not both; in the words that people are told.
    """
    video_id, _, at_s = text.rpartition("@")
    try:
        if video_id:
            return video_id, seconds(at_s)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        f"{text!r} names no moment: write VIDEO@SECOND, for example Workshop.mp4@7"
    )


def port(text: str) -> int:
    """Read a port; 0 is a free one."""
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError(text)
    return value
