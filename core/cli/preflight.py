"""What adding many files would take, in a sentence, and the question whether to begin."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from core.bootstrap import App
from core.cli.terminal import complain
from core.ingest.preflight import Preflight, preflight


def agreed(app: App, files: Sequence[Path], *, is_sure: bool) -> bool:
    """Say what is to do, on standard error; ask if a person is there and has not said yes."""
    settings = app.settings
    found = preflight(app.library, files, every_s=settings.every_s, data=settings.data)
    complain(sentence(found))
    if not found.has_room:
        complain(
            f"The disk has {found.free_bytes / 1e9:.1f} GB free, which is not enough. Make room, "
            "or set REELSEEK_DATA to a folder on another disk; --yes begins all the same."
        )
    if is_sure or not found.n_new:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return found.has_room
    sys.stderr.write("Begin? [Y/n] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("", "y", "yes")


def sentence(found: Preflight) -> str:
    """Put the figures into words; "about" where they come from some of the files."""
    known = found.n_files - found.n_new
    words = f"{found.n_files} files" + (f", {known} of them there already" if known else "")
    if not found.n_new:
        return f"{words}."
    about = "about " if found.n_probed < found.n_new else ""
    speed = f"at {found.speed:.0f} times their speed"
    how = (
        "as the last videos here" if found.is_speed_known else "a guess: none was indexed here yet"
    )
    return (
        f"{words}: {about}{_length(found.hours * 3600)} of video to index, about "
        f"{_length(found.takes_s)} {speed} ({how}), and about {found.needed_bytes / 1e9:.1f} of "
        f"{found.free_bytes / 1e9:.1f} GB of disk."
    )


def _length(time_s: float) -> str:
    if time_s < 90:
        return f"{time_s:.0f} s"
    return f"{time_s / 60:.0f} min" if time_s < 5400 else f"{time_s / 3600:.1f} h"
