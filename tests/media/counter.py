"""Films that say in each picture which frame it is, as twelve black or white blocks.

Blocks survive every codec, scaling and chroma format, where drawn digits would need reading. Each
kind of film also knows when each of its frames is shown, so that a test can say which frame belongs
to a time without asking the code under test. Knows ffmpeg, nothing of Reelseek.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from numpy.typing import NDArray

COLUMNS, ROWS = 4, 3
BLOCK_PX = 48
WIDTH_PX, HEIGHT_PX = COLUMNS * BLOCK_PX, ROWS * BLOCK_PX
N_BITS = COLUMNS * ROWS

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p")
X264_B = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-b_strategy", "0", "-g", "60",
          "-pix_fmt", "yuv420p")  # fmt: skip
# Frames keep any time: without these, encoder and MP4 round them to a frame rate.
EXACT = ("-enc_time_base", "1:60000", "-video_track_timescale", "60000")
TONE = ("-f", "lavfi", "-i", "sine=frequency=300")


@dataclass(frozen=True)
class Kind:
    """One kind of counter film: how it is made, and when its frames are shown.

    `shown_s` gives the time of frame n after the first picture; None: n / fps.
    """

    name: str
    suffix: str = ".mp4"
    fps: Fraction = Fraction(25)
    n_frames: int = 80
    setpts: str | None = None
    shown_s: Callable[[int], Fraction] | None = None
    encode: tuple[str, ...] = X264
    sound: tuple[str, ...] = ()  # how the sound is encoded; none where empty
    sound_after_s: Fraction = Fraction(0)  # how much longer than the pictures the sound is
    turn_deg: int = 0  # anticlockwise, by the container's display matrix
    sample_aspect: Fraction = Fraction(1)
    late_by_s: Fraction = Fraction(0)  # the first picture, after the film's own zero

    def time_s(self, n: int) -> Fraction:
        """When frame n is first shown, in a player's time."""
        after_first = self.shown_s(n) if self.shown_s else n / self.fps
        return self.late_by_s + after_first

    def frame_at(self, time_s: float) -> int:
        """The frame a player shows at this time: the last one that began by then."""
        exact = Fraction(time_s).limit_denominator(1_000_000)
        return max((n for n in range(self.n_frames) if self.time_s(n) <= exact), default=0)


def picture(number: int) -> NDArray[np.uint8]:
    """Draw the blocks of a number: uint8 RGB (HEIGHT_PX, WIDTH_PX, 3); the first block is bit 0."""
    bits = [(number >> bit) & 1 for bit in range(N_BITS)]
    cells = np.array(bits, np.uint8).reshape(ROWS, COLUMNS) * 235 + 10
    grey = np.kron(cells, np.ones((BLOCK_PX, BLOCK_PX), np.uint8))
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def read(rgb: NDArray[np.uint8]) -> int:
    """Read the number off a picture of any size: the middle of each block, black or white."""
    height, width = rgb.shape[:2]
    number = 0
    for bit in range(N_BITS):
        row, column = divmod(bit, COLUMNS)
        y0, y1 = (int((row + part) * height / ROWS) for part in (0.3, 0.7))
        x0, x1 = (int((column + part) * width / COLUMNS) for part in (0.3, 0.7))
        number |= int(rgb[y0 : y1 + 1, x0 : x1 + 1].mean() > 128) << bit
    return number


def draw(kind: Kind, folder: Path) -> Path:
    """Make the film; its path."""
    path = folder / f"{kind.name}{kind.suffix}"
    plain = path.with_name(f"{kind.name} plain{kind.suffix}") if kind.turn_deg else path
    filters = [f"settb=1/60000,setpts={kind.setpts}"] if kind.setpts else []
    filters += [f"setsar={kind.sample_aspect}"] if kind.sample_aspect != 1 else []
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH_PX}x{HEIGHT_PX}"]
    duration_s = float(kind.time_s(kind.n_frames) + kind.sound_after_s)
    ffmpeg(
        *raw, "-r", str(kind.fps), "-i", "pipe:0", *(TONE if kind.sound else ()),
        *(("-vf", ",".join(filters)) if filters else ()), "-fps_mode", "passthrough",
        *kind.encode, *kind.sound, *(("-t", str(duration_s)) if kind.sound else ()), str(plain),
        feed=b"".join(_drawn(kind, n).tobytes() for n in range(kind.n_frames)),
    )  # fmt: skip
    if kind.turn_deg:
        ffmpeg("-display_rotation", str(kind.turn_deg), "-i", str(plain), "-c", "copy", str(path))
    return path


def _drawn(kind: Kind, number: int) -> NDArray[np.uint8]:
    """Frame `number` as it is encoded: for a turned film, turned back and cut to the same size."""
    if not kind.turn_deg:
        return picture(number)
    turned = np.rot90(picture(number), -kind.turn_deg // 90)
    if turned.shape[0] == HEIGHT_PX:
        return np.ascontiguousarray(turned)
    down = np.arange(HEIGHT_PX) * WIDTH_PX // HEIGHT_PX
    across = np.arange(WIDTH_PX) * HEIGHT_PX // WIDTH_PX
    return np.ascontiguousarray(turned[down][:, across])


def ffmpeg(*arguments: str, feed: bytes = b"") -> None:
    """Run ffmpeg, which must succeed; `feed` is its standard input."""
    command = [get_ffmpeg_exe(), "-v", "error", "-y", *arguments]
    done = subprocess.run(command, input=feed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")


def _variable_s(n: int) -> Fraction:
    """Anything from 40 to 170 ms apart, the same every ten frames."""
    return Fraction(n * 40 + n % 5 * 7 + n // 10 * 123, 1000)


VARIABLE = "'(N*40+mod(N,5)*7+floor(N/10)*123)*60'"
NTSC = Fraction(30000, 1001)
AAC = ("-c:a", "aac")

# The six kinds of file whose times must be exact.
SIX = (
    Kind("25 fps"),
    Kind("29.97 fps", fps=NTSC, n_frames=130),
    Kind("variable rate", setpts=VARIABLE, shown_s=_variable_s, encode=(*X264, *EXACT)),
    Kind("late start", suffix=".mkv", encode=(*X264, "-output_ts_offset", "0.033")),
    Kind("B-frames", encode=X264_B),
    Kind("turned", turn_deg=90),
)
# Others that go wrong easily.
MORE = (
    # B-frames without the edit list that takes their delay back: the first picture is at 0.08 s,
    # and Chromium, unlike others, counts from the container's zero.
    Kind("no edit list", encode=(*X264_B, "-use_editlist", "0")),
    Kind("starts at half a second", encode=(*X264, "-output_ts_offset", "0.5")),
    # Sound from 0 and the first picture later: that moment is a part of the film.
    Kind(
        "late picture", setpts="'(N*40+400)*60'", late_by_s=Fraction(2, 5),
        encode=(*X264, *EXACT), sound=AAC,
    ),
    # Sound a little before the picture, both far from 0, and ffmpeg counts from what is read.
    Kind("transport stream", suffix=".ts", encode=X264_B, sound=AAC,
         late_by_s=Fraction(23222, 10**6)),
    Kind("sound with a lead-in", suffix=".mkv", sound=("-c:a", "libopus")),
    Kind("VP8", suffix=".webm", sound=("-c:a", "libopus"),
         encode=("-c:v", "libvpx", "-deadline", "realtime", "-pix_fmt", "yuv420p")),
    Kind("HEVC", encode=("-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                         "log-level=error", "-pix_fmt", "yuv420p")),
    Kind("AVI", suffix=".avi", encode=("-c:v", "mpeg4", "-q:v", "3"), sound=("-c:a", "pcm_s16le")),
    Kind("upside down", turn_deg=180),
    Kind("turned right", turn_deg=270),
    Kind("wide pixels", sample_aspect=Fraction(4, 3)),
)  # fmt: skip
# Two seconds of pictures and three of sound: nobody knows the number of pictures by the length.
LONG_SOUND = Kind("long sound", fps=Fraction(30), n_frames=60, sound=AAC, sound_after_s=Fraction(1))
