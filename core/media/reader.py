"""moviepy's reader with sampling and scaling put into the ffmpeg command.

Plain moviepy pipes every full-size frame into Python. `fps=…:round=up` emits at k the last frame
whose time is ≤ k, which is the one a player shows; ffmpeg's default rounding is up to half an
interval late. `start_time=0` holds the first picture back to 0 where the video begins later than
its container. This module is slow to import: only `frames` does, when it reads.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
from moviepy.video.io.ffmpeg_reader import FFMPEG_VideoReader
from numpy.typing import NDArray

from core.errors import MediaLimitError
from core.media import guard
from core.model import VideoFacts

_SILENCE_LIMIT_S = 180.0  # no frame for so long: a bomb, or a disk that went away


class SampledReader(FFMPEG_VideoReader):  # type: ignore[misc]  # moviepy has no types
    """Reads frames by time; opens only what was probed, so the base's own probe is left out."""

    def __init__(
        self, path: Path, facts: VideoFacts, *, every_s: float, size: tuple[int, int]
    ) -> None:
        self.filename = str(path)
        self.fps = 1 / every_s
        self.size = size
        self.depth = 3
        self.duration = facts.duration_s
        self.proc: subprocess.Popen[bytes] | None = None
        self._path = path
        self._every = Fraction(every_s).limit_denominator(1000)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the reader
        self._is_late = False
        self.initialize()

    def initialize(self, start_time: float = 0) -> None:  # noqa: ARG002 - the base's signature
        """Start ffmpeg at the beginning of the file."""
        width_px, height_px = self.size
        rate = f"{self._every.denominator}/{self._every.numerator}"
        chain = f"fps=fps={rate}:round=up:start_time=0,scale={width_px}:{height_px}:flags=bicubic"
        self.pos = 0
        self.proc = guard.start(
            ["-loglevel", "error", *guard.reading(self._path), "-map", "0:V:0", "-vf", chain,
             "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"],
            stdout=subprocess.PIPE, stderr=self._errors, bufsize=width_px * height_px * 3,
        )  # fmt: skip

    def read_frame(self) -> NDArray[np.uint8] | None:
        """Give the next frame, or None at the end of what can be decoded."""
        width_px, height_px = self.size
        n_bytes = width_px * height_px * 3
        if self.proc is None or self.proc.stdout is None:
            return None
        watch = threading.Timer(_SILENCE_LIMIT_S, self._give_up, [self.proc])
        watch.daemon = True
        watch.start()
        try:
            raw = self.proc.stdout.read(n_bytes)
        finally:
            watch.cancel()
        if self._is_late:
            raise MediaLimitError(
                f"The decoder gave no picture for {_SILENCE_LIMIT_S:g} s and was stopped. "
                "Convert the file to H.264 in MP4 and add that."
            )
        if len(raw) < n_bytes:
            return None
        self.pos += 1
        self.last_read = np.frombuffer(raw, np.uint8).reshape(height_px, width_px, 3)
        return self.last_read

    def _give_up(self, process: subprocess.Popen[bytes]) -> None:
        self._is_late = True
        process.kill()

    def said(self) -> str:
        """Give what ffmpeg has complained of."""
        self._errors.seek(0)
        return self._errors.read(20_000).decode("utf-8", "replace")

    def close(self, delete_lastread: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - the base's
        """End ffmpeg, whatever it does."""
        if self.proc is not None:
            self.proc.kill()
            if self.proc.stdout is not None:
                self.proc.stdout.close()
            self.proc.wait()
            self.proc = None
        self._errors.close()
