"""Draws the videos of the labelled set: `python -m tests.data.labelled.draw FOLDER`.

Writes each library's videos as small H.264 files, and a CSV of its labels beside them, in the
form that `python -m core evaluate` reads. The videos are never committed.
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from tests.data.labelled.plan import (
    CHANGE_S,
    LIBRARIES,
    DrawnVideo,
    Edge,
    Label,
    Thing,
    labels,
    videos,
)
from tests.data.tiny_clip.pictures import Picture, draw

CODEC = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-g", "50", "-pix_fmt", "yuv420p")
_SAME_S = 1e-6  # times that are no farther apart are one
_SAME_S = 1e-6  # times that are no farther apart are one


def draw_videos(folder: Path, shown: Sequence[DrawnVideo]) -> dict[str, Path]:
    """Draw these videos into `folder`, those that are not there yet; their paths by name."""
    folder.mkdir(parents=True, exist_ok=True)
    return {video.name: _draw(video, folder / f"{video.name}.mp4") for video in shown}


def write_labels(path: Path, asked: Sequence[Label]) -> Path:
    """Write labels as CSV; what is absent has no video and no times."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("query", "video", "start_s", "end_s"))
        for label in asked:
            cells = (label.query, label.video, label.start_s, label.end_s)
            rows.writerow(["" if cell is None else cell for cell in cells])
    return path


def _draw(video: DrawnVideo, path: Path) -> Path:
    if path.exists():
        return path
    width, height = video.size_px
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(video.fps)]
    partial = path.with_suffix(".part.mp4")
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *raw, "-i", "pipe:0", *CODEC]
    with subprocess.Popen([*command, str(partial)], stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for picture in frames(video, range(round(video.shots[-1].end_s * video.fps))):
            encoder.stdin.write(picture.tobytes())
    assert encoder.returncode == 0, f"ffmpeg could not encode {video.name}"
    return partial.rename(path)


def frames(video: DrawnVideo, numbers: Iterable[int]) -> Iterator[Image.Image]:
    """Draw the frames of a video with these numbers."""
    courses = {thing: _Course(thing, video.name) for thing in video.things}
    for number in numbers:
        now_s = number / video.fps
        shot = next(s for s in video.shots if now_s < s.end_s - 1e-6)
        empty = Picture("red", None, shot.background)
        thing = next((one for one in courses if _share(one, now_s) > 0), None)
        yield _drawn(video, empty, thing and courses[thing], now_s)


def _drawn(video: DrawnVideo, empty: Picture, course: _Course | None, now_s: float) -> Image.Image:
    """Draw the thing as large and as opaque as it is now."""
    if course is None:
        return draw(empty, *video.size_px)
    seen = course.at(now_s)
    grown = replace(seen, size=seen.size * _share(course.thing, now_s, but="fade"))
    image = draw(grown, *video.size_px)
    opacity = _share(course.thing, now_s, but="grow")
    return image if opacity == 1 else Image.blend(draw(empty, *video.size_px), image, opacity)


def _share(thing: Thing, now_s: float, *, but: Edge | None = None) -> float:
    """Say how much of a thing is there, 0..1: half at an edge where it grows or fades.

    With `but`, edges of that kind do not count.
    """
    begun, left = now_s - thing.start_s, thing.end_s - now_s
    shares = (
        1.0 if edge == but else _of_edge(edge, since_s)
        for edge, since_s in ((thing.begins, begun + _SAME_S), (thing.ends, left - _SAME_S))
    )
    return min(shares)


def _of_edge(edge: Edge, since_s: float) -> float:
    if edge in ("grow", "fade"):
        return max(0.0, min(1.0, since_s / CHANGE_S + 0.5))
    return float(since_s > 0)


class _Course:
    """Where a thing goes while it is there: from one place and turn to another, at one size."""

    def __init__(self, thing: Thing, name: str) -> None:
        lot = random.Random(f"{name} {thing.start_s}")
        self.thing = thing
        self.size = lot.uniform(0.35, 0.65)
        self.from_x, self.to_x = lot.uniform(0.3, 0.7), lot.uniform(0.3, 0.7)
        self.from_y, self.to_y = lot.uniform(0.35, 0.65), lot.uniform(0.35, 0.65)
        self.from_deg, self.to_deg = lot.uniform(-12, 12), lot.uniform(-12, 12)

    def at(self, now_s: float) -> Picture:
        """Give the picture of the thing at this time."""
        one = self.thing
        done = min(1.0, max(0.0, (now_s - one.start_s) / (one.end_s - one.start_s)))
        return Picture(
            one.colour, one.shape, one.background,
            x=self.from_x + (self.to_x - self.from_x) * done,
            y=self.from_y + (self.to_y - self.from_y) * done,
            size=self.size,
            turn_deg=self.from_deg + (self.to_deg - self.from_deg) * done,
        )  # fmt: skip


def main() -> None:
    """Draw all into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for library in LIBRARIES:
        draw_videos(folder / library, videos(library))
        write_labels(folder / f"{library}.csv", labels(library))


if __name__ == "__main__":
    main()
