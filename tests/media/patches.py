"""Films of seven patches side by side, whose colours are known, coded by a matrix that is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.media.counter import X264, ffmpeg

# Not so strong that another matrix would show them as strong as can be all the same.
COLOURS = np.array(
    [
        (200, 60, 40), (50, 160, 60), (60, 70, 180), (190, 170, 50), (160, 60, 170), (40, 150, 160),
        (128, 128, 128),
    ]
)  # fmt: skip
FINE = (*X264, "-qp", "4")
FULL_RANGE = (*FINE[:-4], "-color_range", "pc", "-pix_fmt", "yuvj420p", "-qp", "4")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "4M", "-pix_fmt", "yuv420p")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "10", "-b:v", "0",
       "-pix_fmt", "yuv420p")  # fmt: skip
AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-crf", "10", "-svtav1-params", "lookahead=0",
       "-pix_fmt", "yuv420p")  # fmt: skip
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "1", "-pix_fmt", "yuv420p")
MPEG4 = ("-c:v", "mpeg4", "-q:v", "1", "-pix_fmt", "yuv420p")
MJPEG = ("-c:v", "mjpeg", "-q:v", "1", "-color_range", "pc", "-pix_fmt", "yuvj420p")
FFV1 = ("-c:v", "ffv1", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Patches:
    """One film: how large, by which matrix its colours are coded, and what it says of them."""

    name: str  # with its suffix
    width_px: int
    height_px: int
    matrix: str | None  # none where they stay red, green and blue
    says: tuple[str, ...] = ("unknown", "unknown", "unknown")  # matrix, primaries, transfer
    encode: tuple[str, ...] = FINE
    turn_deg: int = 0  # anticlockwise, by the container
    n_frames: int = 3  # two in a second

    def draw(self, folder: Path) -> Path:
        """Make the film; its path."""
        plain, path = folder / f"plain {self.name}", folder / self.name
        colours = COLOURS.astype(np.uint8)[np.newaxis]
        ffmpeg(
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{len(COLOURS)}x1", "-r", "2",
            "-i", "pipe:0", "-vf", self._filters(), *self.encode, str(plain),
            feed=colours.tobytes() * self.n_frames,
        )  # fmt: skip
        turn = ("-display_rotation", str(self.turn_deg)) if self.turn_deg else ()
        ffmpeg(*turn, "-i", str(plain), "-c", "copy", str(path))
        return path

    def _filters(self) -> str:
        large = f"scale={self.width_px}:{self.height_px}:flags=neighbor,setsar=1,format=gbrp"
        if self.matrix is None:
            return large
        span = "pc" if "yuvj420p" in self.encode else "tv"
        exactly = "flags=accurate_rnd+full_chroma_int+full_chroma_inp,format=yuv444p"
        coded = f"scale=out_color_matrix={self.matrix}:out_range={span}:{exactly}"
        says = "setparams=colorspace={}:color_primaries={}:color_trc={}".format(*self.says)
        return f"{large},{coded},{says}"

    def colours_of(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Give the mean colour of each patch of a picture of any size, turned as it is shown."""
        upright = np.rot90(picture, -self.turn_deg // 90)
        height, width = upright.shape[:2]
        middle = upright[height // 4 : height - height // 4]
        edges = [[(n + part) * width / len(COLOURS) for part in (0.35, 0.65)] for n in range(7)]
        parts = [middle[:, int(left) : int(right) + 1] for left, right in edges]
        return np.array([part.mean(axis=(0, 1)) for part in parts])


BT709, BT601 = ("bt709",) * 3, ("smpte170m",) * 3
# Each is coded as Chromium takes it, so that it shows the colours that were drawn.
PLAYED = [
    Patches("720 lines.mp4", 1280, 720, "bt709"),
    Patches("1080 lines.mp4", 1920, 1080, "bt709"),
    Patches("718 lines.mp4", 1280, 718, "smpte170m"),
    Patches("480 lines.mp4", 854, 480, "smpte170m"),
    Patches("high and narrow.mp4", 406, 720, "bt709"),
    Patches("turned, 608 lines.mp4", 1280, 608, "smpte170m", turn_deg=90),
    Patches("turned, 1280 lines.mp4", 608, 1280, "bt709", turn_deg=90),
    Patches("full range.mp4", 1280, 720, "smpte170m", encode=FULL_RANGE),
    Patches("says BT.709.mp4", 854, 480, "bt709", BT709),
    Patches("says BT.601.mp4", 1280, 720, "smpte170m", BT601),
    Patches("VP8.webm", 1280, 720, "bt709", encode=VP8),
    Patches("VP9.webm", 1280, 720, "smpte170m", encode=VP9),
    Patches("AV1.mp4", 1280, 720, "smpte170m", encode=AV1),
]
# These need a copy, whose size or frames would make browsers guess something else.
COPIED = [
    Patches("MPEG-2.ts", 1280, 720, "bt709", encode=MPEG2),
    Patches("MPEG-2 of television.ts", 720, 576, "smpte170m", encode=MPEG2),
    Patches("wide.mkv", 5120, 800, "bt709", encode=FFV1),
    Patches("turned MPEG-4.mp4", 1280, 608, "smpte170m", encode=MPEG4, turn_deg=90),
    Patches("MJPEG.avi", 1280, 720, "smpte170m", encode=MJPEG),
    Patches("says its matrix alone.mkv", 1280, 720, "smpte170m",
            ("smpte170m", "unknown", "unknown"), FFV1),
    Patches("red, green and blue.mov", 1280, 720, None, encode=("-c:v", "png")),
]  # fmt: skip
