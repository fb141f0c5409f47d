"""The small pictures of all frames from one key frame on, decoded by an ffmpeg of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.media import blocks, guard, small, zero
from core.media.shots import CutFinder
from core.model import VideoFacts

_INDEXED = ("mov", "matroska", "webm")  # a seek leads to the very key frame
_RUN_UP_S = 2.0  # elsewhere: it leads to about there, and not to a key frame
# With B-frames, ffmpeg seeks 3/23 s before what it is told.
_EARLY_S = 0.131
_SLACK_S = 1e-3
_SAME = 1.0  # mean difference, of 255, of the same picture decoded twice
_SILENCE_LIMIT_S = 60.0
_LOOKS_EVERY = 8  # pictures
# Of so few frames, threads decode more in vain than they save, and the model wants some.
_THREADS = 0.5


class Goal(NamedTuple):
    """What a stretch leads to: a key frame's picture, and the time of the key frame before it."""

    from_s: float
    planes: bytes


class Stretch:
    """Frames of a video from a key frame up to a time, or to the end.

    Args:
        path: the file.
        facts: what probe said of it.
        key_s: when the key frame is shown.
        next_key_s: when the next one is; infinite where there is none.
        until_s: where to end; None: with the video.

    Raises:
        ToolError: ffmpeg is missing.
    """

    def __init__(
        self, path: Path, facts: VideoFacts, key_s: float, next_key_s: float, until_s: float | None
    ) -> None:
        self._key_s, self._is_closed = key_s, False
        is_indexed = any(name in _INDEXED for name in facts.container.split(","))
        late_s = min(_EARLY_S, (next_key_s - key_s) / 2)
        seek_s = max(0.0, key_s + (late_s if is_indexed else -_RUN_UP_S))
        seek = ["-noaccurate_seek", "-ss", f"{seek_s:.6f}"] if seek_s else []
        back = f"setpts=PTS+round({seek_s:.6f}/TB)"
        end = "" if until_s is None else f":end={until_s:.6f}"
        trim = f"trim=start={max(0.0, key_s - _SLACK_S):.6f}{end}"
        self._job = guard.Job([
            "-loglevel", "error", *seek, *guard.reading(path, of_threads=_THREADS),
            "-map", "0:V:0", "-vf", f"{back},{trim},{small.of_all(facts.fps)}",
            "-fps_mode", "passthrough", *blocks.MUXER, "pipe:1", *zero.sound_read_along(facts),
        ])  # fmt: skip

    def read_into(self, finder: CutFinder, planes: bytes, goal: Goal | None = None) -> bool:
        """Show all of it to a finder; False where it does not begin with the key frame's picture.

        Then the seek led elsewhere, or times do not count from where the video's do.

        Args:
            finder: a new one; has decided about all afterwards.
            planes: the key frame's picture.
            goal: once a cut is behind and a picture is of the goal's shot, the rest is not
                decoded.

        Raises:
            MediaLimitError: the decoder gave nothing for long.
        """
        with self._job:
            pictures = self._pictures()
            first = next(pictures, None)
            if first is None or not self._is_key(first, planes):
                return False
            finder.add(self._key_s, first.data)
            for n, picture in enumerate(pictures):
                since_us = picture.time_us - first.time_us  # ffmpeg rounds where it seeks to
                time_s = self._key_s + since_us / 1e6
                finder.add(time_s, picture.data)
                if goal and n % _LOOKS_EVERY == 0 and _is_there(finder, time_s, picture.data, goal):
                    break
            else:
                if self._job.wait(limit_s=_SILENCE_LIMIT_S) < 0:  # the decoder crashed
                    return False
        finder.look(is_end=True)
        return True

    def _pictures(self) -> Iterator[blocks.Block]:
        return blocks.blocks(self._read)

    def _read(self) -> bytes:
        return b"" if self._is_closed else self._job.read_some(limit_s=_SILENCE_LIMIT_S)

    def _is_key(self, first: blocks.Block, planes: bytes) -> bool:
        one, other = (np.frombuffer(data, np.uint8).astype(int) for data in (first.data, planes))
        is_then = abs(first.time_us / 1e6 - self._key_s) <= _SLACK_S
        return is_then and float(np.abs(one - other).mean()) < _SAME

    def close(self) -> None:
        """End ffmpeg, whatever it does. May be called again."""
        self._is_closed = True
        self._job.close()


def _is_there(finder: CutFinder, time_s: float, planes: bytes, goal: Goal) -> bool:
    """Say whether the last cut is behind, and what is shown now is the shot of the goal."""
    if time_s <= goal.from_s:
        return False
    finder.look()
    return finder.latest_cut_s > goal.from_s and not are_apart(planes, goal.planes)


def are_apart(one: bytes, other: bytes) -> bool:
    """Say whether two small pictures, a second apart, are of two shots as far as they tell."""
    finder = CutFinder()
    for time_s, planes in enumerate((one, other)):
        finder.add(float(time_s), planes)
    finder.look(is_end=True)
    return bool(finder.cuts_s)
