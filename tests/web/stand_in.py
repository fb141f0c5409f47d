"""A small library in memory with real files, for tests of HTTP alone.

Keeps to core.web.needs; the real app takes its place in tests/web/test_server.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import DatabaseAwayError, NoSuchVideoError
from core.model import IndexState, PlayState, Video, VideoFacts
from core.settings import Settings
from core.web.kept import Kept
from core.web.stills import Stills


@dataclass(frozen=True)
class Added:
    video: Video
    already: bool


class StandIn:
    """The app, its library and its intake in one."""

    def __init__(self, data: Path) -> None:
        self.settings = Settings(data=data)
        self.library = self.intake = self
        self.stills = Stills(self, Kept(data / "stills", 100_000, what="picture"))
        self.known: dict[str, Video] = {}
        self.jpegs: dict[tuple[str, float], bytes] = {}
        self.is_away = False
        self.n_closed = 0

    def put(self, video_id: str, path: Path, *, sha256: str = "", **changes: object) -> Video:
        facts = VideoFacts(4, 64, 48, 25, "h264", None, "mov,mp4,m4a", "yuv420p", 0, 1)
        video = Video(
            video_id, path.name, str(path), sha256, facts, datetime.now(UTC), IndexState.READY,
            1.0, None, PlayState.DIRECT, 0.0, None, 4,
        )  # fmt: skip
        self.known[video_id] = replace(video, **changes)  # type: ignore[arg-type]
        return self.known[video_id]

    def video(self, video_id: str) -> Video:
        if self.is_away:
            raise DatabaseAwayError("The database does not answer; start it again.")
        if video_id not in self.known:
            raise NoSuchVideoError(f"No video has the id {video_id}.")
        return self.known[video_id]

    def check_size(self, name: str, n_bytes: int) -> None:
        """Take files of any size, as a library does that reads this machine's."""

    def poster(self, video_id: str) -> bytes | None:
        return self.jpegs.get((video_id, -1.0))

    def picture(self, video_id: str, at_s: float) -> bytes | None:
        return self.jpegs.get((video_id, at_s))

    def extract_pictures(self, *_: Any, **__: Any) -> list[bytes]:
        """Make none, as a database that has no decoder."""
        return []

    def playable(self, video: Video) -> Path | None:
        if video.play_state is PlayState.READY:
            return self.settings.proxies_folder / f"{video.video_id}.mp4"
        return Path(video.path) if video.path and video.play_state is PlayState.DIRECT else None

    def standing(self, video: Video) -> Video:
        return video

    def adopt_upload(self, part: Path, *, name: str, content_sha256: str) -> Added:
        """Keep it unjudged, for what is measured of large ones; test_upload has the real intake."""
        video_id = content_sha256[:32]
        self.settings.videos_folder.mkdir(parents=True, exist_ok=True)
        path = part.rename(self.settings.videos_folder / video_id)
        return Added(self.put(video_id, path, sha256=content_sha256, name=name), already=False)

    def close(self) -> None:
        self.n_closed += 1
