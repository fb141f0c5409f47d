"""moviepy's reader with sampling and scaling put into the ffmpeg command.

Plain moviepy pipes every full-size frame into Python. `fps=…:round=up` emits at k the last frame
whose time is ≤ k, which is the one a player shows; ffmpeg's default rounding is up to half an
interval late. `start_time=0` repeats the first picture where it comes later than the film's zero.
This module is slow to import: only `frames` does, when it reads.
"""

from __future__ import annotations

import logging
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
from moviepy.video.io.ffmpeg_reader import FFMPEG_VideoReader
from numpy.typing import NDArray

from core.media import complaints, guard
from core.model import VideoFacts

log = logging.getLogger("reelseek.media")

# Of these, ffmpeg takes the beginning of the streams that it reads for zero, not that of all: read
# without its sound, such a film would count from another instant than its copy does with it.
_ZERO_OF_STREAMS_READ = {"mpeg", "mpegts", "ogg"}
_SILENCE_LIMIT_S = 180.0  # no frame for so long: a bomb, or a disk that went away


class SampledReader(FFMPEG_VideoReader):  # type: ignore[misc]  # moviepy has no types
    """Frame k of it is the picture at k * every_s; `get_frame(t)` and the rest work as moviepy's.

    It opens only what was probed: moviepy's own probe, which knows no whitelist, is left out.

    Raises:
        NoPictureError: not even the first frame can be decoded.
        MediaLimitError: the decoder gave nothing for minutes.
        MediaError: the decoder crashed.
        ToolError: ffmpeg is missing.
    """

    proc: subprocess.Popen[bytes] | None = None
    _job: guard.Job | None = None  # before anything that may fail, as the base's __del__ closes

    def __init__(
        self, path: Path, facts: VideoFacts, *, every_s: float, size: tuple[int, int]
    ) -> None:
        self.filename = str(path)
        self.infos: dict[str, object] = {}
        self.size = size  # width and height
        self.pixel_format, self.depth = "rgb24", 3
        self.rotation = facts.rotation_deg
        is_zero_shared = facts.audio_codec and facts.container in _ZERO_OF_STREAMS_READ
        sound = ["-map", "0:a:0", "-c", "copy", "-f", "null", "pipe:2"]
        self._sound_read_along = sound if is_zero_shared else []
        self._path = path
        self._every = Fraction(every_s).limit_denominator(1000)
        self.fps = float(1 / self._every)
        self.duration = self.ffmpeg_duration = facts.duration_s
        self.n_frames = max(1, -int(-facts.duration_s * self.fps // 1))
        self.initialize()

    def initialize(self, start_time: float = 0) -> None:
        """Start ffmpeg at the beginning, whatever the time: samples before it are passed over.

        As in the base, the frame at `start_time` has been read afterwards.
        """
        self.close(delete_lastread=False)
        width_px, height_px = self.size
        rate = f"{self._every.denominator}/{self._every.numerator}"
        scale = f"scale={width_px}:{height_px}:flags=bicubic"
        self._job = guard.Job([
            "-loglevel", "error", *guard.reading(self._path), "-map", "0:V:0",
            "-vf", f"fps=fps={rate}:round=up:start_time=0,{scale}",
            "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1",
            *self._sound_read_along,
        ])  # fmt: skip
        self.proc = self._job.process
        self.pos = 0
        if self.read_next() is None:
            raise complaints.no_picture()
        self.skip_frames(self.get_frame_number(start_time))

    def read_next(self) -> NDArray[np.uint8] | None:
        """Give the next frame, uint8 RGB (height, width, 3); None after the last."""
        width_px, height_px = self.size
        n_bytes = width_px * height_px * self.depth
        if self._job is None:
            return None
        raw = self._job.read(n_bytes, limit_s=_SILENCE_LIMIT_S)
        if len(raw) < n_bytes:
            code = self._job.wait(limit_s=_SILENCE_LIMIT_S)
            if code < 0:
                raise complaints.died(-code)
            if code > 0:
                log.info("ffmpeg on %s: %s", self._path, self._job.said[-2000:])
            return None  # the end, or where the film breaks off
        self.pos += 1
        self.last_read = np.frombuffer(raw, np.uint8).reshape(height_px, width_px, self.depth)
        return self.last_read

    def read_frame(self) -> NDArray[np.uint8]:
        """Give the next frame, and the last one again after the end, as the base does."""
        self.read_next()
        last: NDArray[np.uint8] = self.last_read
        return last

    def skip_frames(self, n: int = 1) -> None:
        """Read `n` frames and keep the last."""
        for _ in range(n):
            self.read_frame()

    def close(self, delete_lastread: bool = True) -> None:  # noqa: FBT001, FBT002 - the base's
        """End ffmpeg, whatever it does."""
        if self._job is not None:
            self._job.close()
        self._job = None
        self.proc = None
        if delete_lastread and hasattr(self, "last_read"):
            del self.last_read
