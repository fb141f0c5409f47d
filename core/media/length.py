"""How long a film really is, from its packets: demuxed, not decoded.

A header gives the length to 10 ms at best, is silent in live recordings, and goes on promising what
a broken-off file no longer has. Its last packets say it exactly, and cost one seek.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from core.errors import NoPictureError
from core.media import guard
from core.media.listing import Listing

_TAIL_S = 2.0
_SLACK_S = 1.0  # how far the last packet may be from what the header says; sound ends unevenly
_STALL_LIMIT_S = 600.0  # a file without an index is read through in silence to find its end
NO_TIME = -(1 << 63)  # AVI never says when a picture is shown, MPEG not of each
_LEAST_S = 0.001  # a lone picture whose duration nobody states


@dataclass(frozen=True, slots=True)
class Length:
    """Where a film ends in seconds after its beginning, and its rate by counting."""

    end_s: float
    fps: float
    is_as_stated: bool  # the header said so too
    pictures_end_s: float | None  # the last picture's end; None where the last packets do not tell


def measured(path: Path, listing: Listing) -> Length:
    """Find out how long the film is.

    The end is that of the last packet, be it picture or sound, as players count it.

    Raises:
        NoPictureError: no packet of the picture has a time.
        MediaLimitError: reading stalled.
    """
    stated_s = listing.duration_s
    if stated_s and listing.fps:
        tail_s = max(0.0, stated_s - _TAIL_S)
        tail = _read(path, seek_s=tail_s)
        if tail.end_s is not None and abs(tail_s + tail.end_s - stated_s) <= _SLACK_S:
            end_s = tail_s + float(tail.end_s)
            pictures_end_s = tail.pictures_end_s(tail_s)
            return Length(end_s, listing.fps, is_as_stated=True, pictures_end_s=pictures_end_s)
    whole = _read(path, seek_s=0.0)
    if not whole.n_pictures:
        whole = _read(path, seek_s=0.0, is_marked=False)
    if whole.end_s is None:
        raise NoPictureError(
            "The pictures of this film have no times, so no moment of it can be found. Convert it "
            "to H.264 in MP4 and add that."
        )
    end_s = max(_LEAST_S, float(whole.end_s))
    is_as_stated = stated_s is not None and abs(end_s - stated_s) <= _SLACK_S
    return Length(end_s, whole.n_pictures / end_s, is_as_stated, whole.pictures_end_s(0.0))


@dataclass
class _Packets:
    """What the packets that came by add up to."""

    end_s: Fraction | None = None
    last_picture: tuple[Fraction, Fraction] | None = None  # when it is shown, and how long
    n_pictures: int = 0
    tick_s: dict[int, Fraction] = field(default_factory=dict)
    late: dict[int, int] = field(default_factory=dict)  # ticks from decoding to showing, at most

    def add(self, line: str) -> None:
        """Take one line of ffmpeg's framecrc: "#tb 0: 1/25", or "stream, dts, pts, duration, …"."""
        if line.startswith("#tb "):
            stream, ratio = line[4:].split(":")
            self.tick_s[int(stream)] = Fraction(ratio.strip())
        elif not line.startswith("#"):
            stream_no, dts, pts, duration, *_ = (int(part) for part in line.split(",")[:4])
            if NO_TIME not in (pts, dts):
                self.late[stream_no] = max(self.late.get(stream_no, 0), pts - dts)
            shown = pts if pts != NO_TIME else dts + self.late.get(stream_no, 0)
            end_s = (max(dts, shown) + duration) * self.tick_s[stream_no]
            self.end_s = end_s if self.end_s is None else max(self.end_s, end_s)
            if stream_no == 0:
                picture = (shown * self.tick_s[0], duration * self.tick_s[0])
                self.last_picture = max(picture, self.last_picture or picture)
                self.n_pictures += 1

    def pictures_end_s(self, begin_s: float) -> float | None:
        """Give when the last picture ends; None where its packet is missing, or has no duration."""
        if self.last_picture is None or not self.last_picture[1]:
            return None
        return begin_s + float(sum(self.last_picture))


def _read(path: Path, *, seek_s: float, is_marked: bool = True) -> _Packets:
    """Read the packets from `seek_s` to the end; their times count from there.

    Also those before any key frame (`-copyinkf`) where none `is_marked`, as in GIF in Matroska. Not
    elsewhere: behind a seek into a stream, such packets have no right times.
    """
    unmarked = [] if is_marked else ["-copyinkf"]
    seek = ["-ss", f"{seek_s:.3f}"] if seek_s else []
    arguments = [
        "-loglevel", "error", *seek, *guard.reading(path), "-map", "0:V:0", "-map", "0:a:0?",
        "-c", "copy", *unmarked, "-f", "framecrc", "pipe:1",
    ]  # fmt: skip
    packets = _Packets()
    with guard.Job(arguments) as job:
        for line in job.lines(limit_s=_STALL_LIMIT_S):
            packets.add(line)
    return packets
