"""What the web room needs of the app that it is handed; core.bootstrap's App fits.

Only shapes: nothing here may do anything, or know who stands behind them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from core.model import Video


class Videos(Protocol):
    """The library, as far as bytes and pictures go."""

    def video(self, video_id: str) -> Video:
        """Return the video, or raise NoSuchVideoError."""

    def check_size(self, name: str, n_bytes: int) -> None:
        """Raise TooLargeError where the database does not take a file of this size."""

    def poster(self, video_id: str) -> bytes | None:
        """Return the JPEG that stands for the whole video."""

    def picture(self, video_id: str, at_s: float) -> bytes | None:
        """Return the JPEG of the clip at that time."""

    def extract_pictures(
        self, video_id: str, start_s: float, *, n: int = 1, every_s: float = 1.0, max_px: int
    ) -> list[bytes]:
        """Return JPEGs that the database makes of a video, or raise DatabaseError."""


class Stills(Protocol):
    """Pictures that nobody stored."""

    async def poster(self, video_id: str) -> bytes | None:
        """Return a JPEG that may stand for the whole video."""

    async def picture(self, video_id: str, at_s: float) -> bytes | None:
        """Return the JPEG of that time."""


class Added(Protocol):
    """What became of a file."""

    @property
    def video(self) -> Video:
        """The video that the library holds now."""

    @property
    def already(self) -> bool:
        """Whether its content was there before."""


class Intake(Protocol):
    """Where a whole upload goes."""

    def adopt_upload(self, part: Path, *, name: str, content_sha256: str) -> Added:
        """Take the file over, or raise MediaError; a file that is not needed is removed."""


class Folders(Protocol):
    """The settings, as far as folders go."""

    @property
    def incoming_folder(self) -> Path:
        """Where uploads grow until they are whole."""


class App(Protocol):
    """The opened app."""

    @property
    def settings(self) -> Folders:
        """Where things lie."""

    @property
    def library(self) -> Videos:
        """What is there."""

    @property
    def intake(self) -> Intake:
        """How more gets in."""

    @property
    def stills(self) -> Stills:
        """What is made where the library has no picture."""

    def playable(self, video: Video) -> Path | None:
        """Return the file to serve: the original, or the copy that browsers can play."""

    def standing(self, video: Video) -> Video:
        """Return the video with its play state as it is on this machine."""

    def close(self) -> None:
        """Let go of the database and the model."""
