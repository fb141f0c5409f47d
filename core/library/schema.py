"""Every name that Reelseek writes into the database, once.

Classes, connections, properties, and the lanes a video waits in. The names of the first index are
those of ApertureDB's Embeddings Extraction workflow, so that either can read the other's. Knows no
query and no database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from core.model import EncoderInfo, IndexState, PlayState

INDEX: Final = "wf_embeddings_clip_video"  # the first: the workflow's descriptor set
US_PER_S: Final = 1_000_000

# Connections.
CLIP_HAS_DESCRIPTOR: Final = "ClipHasDescriptor"  # the edge leaves the descriptor: `connect`
VIDEO_HAS_DESCRIPTOR: Final = "VideoHasDescriptor"  # video -> descriptor {start, stop} in frames
VIDEO_HAS_IMAGE: Final = "VideoHasImage"  # video -> its poster
CLIP_HAS_IMAGE: Final = "ClipHasImage"  # clip -> the picture taken at its best instant
VIDEO_HAS_CUTS: Final = "VideoHasCuts"  # video -> the blob with the times at which shots begin

# Properties of a video, beside those of the lanes below.
VIDEO_ID: Final = "video_id"  # also on descriptors, clips and images
NAME: Final = "name"
PATH: Final = "path"
SIZE_BYTES: Final = "size_bytes"
MODIFIED_US: Final = "modified_us"  # when the file at the path was last written, since 1970
CONTENT_SHA256: Final = "content_sha256"
ADDED_AT: Final = "added_at"
N_CLIPS: Final = "n_clips"
INDEXED_US: Final = "indexed_us"  # when it became searchable, since 1970
FOUND_US: Final = "found_us"  # when its content did so for the first time, in whichever index

# Properties of descriptors, clips and images; in seconds, as ApertureDB's page on video embeddings.
START: Final = "start"
END: Final = "end"
TIMESTAMP: Final = "timestamp"
SEEN_UNTIL: Final = "seen_until"
SHOT: Final = "shot"  # counted from 0 in each video
FRAME_NUMBER: Final = "frame_number"
PICTURE_ID: Final = "picture_id"  # of a picture that somebody searched by
KIND: Final = "kind"  # of an image, or of a blob that is kept with an index
INDEX_NAME: Final = "index_name"  # of the index that a kept blob, or a picture, belongs to
POSTER: Final = "poster"
CLIP_PICTURE: Final = "clip"
STORYBOARD: Final = "storyboard"
CUTS: Final = "cuts"

# Properties of a storyboard's sheets, beside START, and END of the last tile.
EVERY_S: Final = "every_s"
N_TILES: Final = "n_tiles"
COLUMNS: Final = "columns"
TILE_WIDTH_PX: Final = "tile_width_px"
TILE_HEIGHT_PX: Final = "tile_height_px"

# What a worker says of the video that it indexes.
SPEED: Final = "index_speed"
LEFT_S: Final = "index_left_s"
BOTTLENECK: Final = "index_bottleneck"
DEVICE: Final = "index_device"
SAMPLED_EVERY_S: Final = "index_every_s"  # between the samples that were looked at

# Properties of the descriptor set; the first five are the workflow's.
PROVIDER: Final = "embeddings_provider"
MODEL: Final = "embeddings_model"
PRETRAINED: Final = "embeddings_pretrained"
EMBEDDINGS: Final = "embeddings"  # these three in one line
TYPE: Final = "type"
FORMER_PROVIDER: Final = "openai-clip"  # what Reelseek called `clip`; no other program knows it
FRAMING: Final = "framing"
N_VIEWS: Final = "n_views"
SOURCE: Final = "reelseek_model"  # what REELSEEK_MODEL named it by
# No clip of ours in the set is longer; a set that had clips before it had this property never gets
# it. So a stretch of time bounds the starts on both sides, and an index on them finds it.
LONGEST_CLIP_S: Final = "longest_clip_s"

# The one entity that says which index serves.
CHOICE: Final = "ReelseekChoice"
CHOICE_OF: Final = "choice_of"
SERVING: Final = "serving_index"
REMOVING: Final = "index_being_removed"  # "" for none

# (class, property) pairs that are searched by; an index never changes an answer, only its speed.
INDEXED: Final = (
    ("_Video", VIDEO_ID),
    ("_Video", CONTENT_SHA256),
    ("_Video", PATH),
    ("_Video", "index_state"),
    ("_Video", "play_state"),
    ("_Descriptor", VIDEO_ID),
    ("_Descriptor", START),
    ("_Clip", VIDEO_ID),
    ("_Image", VIDEO_ID),
)


def done_flag(index: str) -> str:
    """Name the property of a video that says it is in this index, as the workflow does."""
    return f"{index}_extraction_done"


@dataclass(frozen=True, slots=True)
class Lane:
    """A kind of work that videos wait for, and the properties in which it is recorded.

    The lease is the instant, in microseconds since 1970, until which the worker's claim holds; 0
    means that nobody has claimed it.
    """

    prefix: str
    waiting: str
    working: str
    done: str
    failed: str

    @property
    def state(self) -> str:
        """Name of the property that holds one of the four states above."""
        return f"{self.prefix}_state"

    @property
    def error(self) -> str:
        """Name of the property with the sentence for a person; set when it failed."""
        return f"{self.prefix}_error"

    @property
    def progress(self) -> str:
        """Name of the property that says how far it is, 0..1."""
        return f"{self.prefix}_progress"

    @property
    def lease_until(self) -> str:
        """Name of the property with the end of the lease."""
        return f"{self.prefix}_lease_until"

    @property
    def worker(self) -> str:
        """Name of the property that names who holds the claim."""
        return f"{self.prefix}_worker"

    @property
    def attempts(self) -> str:
        """Name of the property that counts the claims since the work was last asked for."""
        return f"{self.prefix}_attempts"

    @property
    def retries(self) -> str:
        """Name of the property that counts how often something that passes was in the way."""
        return f"{self.prefix}_retries"


INDEX_LANE: Final = Lane(
    "index", IndexState.WAITING, IndexState.INDEXING, IndexState.READY, IndexState.FAILED
)
PLAY_LANE: Final = Lane(
    "play", PlayState.WANTED, PlayState.MAKING, PlayState.READY, PlayState.FAILED
)


@dataclass(frozen=True, slots=True)
class Account:
    """The properties of a video in which one index keeps its account.

    Those of the first have no suffix; others stand beside them, so that nothing of a video has to
    be moved when another index serves.
    """

    index: str

    @property
    def suffix(self) -> str:
        """What the names of this index have behind those of the first."""
        if self.index == INDEX:
            return ""
        return f"_{self.index.removeprefix(INDEX).strip('_')}"

    @property
    def lane(self) -> Lane:
        """The lane in which videos wait for this index."""
        return replace(INDEX_LANE, prefix=f"{INDEX_LANE.prefix}{self.suffix}")

    @property
    def done(self) -> str:
        """Name of the property that says that a video can be found in this index."""
        return done_flag(self.index)

    @property
    def n_clips(self) -> str:
        """Name of the property that counts the clips of this index."""
        return f"{N_CLIPS}{self.suffix}"

    @property
    def indexed_us(self) -> str:
        """Name of the property that says when a video became searchable in this index."""
        return f"{INDEXED_US}{self.suffix}"

    @property
    def work(self) -> tuple[str, str, str, str]:
        """Names of what a worker says: SPEED, LEFT_S, BOTTLENECK, DEVICE."""
        speed, left_s, bottleneck, device = (
            f"{one}{self.suffix}" for one in (SPEED, LEFT_S, BOTTLENECK, DEVICE)
        )
        return speed, left_s, bottleneck, device

    @property
    def sampled_every_s(self) -> str:
        """Name of the property that says how far apart the samples were."""
        return f"{SAMPLED_EVERY_S}{self.suffix}"

    @property
    def all(self) -> list[str]:
        """Every property of this account."""
        lane = self.lane
        of_lane = (lane.state, lane.error, lane.progress, lane.lease_until, lane.worker)
        more = (
            lane.attempts, lane.retries, self.done, self.n_clips, self.indexed_us,
            self.sampled_every_s,
        )  # fmt: skip
        return [*of_lane, *more, *self.work]


def made_by(info: EncoderInfo) -> dict[str, str]:
    """Give the properties by which ApertureDB's own programs know the model of a set."""
    named = {PROVIDER: info.provider, MODEL: info.model, PRETRAINED: info.pretrained}
    return {EMBEDDINGS: " ".join(named.values()), **named}


def of_index(index: str) -> dict[str, list[Any]]:
    """Constrain pictures to those of an index; those of the first name none, as they always did."""
    return {INDEX_NAME: ["==", None if index == INDEX else index]}


def mark_of(index: str) -> dict[str, Any]:
    """Give the property that says which index a picture belongs to."""
    return {} if index == INDEX else {INDEX_NAME: index}
