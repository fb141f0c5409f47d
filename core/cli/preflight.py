"""What adding many files would take, in a sentence, and the question whether to begin."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.bootstrap import App
from core.cli.terminal import complain
from core.ingest.preflight import Preflight

_MOST_NAMED = 5  # of the files that are too large


def agreed(app: App, files: Sequence[Path], *, is_sure: bool) -> bool:
    """Say what is to do, on standard error; ask if a person is there and has not said yes."""
    found = app.survey(files)
    complain(sentence(found))
    for line in warnings(found):
        complain(line)
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
    words += _unusable(found) if found.n_bad else ""
    if not found.n_new:
        return f"{words}."
    about = "about " if found.n_probed < found.n_new else ""
    stored = f"{_size(found.sent_bytes)} of the server and " if found.sent_bytes else ""
    return (
        f"{words}: {about}{_length(found.hours * 3600)} of video to index, {_time(found)}, and "
        f"about {stored}{_part(found.needed_bytes, found.free_bytes)} of disk."
    )


def _unusable(found: Preflight) -> str:
    looked_at = f"the {found.n_probed} looked at" if found.n_probed < found.n_new else "them"
    return f", {found.n_bad} of {looked_at} cannot be used"


def _time(found: Preflight) -> str:
    speed = f"at {found.speed:.3g} times their speed"
    if not found.is_speed_known:
        how = "a guess: none was indexed here yet"
    elif found.is_sampling_other:
        how = "or more: the last videos here had samples at other distances"
    else:
        how = "as the last videos here"
    at_most = "at most " if found.is_sampling_other else ""
    return f"about {at_most}{_length(found.takes_s)} {speed} ({how})"


def warnings(found: Preflight) -> Iterator[str]:
    """Say what will not go well, a line each."""
    if found.too_large and found.most_sent_bytes is not None:
        names = ", ".join(path.name for path in found.too_large[:_MOST_NAMED])
        more = len(found.too_large) - _MOST_NAMED
        yield (
            f"{len(found.too_large)} will be refused, with more than the "
            f"{found.most_sent_bytes / 2**20:,.0f} MB that the server takes in one message: {names}"
            + (f" and {more} more" if more > 0 else "")
            + ". Raise its limit and REELSEEK_MESSAGE_MB, or leave them out."
        )
    if not found.has_room:
        yield (
            f"The disk has {found.free_bytes / 1e9:.1f} GB free, which is not enough. Make room, "
            "or set REELSEEK_DATA to a folder on another disk; --yes begins all the same."
        )


def _part(n_bytes: int, of_bytes: int) -> str:
    part, whole = _size(n_bytes), _size(of_bytes)
    unit = whole[-3:]
    return f"{part.removesuffix(unit)} of {whole}"


def _size(n_bytes: int) -> str:
    """Say a size; what is there is never said to be none."""
    if n_bytes >= 100_000_000:
        return f"{n_bytes / 1e9:.1f} GB"
    return f"{math.ceil(n_bytes / 1e5) / 10:.1f} MB"


def _length(time_s: float) -> str:
    if time_s < 90:
        return f"{time_s:.0f} s"
    return f"{time_s / 60:.0f} min" if time_s < 5400 else f"{time_s / 3600:.1f} h"
