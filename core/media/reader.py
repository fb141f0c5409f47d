"""moviepy's reader with sampling, scaling and the search for cuts put into the ffmpeg command.

Plain moviepy pipes every full-size frame into Python. `fps=…:round=up` emits at k the last frame
whose time is ≤ k, which is the one a player shows; ffmpeg's default rounding is up to half an
interval late. `start_time=0` repeats the first picture where it comes later than the video's zero.
This module is slow to import: only `frames` does, when it reads.
"""

from __future__ import annotations

import logging
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from moviepy.video.io.ffmpeg_reader import FFMPEG_VideoReader
from numpy.typing import NDArray

from core.media import blocks, colour, complaints, guard, keyframes, small, zero
from core.media.placing import KeyFrameCuts
from core.media.shots import CutFinder
from core.model import VideoFacts

log = logging.getLogger("reelseek.media")

_SILENCE_LIMIT_S = 180.0  # no frame for so long: a bomb, or a disk that went away
# Only frames that were picked are scaled so. swscale's usual shortcuts turn colours by a level and
# more, which a model sees; `python -m benchmarks.fidelity` measures it.
_FAITHFUL = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
# On its way to RGB, swscale scales slowly; these pictures it scales to this format first.
_ON_THE_WAY = {"yuv420p": ["format=yuv444p"], "yuv422p": ["format=yuv444p"]}


class SampledReader(FFMPEG_VideoReader):  # type: ignore[misc]  # moviepy has no types
    """Frame k of it is the picture at k * every_s; `get_frame(t)` and the rest work as moviepy's.

    It opens only what was probed: moviepy's own probe, which knows no whitelist, is left out.

    Args:
        path: the file.
        facts: what probe said of it.
        every_s: how far apart the samples are.
        size: their width and height in pixels.
        decodes: "keyframes" decodes nothing else; the samples are then the first key frame of each
            interval, and `last_time_s` is its own time.
        cuts: told of all frames decoded, where cuts are wanted.

    Raises:
        NoPictureError: not even the first frame can be decoded.
        MediaLimitError: the decoder gave nothing for minutes.
        MediaError: the decoder crashed.
        ToolError: ffmpeg is missing.
    """

    proc: subprocess.Popen[bytes] | None = None
    _job: guard.Job | None = None  # before anything that may fail, as the base's __del__ closes

    def __init__(
        self, path: Path, facts: VideoFacts, *, every_s: float, size: tuple[int, int],
        decodes: Literal["all", "keyframes"] = "all", cuts: CutFinder | KeyFrameCuts | None = None,
    ) -> None:  # fmt: skip
        self.filename = str(path)
        self.infos: dict[str, object] = {}
        self.size = size  # width and height
        self.pixel_format, self.depth = "rgb24", 3
        self.rotation = facts.rotation_deg
        self._sound_read_along = zero.sound_read_along(facts)
        self._path = path
        self._told = colour.told(path, facts)
        self._to_bt709 = colour.tone_mapping(path, facts)
        self._on_the_way = _ON_THE_WAY.get(facts.pixel_format, [])
        self._every = Fraction(every_s).limit_denominator(1000)
        self._source_fps, self._codec = facts.fps, facts.video_codec
        self._decodes, self._cuts = decodes, cuts
        self.last_time_s = 0.0
        self.fps = float(1 / self._every)
        self.duration = self.ffmpeg_duration = facts.duration_s
        self.n_frames = max(1, -int(-facts.duration_s * self.fps // 1))
        self.initialize()

    def initialize(self, start_time: float = 0) -> None:
        """Start ffmpeg at the beginning, whatever the time: samples before it are passed over.

        As in the base, the frame at `start_time` has been read afterwards.
        """
        self.close(delete_lastread=False)
        branches = ["-map", "[samples]", *(["-map", "[small]"] if self._cuts else [])]
        self._job = guard.Job([
            "-loglevel", "error",
            *self._reading(),
            "-filter_complex_threads", "1",  # small pictures: more would cost more than they bring
            "-filter_complex", self._filters(), *branches,
            "-fps_mode", "passthrough", *blocks.MUXER, "pipe:1", *self._sound_read_along,
        ])  # fmt: skip
        self.proc = self._job.process
        self._blocks = blocks.blocks(self._read)
        self.pos = 0
        if self.read_next() is None:
            raise complaints.no_picture()
        self.skip_frames(self.get_frame_number(start_time))

    def _reading(self) -> list[str]:
        if self._decodes == "keyframes":
            return keyframes.reading(self._path, self._codec)
        return guard.reading(self._path)

    def _filters(self) -> str:
        """Describe the way from decoded frames to samples and, beside it, to small pictures."""
        width_px, height_px = self.size
        is_sparse = self._decodes == "keyframes"
        tiny = small.of_key_frames() if is_sparse else small.of_all(self._source_fps)
        between = self._to_bt709 or self._on_the_way
        scaled = [f"scale={width_px}:{height_px}:{_FAITHFUL}"]
        scaled += [*between, f"scale={_FAITHFUL}"] if between else []
        samples = ",".join([self._picked(), *self._told, *scaled, "format=rgb24", small.IN_US])
        if self._cuts is None:
            return f"[0:V:0]{samples}[samples]"
        return f"[0:V:0]split[all][every];[all]{samples}[samples];[every]trim=start=0,{tiny}[small]"

    def _picked(self) -> str:
        every = self._every
        if self._decodes == "all":
            return f"fps=fps={every.denominator}/{every.numerator}:round=up:start_time=0"
        interval = "floor(max({}\\,0)*{}/{}+0.001)"  # key frames may come a trifle early
        now, then = (
            interval.format(t, every.denominator, every.numerator) for t in ("t", "prev_selected_t")
        )
        return f"select=isnan(prev_selected_t)+gt({now}\\,{then})"

    def read_next(self) -> NDArray[np.uint8] | None:
        """Give the next frame, uint8 RGB (height, width, 3); None after the last.

        `last_time_s` is then its time. All small pictures up to that time have been seen.
        """
        width_px, height_px = self.size
        for block in self._blocks:
            if block.stream == 0:
                break
            assert self._cuts is not None  # noqa: S101 - else there is one stream
            self._cuts.add(block.time_us / 1e6, block.data)
        else:
            self._finish()
            return None  # the end, or where the video breaks off
        self.last_time_s = self._time_s(block.time_us)
        self.pos += 1
        self.last_read = np.frombuffer(block.data, np.uint8).reshape(height_px, width_px, 3)
        return self.last_read

    def _time_s(self, time_us: int) -> float:
        if self._decodes == "all":
            return float(self.pos * self._every)
        return time_us / 1e6 if self.pos else 0.0  # what players show before the first picture

    def _read(self) -> bytes:
        return self._job.read_some(limit_s=_SILENCE_LIMIT_S) if self._job else b""

    def _finish(self) -> None:
        """See how ffmpeg ended: only a crash is an error, a broken-off file is not."""
        if self._job is None:
            return
        code = self._job.wait(limit_s=_SILENCE_LIMIT_S)
        if code < 0:
            raise complaints.died(-code)
        if code > 0:
            log.info("ffmpeg on %s: %s", self._path, self._job.said[-2000:])

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
