"""The frames that a player shows at 0, every_s, 2·every_s …, in one pass of ffmpeg.

The same pass finds where shots begin. Knows no models: what is done with the frames is the
caller's affair.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.media import keyframes
from core.media.placing import KeyFrameCuts
from core.media.shots import CutFinder
from core.model import VideoFacts

Mode = Literal["exact", "keyframes", "auto"]  # see Sampling

_PLACED_S = 2.5  # key frames so near are decoded between, where there is a cut
_MAX_LONG_SIDE = 4  # times the short side; slimmer videos are squeezed to it


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames of a video are wanted.

    Modes: "exact" gives the frame that a player shows at each k * every_s. "keyframes" decodes key
    frames alone and gives the first one of each interval, at its own time: many times faster, and
    as coarse as the key frames are far apart; where their times cannot be known without decoding
    (AVI), it is as "exact". "auto" does so where key frames come at least as often as samples.
    """

    every_s: float = 1.0
    mode: Mode = "auto"
    wants_shots: bool = True

    def __post_init__(self) -> None:
        if not self.every_s > 0:
            raise ValueError(f"every_s is {self.every_s}; samples must be some time apart.")


@dataclass(frozen=True, slots=True)
class Sample:
    """The picture a player shows at `time_s`: uint8 RGB (height, width, 3), upright."""

    time_s: float
    frame: NDArray[np.uint8]


class Samples:
    """Samples of one video in the order of time, and the cuts found on the way.

    Iterate over it once, and close it, or use it as a context. In memory are never more samples
    than come within a moment.

    Attributes:
        mode: "exact" or "keyframes": how these samples are chosen.
    """

    def __init__(
        self, path: Path, facts: VideoFacts, sampling: Sampling, size: tuple[int, int]
    ) -> None:
        from core.media.reader import SampledReader  # noqa: PLC0415 - moviepy is slow to import

        is_fast = sampling.mode != "exact" and _are_key_frames_enough(path, facts, sampling)
        self.mode: Literal["exact", "keyframes"] = "keyframes" if is_fast else "exact"
        self._finder = _finder(path, facts, sampling, is_fast=is_fast)
        self._every_s, self._duration_s = sampling.every_s, facts.duration_s
        self._reader = SampledReader(
            path, facts, every_s=sampling.every_s, size=size,
            decodes="keyframes" if is_fast else "all", cuts=self._finder,
        )  # fmt: skip

    @property
    def cuts_s(self) -> list[float]:
        """When new shots begin, ascending, never 0; so far.

        When a sample is given, all cuts up to its time are known; after the last, all.
        """
        return self._finder.cuts_s if self._finder else []

    def __iter__(self) -> Iterator[Sample]:
        """Give the samples.

        Raises:
            MediaLimitError: the decoder gave nothing for minutes.
            MediaError: the decoder crashed.
        """
        waiting: deque[Sample] = deque()
        for sample in self._read():
            waiting.append(sample)
            known_until_s = self._known_until_s(sample.time_s)
            while waiting and waiting[0].time_s <= known_until_s:
                yield waiting.popleft()
        if self._finder:
            self._finder.look(is_end=True)
        yield from waiting

    def _read(self) -> Iterator[Sample]:
        frame: NDArray[np.uint8] | None = self._reader.last_read
        n = 0
        while frame is not None and (n == 0 or self._reader.last_time_s < self._duration_s):
            time_s = n * self._every_s if self.mode == "exact" else self._reader.last_time_s
            yield Sample(time_s, frame)
            n += 1
            frame = self._reader.read_next()

    def _known_until_s(self, seen_until_s: float) -> float:
        if self._finder is None:
            return float("inf")
        self._finder.look(seen_until_s)
        return self._finder.known_until_s

    def close(self) -> None:
        """End ffmpeg, whatever it does. May be called again."""
        self._reader.close()
        if isinstance(self._finder, KeyFrameCuts):
            self._finder.close()

    def __enter__(self) -> Samples:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _finder(
    path: Path, facts: VideoFacts, sampling: Sampling, *, is_fast: bool
) -> CutFinder | KeyFrameCuts | None:
    """Choose what finds the cuts, where they are wanted.

    Farther apart than samples, key frames are alone decoded only where somebody asked for that.
    """
    if not sampling.wants_shots:
        return None
    if not is_fast:
        return CutFinder()
    return KeyFrameCuts(path, facts, max(_PLACED_S, sampling.every_s * keyframes.SLACK))


def _are_key_frames_enough(path: Path, facts: VideoFacts, sampling: Sampling) -> bool:
    gap_s = keyframes.largest_gap_s(path, facts, sampling.every_s)
    if gap_s is None:
        return False
    return sampling.mode == "keyframes" or gap_s <= sampling.every_s * keyframes.SLACK


def read_samples(
    facts: VideoFacts, path: Path, sampling: Sampling, *, size_px: int | tuple[int, int]
) -> Samples:
    """Begin to read the samples of a video, at least one.

    Args:
        facts: what probe said of the file.
        path: the file.
        sampling: which frames.
        size_px: their short side, in the proportions of the shown picture; or width and height.

    Raises:
        NoPictureError: not even the first frame can be decoded.
        MediaLimitError: the decoder gave nothing for minutes.
        MediaError: the decoder crashed.
        ToolError: ffmpeg is missing.
    """
    size = scaled_size(facts, size_px) if isinstance(size_px, int) else size_px
    return Samples(path, facts, sampling, size)


def scaled_size(facts: VideoFacts, short_side_px: int) -> tuple[int, int]:
    """Give (width, height) in pixels with this short side and the shown proportions."""
    scale = short_side_px / min(facts.width_px, facts.height_px)
    longest = short_side_px * _MAX_LONG_SIDE
    width_px, height_px = (round(side * scale) for side in (facts.width_px, facts.height_px))
    return max(1, min(width_px, longest)), max(1, min(height_px, longest))
