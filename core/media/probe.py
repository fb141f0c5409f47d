"""What a video file is, proven by decoding its first picture.

moviepy's own probe starts ffmpeg without any whitelist, so ours is guarded and only hands ffmpeg's
text to moviepy's parser. What can be measured is measured (size, pixel shape, length), what the
header says is used for the rest. Knows no samples and no copies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from core.errors import MediaError, MediaLimitError, NoPictureError, NotAVideoError
from core.media import complaints, guard
from core.media.length import Length, measured
from core.media.listing import Listing
from core.model import VideoFacts

_OPEN_LIMIT_S = 60.0
_MAX_DURATION_S = 7 * 24 * 3600
_MAX_PIXEL_SHAPE = 16  # a pixel wider or higher than that is a mistake in the header
# How lists of other files begin, whatever they are called. ffmpeg refuses them by its whitelist;
# this is for the sentence.
_PLAYLIST_STARTS = (b"#EXTM3U", b"ffconcat version", b"[playlist]", b"[Reference]", b"<smil")
_PLAYLIST_TAGS = (b"<MPD", b"<ASX", b"<asx")


def probe(path: Path) -> VideoFacts:
    """Read the facts of a video file and decode its first picture.

    Raises:
        NotAVideoError: empty, no video, a playlist, or damaged beyond reading.
        NoPictureError: readable, but only sound, or no whole picture.
        MediaLimitError: it is too large or takes too long.
        ToolError: ffmpeg is missing.
    """
    size_bytes = _size_bytes(path)
    done = guard.run(
        [*guard.reading(path), "-map", "0:V:0", "-frames:v", "1", "-f", "framecrc", "pipe:1"],
        limit_s=_OPEN_LIMIT_S,
    )
    said = done.said.replace(guard.address(path), "the file")  # a name may look like a header
    first = _FirstPicture.read(done.output.decode())
    if first is None:
        raise _without_picture(path, said)
    listing = Listing(said)
    length = measured(path, listing)
    if length.end_s > _MAX_DURATION_S:
        raise MediaLimitError(
            f"The film lasts {length.end_s / 3600:.0f} hours by its own account, more than the "
            f"{_MAX_DURATION_S / 3600:.0f} that Reelseek takes. Repair it, or cut it into parts."
        )
    return _facts(path, listing, first, length, size_bytes)


def _facts(
    path: Path, listing: Listing, first: _FirstPicture, length: Length, size_bytes: int
) -> VideoFacts:
    width_px, height_px = first.shown_size()
    fps = listing.fps or length.fps
    is_late = listing.start_s > 0.5 / fps
    return VideoFacts(
        duration_s=length.end_s,
        width_px=width_px,
        height_px=height_px,
        fps=fps,
        video_codec=listing.video_codec,
        audio_codec=listing.audio_codec,
        container=_doctype(path) or listing.container,
        pixel_format=listing.pixel_format,
        rotation_deg=listing.rotation_deg,
        size_bytes=size_bytes,
        # Chromium counts from the container's zero, others, and Reelseek, from the first picture.
        is_oddly_timed=is_late or not length.is_as_stated,
        pictures_s=first.until_s(length.pictures_end_s),
        colours=listing.colours,
    )


def _size_bytes(path: Path) -> int:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise _unreadable(error) from error
    if not path.is_file():
        raise NotAVideoError("This is a folder or a device, not a file. Add a video file.")
    if size_bytes == 0:
        raise NotAVideoError("The file is empty (0 bytes). Copy or download it again.")
    return size_bytes


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1024)
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> MediaError:
    return MediaError(
        f"The file cannot be read ({error.strerror}). Check that it is there and that Reelseek may "
        "open it."
    )


def _without_picture(path: Path, said: str) -> Exception:
    beginning = _beginning(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    if beginning.startswith(_PLAYLIST_STARTS) or any(t in beginning for t in _PLAYLIST_TAGS):
        return complaints.playlist()
    if complaints.is_too_large(said) or "Input #0" not in said:
        return complaints.failure(said)
    if "misdetection possible" in said:
        return complaints.failure("")
    if "Stream map '' matches no streams" in said:
        return NoPictureError("The file has no film in it, only sound. Add a video.")
    return complaints.no_picture()


@dataclass(frozen=True, slots=True)
class _FirstPicture:
    """A decoded picture, turned upright: its size, width by height of one pixel, and its time."""

    width_px: int
    height_px: int
    pixel_shape: Fraction
    time_s: Fraction

    @classmethod
    def read(cls, framecrc: str) -> _FirstPicture | None:
        """Read ffmpeg's framecrc of one decoded frame; None where there was no frame."""
        frame = re.search(r"^0, *-?\d+, *(-?\d+),", framecrc, re.MULTILINE)
        if frame is None:
            return None
        size = re.search(r"^#dimensions 0: (\d+)x(\d+)", framecrc, re.MULTILINE)
        ratio = re.search(r"^#sar 0: (\d+)/(\d+)", framecrc, re.MULTILINE)
        tick_s = re.search(r"^#tb 0: (\d+/\d+)", framecrc, re.MULTILINE)
        assert size is not None  # noqa: S101 - framecrc says both of every video stream
        assert tick_s is not None  # noqa: S101
        shape = Fraction(int(ratio[1]), int(ratio[2])) if ratio and int(ratio[2]) else Fraction(0)
        is_sane = Fraction(1, _MAX_PIXEL_SHAPE) <= shape <= _MAX_PIXEL_SHAPE
        time_s = int(frame[1]) * Fraction(tick_s[1])
        return cls(int(size[1]), int(size[2]), shape if is_sane else Fraction(1), time_s)

    def until_s(self, end_s: float | None) -> float | None:
        """Give how long it is from this picture to a time; None where that is not known."""
        return None if end_s is None else min(max(0.0, end_s - float(self.time_s)), end_s)

    def shown_size(self) -> tuple[int, int]:
        """Give (width, height) in square pixels, as players do: the width is stretched."""
        return max(1, round(self.width_px * self.pixel_shape)), self.height_px


def _doctype(path: Path) -> str | None:
    """Tell WebM from Matroska, which ffmpeg gives one name: the header says which (RFC 8794)."""
    beginning = _beginning(path)
    if not beginning.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    found = re.search(rb"\x42\x82[\x80-\xff](webm|matroska)", beginning)
    return found[1].decode() if found else None
