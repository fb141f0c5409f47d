"""The records that cross the borders between rooms. Frozen values, no input or output.

Times are seconds as float from the first picture of the video, as a player counts them. A span is
half-open: it holds `start_s` and ends just before `end_s`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a video, [start_s, end_s); in a search `end_s` may be inf: to the end."""

    start_s: float
    end_s: float

    def overlaps(self, other: Span) -> bool:
        """Say whether the two share an instant."""
        return self.start_s < other.end_s and other.start_s < self.end_s


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the file says, not decoded whole; sizes as players show it: rotated, square pixels."""

    duration_s: float
    width_px: int
    height_px: int
    fps: float
    video_codec: str
    audio_codec: str | None
    container: str
    pixel_format: str
    rotation_deg: int
    size_bytes: int
    # Players disagree about its times (late start, wrong header); a copy settles it. Not stored.
    is_oddly_timed: bool = field(default=False, compare=False)
    # How long the pictures last, where that is known; sound may go on after them. Not stored.
    pictures_s: float | None = field(default=None, compare=False)
    # Matrix, primaries, transfer, range, as in "bt709/unknown/unknown/tv"; None: nobody has looked.
    colours: str | None = field(default=None, compare=False)

    @property
    def n_frames(self) -> int:
        """Give how many pictures it holds, at least one; too many if its sound goes on unknown."""
        lasts_s = self.duration_s if self.pictures_s is None else self.pictures_s
        return max(1, round(lasts_s * self.fps))


class IndexState(StrEnum):
    """How far a video has come on its way into the index."""

    WAITING = "waiting"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PlayState(StrEnum):
    """Whether browsers can play what is there."""

    DIRECT = "direct"  # the file as it is
    WANTED = "wanted"  # needs a copy that browsers can play; nobody makes it yet
    MAKING = "making"
    READY = "ready"  # the copy is there
    FAILED = "failed"


Bottleneck = Literal["decoding", "model", "writing"]
Level = Literal["strong", "possible", "weak"]


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker last said of the video that it indexes."""

    worker: str  # host:process:number
    speed: float  # seconds of video in a second
    left_s: float | None  # until it is done, when that can be told
    bottleneck: Bottleneck | None  # what the others wait for
    device: str  # where the model runs: cpu, cuda


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a storyboard: tiles from the left, row by row, every `every_s` seconds."""

    start_s: float
    every_s: float
    n_tiles: int
    columns: int
    tile_width_px: int
    tile_height_px: int
    jpeg: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Video:
    """One video of the library."""

    video_id: str  # opaque, made by us, the only name that leaves the server
    name: str
    path: str | None  # where its bytes lie on this machine; None: only the database has them
    content_sha256: str
    facts: VideoFacts
    added_at: datetime  # with time zone
    state: IndexState
    progress: float  # of the indexing, 0..1
    error: str | None  # why it FAILED; while WAITING: what was in the way, and passes
    play_state: PlayState
    play_progress: float  # of making the playable copy, 0..1
    play_error: str | None
    n_clips: int
    work: Work | None = None  # while it is INDEXING
    retry_at: datetime | None = None  # WAITING, and not before this, because of `error`


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of one video that has a vector, and a picture taken at `best_s`."""

    video_id: str
    span: Span
    best_s: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A clip that a query came near to; similarity is the cosine, larger is nearer.

    What the clip shows is last seen somewhere up to `span.end_s`, most likely at `seen_until_s`.
    Clips of one video have the same `shot` where no cut lies between them; None: nobody looked.
    """

    video_id: str
    name: str
    span: Span
    best_s: float
    similarity: float
    seen_until_s: float
    shot: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Neighbouring hits of one video as a person sees them: one thing to watch.

    `score` is the cosine cut at 0: it compares moments of one search and nothing else. `strength`
    is how sure it is that the moment shows what was asked for, 0..1, and means the same for every
    query; None, as `level`, where the library is too small to say. `distance` is the database's own
    figure for the best hit (for metric CS the cosine, so larger is nearer there too). `contrast` is
    the mean cosine inside less that just outside. `similar` are moments that look the same.
    `parts` are the two of "A then B", whose first is what `best_s` shows. `words` are those of the
    line that found it; "": a picture alone did. `padding_s` is played before and after `span`, up
    to the end of the video at `video_end_s`, and changes neither what a moment is nor its id.
    """

    video_id: str
    name: str
    span: Span
    best_s: float
    score: float
    distance: float
    strength: float | None = None
    level: Level | None = None
    contrast: float = 0.0
    similar: tuple[Moment, ...] = ()
    parts: tuple[Moment, ...] = ()
    words: str = ""
    padding_s: float = 0.0
    video_end_s: float = math.inf

    @property
    def moment_id(self) -> str:
        """Name it by its video and the second of its picture, as an address names a frame."""
        return f"{self.video_id}@{repr(round(self.best_s, 6)).removesuffix('.0')}"

    @property
    def play_span(self) -> Span:
        """The stretch to play: the moment and its padding, within the video."""
        start_s, end_s = self.span.start_s - self.padding_s, self.span.end_s + self.padding_s
        return Span(max(0.0, start_s), max(self.span.end_s, min(end_s, self.video_end_s)))


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a query found, best first, and what it looked through."""

    query: str
    moments: tuple[Moment, ...]  # all of them as strong as `floor`
    n_videos: int  # searchable videos within the scope
    n_clips: int  # their clips within the scope: "0 of 214 filtered clips match"
    took_s: float
    floor: float = 0.0  # the least strength that was asked for
    n_matches: int = 0  # moments as strong as that among the nearest, before limits and folding
    n_held_back: int = 0  # of these, not shown because their video has enough others here
    best_strength: float | None = None  # of anything, shown or not; None: nothing is known
    has_more: bool = False  # a larger limit shows more


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """Which model makes the vectors; recorded with the index, as two models' vectors never mix."""

    provider: str
    model: str
    pretrained: str
    framing: str
    dimensions: int
    n_views: int  # vectors per picture: 1, or 3 for the framing `thirds`


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """One index of the library, and how far it is towards what the serving one has."""

    name: str
    made_by: EncoderInfo
    source: str  # what names the model in REELSEEK_MODEL; "": nobody noted it
    is_serving: bool
    is_being_removed: bool
    n_videos: int  # that can be found in it
    n_clips: int
    n_left: int  # found in the serving index, and neither here nor given up here
    n_failed: int  # found in the serving index, and given up here
    progress: float  # 0..1, by the length of the videos
    left_s: float | None  # until nothing is left, when a worker is at it and that can be told

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is left to be done."""
        return self.n_left == 0


@dataclass(frozen=True, slots=True)
class EncoderStatus:
    """Whether the model can be used now, in words for a person."""

    state: Literal["ready", "loading", "downloading", "absent", "failed"]
    sentence: str
    fraction: float | None  # of the download, 0..1, when known
    device: str
    comes_by_itself: bool = False  # absent, and to be downloaded by whoever first needs it
