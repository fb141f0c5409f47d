"""`mcp`: lets an assistant search the library, by the Model Context Protocol on standard input.

The same searches as the pages and the command line, through the same Searcher. What is printed
here would break the protocol, so nothing is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from core.bootstrap import App, open_app
from core.cli.mcp_search import MomentSearch
from core.errors import ExportError, ReelseekError
from core.ingest.names import file_name_of
from core.model import Span, Video
from core.search import handoff
from core.settings import from_environment

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST_CLIP_S = 600.0


def run(asked: argparse.Namespace) -> int:
    """Serve until standard input closes."""
    del asked
    app = open_app(from_environment())
    try:
        server(app).run()
    finally:
        app.close()
    return 0


def server(app: App) -> Any:
    """Give the server, with the tools search_moments, list_videos and get_clip."""
    from core.cli.mcp_server import Server  # noqa: PLC0415 - only this command needs its package

    tools = Tools(app)
    made = Server(
        "Reelseek",
        instructions="Finds moments in a library of videos by what they show. Times are seconds "
        "from the beginning of a video. Nothing found means that nothing there is convincing.",
    )
    for tool in (tools.search_moments, tools.list_videos, tools.get_clip):
        made.tool()(_in_words(tool))
    return made


def _in_words(tool: Callable[P, R]) -> Callable[P, R]:
    """Let what goes wrong reach the assistant as our sentence."""
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415 - as above

    @wraps(tool)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return tool(*args, **kwargs)
        except ReelseekError as error:
            raise ToolError(str(error)) from error

    return told


class Tools(MomentSearch):
    """What an assistant can do with one library."""

    def list_videos(self, name: str = "", limit: int = 100, offset: int = 0) -> dict[str, Any]:
        """List the videos of the library, the newest first.

        Args:
            name: only those whose name holds this.
            limit: how many at most.
            offset: how many to leave out at the beginning.
        """
        found = [
            video for video in self._app.library.videos() if name.lower() in video.name.lower()
        ]
        found.sort(key=lambda video: video.added_at, reverse=True)
        shown = found[offset : offset + limit]
        return {"n_videos": len(found), "videos": [self._object(video) for video in shown]}

    def get_clip(self, video_id: str, start_s: float, end_s: float) -> dict[str, Any]:
        """Cut a stretch out of a video, into an MP4 file on this machine.

        Args:
            video_id: which video.
            start_s: its beginning, in seconds.
            end_s: its end.
        """
        video = self._app.library.video(video_id)
        if not 0 <= start_s < end_s <= start_s + _LONGEST_CLIP_S:
            raise ExportError(
                f"From {start_s:g} s to {end_s:g} s is no clip of up to {_LONGEST_CLIP_S:g} s. "
                "Let it end after its start, and soon."
            )
        path = self._app.playing.original(video)
        if path is None:
            raise ExportError(
                f"The file of {video.name!r} is not on this machine, so nothing can be cut out of "
                "it. Bring it back to where it was."
            )
        folder = self._app.settings.data / "clips"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{file_name_of(video.video_id)} {start_s:.3f}-{end_s:.3f}.mp4"
        if not target.exists():
            handoff.cut(path, Span(start_s, min(end_s, video.facts.duration_s)), target)
        return {"path": str(target), "name": video.name, "size_bytes": target.stat().st_size}

    def _object(self, video: Video) -> dict[str, Any]:
        return {
            "video_id": video.video_id,
            "name": video.name,
            "duration_s": video.facts.duration_s,
            "width_px": video.facts.width_px,
            "height_px": video.facts.height_px,
            "added_at": video.added_at.isoformat(),
            "state": str(video.state),
            "path": video.path,
        }
