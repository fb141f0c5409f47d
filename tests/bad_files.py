"""Makes the files that people and attackers hand to a video library and that are no good.

Each function writes one file into a folder and returns its path. Knows ffmpeg and file formats;
knows nothing of Reelseek.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments], check=True)


def zero_bytes(folder: Path) -> Path:
    path = folder / "nothing.mp4"
    path.touch()
    return path


def text(folder: Path) -> Path:
    path = folder / "letter.mp4"
    path.write_text("Dear reader, this is not a film.\n" * 40)
    return path


def noise(folder: Path) -> Path:
    path = folder / "noise.mp4"
    path.write_bytes(bytes((n * 2654435761 >> 7) & 255 for n in range(70_000)))
    return path


def index_cut_off(folder: Path) -> Path:
    """A film whose end, with the index of all its frames, was lost."""
    path = folder / "cut off.mp4"
    _ffmpeg("-f", "lavfi", "-i", "testsrc=duration=4:size=320x180:rate=10", str(path))
    whole = path.read_bytes()
    assert whole.index(b"moov") > len(whole) // 2, "the index has to come last for this test"
    path.write_bytes(whole[: len(whole) // 2])
    return path


def second_half_cut_off(folder: Path) -> Path:
    """A film that promises eight seconds and whose bytes end in the middle."""
    path = folder / "half.mp4"
    source = ("-f", "lavfi", "-i", "testsrc=duration=8:size=320x180:rate=10")
    _ffmpeg(*source, "-g", "10", "-movflags", "+faststart", str(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def sound_only(folder: Path) -> Path:
    path = folder / "song.mp4"
    _ffmpeg("-f", "lavfi", "-i", "sine=duration=2", "-c:a", "aac", str(path))
    return path


def one_frame(folder: Path) -> Path:
    path = folder / "one frame.mp4"
    source = ("-f", "lavfi", "-i", "color=red:size=320x180:rate=10")
    _ffmpeg(*source, "-frames:v", "1", str(path))
    return path


def one_pixel(folder: Path) -> Path:
    path = folder / "one pixel.mkv"
    source = ("-f", "lavfi", "-i", "color=red:size=1x1:rate=10:duration=1")
    _ffmpeg(*source, "-c:v", "ffv1", str(path))
    return path


def rate_of_zero(folder: Path) -> Path:
    """An AVI whose header says: no frames per second."""
    path = folder / "no rate.avi"
    source = ("-f", "lavfi", "-i", "testsrc=duration=2:size=320x180:rate=10")
    _ffmpeg(*source, "-c:v", "mpeg4", str(path))
    whole = bytearray(path.read_bytes())
    # AVIMAINHEADER: microseconds per frame first; AVISTREAMHEADER: dwScale, dwRate at 20 and 24.
    struct.pack_into("<I", whole, whole.index(b"avih") + 8, 0)
    struct.pack_into("<II", whole, whole.index(b"strh") + 8 + 20, 1, 0)
    path.write_bytes(whole)
    return path


def playlist(folder: Path, target: str) -> Path:
    """An HLS playlist under a film's name: a player that follows it opens `target`."""
    path = folder / "holiday.mp4"
    path.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n" + target + "\n#EXT-X-ENDLIST\n"
    )
    return path


def concat_list(folder: Path, target: str) -> Path:
    """A list for ffmpeg's concat demuxer under a film's name."""
    path = folder / "list.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{target}'\n")
    return path


BAD: dict[str, Callable[[Path], Path]] = {
    "zero bytes": zero_bytes,
    "text": text,
    "noise": noise,
    "index cut off": index_cut_off,
    "sound only": sound_only,
    "playlist of a local file": lambda folder: playlist(folder, "file:///etc/passwd"),
    "playlist of a bare path": lambda folder: playlist(folder, "/etc/passwd"),
    "concat list": lambda folder: concat_list(folder, "/etc/passwd"),
}
