"""What one query does with files: stages what comes, makes what is asked for, tidies up.

The engine decodes nothing itself; who opens it hands it a probe and a studio. Whatever they raise
becomes the query's failure here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.editing import VideoEdit, VideoOperation
from core.engine import messages as say
from core.engine.messages import fail
from core.engine.staging import Staging
from core.errors import DiskFullError, MediaError, ToolError
from core.model import VideoFacts

Facts = dict[str, Any]  # system properties of a video
Rgb = NDArray[np.uint8]
Probe = Callable[[Path], VideoFacts]


class Studio(Protocol):
    """Makes pictures and other files of videos; raises MediaError, DiskFullError or ToolError."""

    def pictures(
        self, path: Path, numbers: Sequence[int], operations: Sequence[VideoOperation] = ()
    ) -> Iterator[Rgb]:
        """Yield a picture for each of these ascending numbers; beyond the end, the last one."""

    def numbers_at(self, path: Path, times_s: Sequence[float]) -> list[int]:
        """Give the number of the picture that is shown at each time."""

    def render(
        self, path: Path, target: Path, edit: VideoEdit, *, max_bytes: int | None = None
    ) -> None:
        """Write another video file."""


class Workshop:
    """The files of one query; leaving the context removes what no transaction took."""

    def __init__(self, staging: Staging, probe: Probe, studio: Studio | None) -> None:
        self._staging, self._probe, self._studio = staging, probe, studio
        self._staged: list[Path] = []

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, *_: object) -> None:
        for path in self._staged:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def facts(self, path: Path) -> Facts:
        """Give what a video file says of itself, as system properties."""
        with _failing():
            facts = self._probe(path)
        fps = round(facts.fps, 6)
        return {
            "_fps": int(fps) if fps == int(fps) else fps,  # recorded: 30, not 30.0
            "_frame_count": facts.n_frames,
            "_frame_width": facts.width_px,
            "_frame_height": facts.height_px,
            "_duration_us": round(facts.duration_s * 1_000_000),
        }

    def stage(self, content: bytes) -> Path:
        """Write bytes to a file of its own, synced."""
        with _storing():
            path = self._new_path()
            with path.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
        return path

    def render(self, path: Path, edit: VideoEdit, *, max_bytes: int | None = None) -> Path:
        """Make another file of a video, synced."""
        with _storing(), _failing():
            target = self._new_path()
            self._studio_or_fail().render(path, target, edit, max_bytes=max_bytes)
            with target.open("rb+") as made:
                os.fsync(made.fileno())
        return target

    def pictures(
        self, path: Path, numbers: Sequence[int], operations: Sequence[VideoOperation]
    ) -> Iterator[Rgb]:
        """Yield a picture for each of these ascending numbers; beyond the end, the last one.

        How many frames a header promises is not always how many there are.
        """
        with _failing():
            made = self._studio_or_fail().pictures(path, numbers, operations)
            for _ in numbers:
                rgb = next(made, None)
                if rgb is None:
                    raise fail(say.NO_PICTURES, name=path.name)
                yield rgb

    def numbers_at(self, path: Path, times_s: Sequence[float]) -> list[int]:
        """Give the number of the picture that is shown at each time."""
        with _failing():
            return self._studio_or_fail().numbers_at(path, times_s)

    def _new_path(self) -> Path:
        path = self._staging.new_path()
        self._staged.append(path)
        return path

    def _studio_or_fail(self) -> Studio:
        if self._studio is None:
            raise fail(say.NO_STUDIO)
        return self._studio


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except (MediaError, ToolError, DiskFullError) as error:
        raise fail("{error}", error=error) from error


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise fail(say.NOT_STORED, reason=error.strerror or error) from error
