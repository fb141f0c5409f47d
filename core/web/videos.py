"""Videos and their pictures, from disk and database to the browser.

Videos go out by byte range, never as a whole through memory. The only name a client has for a video
is its id: no path ever comes from outside.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import stat
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from core.errors import NoSuchVideoError
from core.model import PlayState, Video
from core.web.answers import refuse
from core.web.needs import App

VIDEO_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
# A browser keeps what it has and asks by its ETag whether that is still so: the content of a video,
# and with it its pictures, may be replaced under the same address.
VIDEO_CACHING = "private, no-cache"
# Of pictures a page shows hundreds: old ones may be seen once more, while the browser asks.
PICTURE_CACHING = "private, max-age=60, stale-while-revalidate=604800"
# ffmpeg's name of a container holds one of these; .mov goes as MP4, as that is what browsers play.
MEDIA_TYPES = (
    ("mp4", "video/mp4"),
    ("mov", "video/mp4"),
    ("webm", "video/webm"),
    ("matroska", "video/x-matroska"),
    ("ogg", "video/ogg"),
)
COPY_TYPE = "video/mp4"  # what core.media.proxy makes


class VideoRoutes:
    """GET and HEAD of one video, its poster, and its picture at a time."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def video(self, request: Request) -> Response:
        """Answer with the video's bytes, or the range of them that was asked for.

        404 where there is no such video or its file is gone, 409 where it cannot be played (yet).
        Ranges, If-Range and validators as in RFC 9110.
        """
        video = await run_in_threadpool(self._app.library.video, id_of(request))
        path = await run_in_threadpool(self._app.playable, video)
        if path is None:
            return not_playable(self._app.standing(video))
        facts = await run_in_threadpool(regular_file, path)
        if facts is None:
            return refuse(404, gone(video))
        headers = {"Cache-Control": VIDEO_CACHING}
        media_type = media_type_of(self._app.standing(video))
        response = FileResponse(path, 200, headers, media_type, stat_result=facts)
        return unless_known(request, response)

    async def poster(self, request: Request) -> Response:
        """Answer with the JPEG that stands for the video, or 404 while there is none."""
        video_id = id_of(request)
        jpeg = await run_in_threadpool(self._app.library.poster, video_id)
        return picture_answer(request, jpeg or await self._app.stills.poster(video_id))

    async def picture(self, request: Request) -> Response:
        """Answer with the JPEG of the clip at `t` seconds, or 404 where there is none."""
        at_s = seconds(request.query_params.get("t", ""))
        if at_s is None:
            return refuse(400, "Say which picture: ?t= and a number of seconds, such as ?t=12.5.")
        video_id = id_of(request)
        jpeg = await run_in_threadpool(self._app.library.picture, video_id, at_s)
        return picture_answer(request, jpeg or await self._app.stills.picture(video_id, at_s))


def id_of(request: Request) -> str:
    """Return the id in the address; one that cannot be an id is as unknown as any other."""
    video_id: str = request.path_params["video_id"]
    if not VIDEO_ID.fullmatch(video_id):
        raise NoSuchVideoError(
            f"There is no video {video_id[:40]!r}; open the library and choose one."
        )
    return video_id


def media_type_of(video: Video) -> str:
    """Return the media type of what is played: by container, whatever the file is called."""
    if video.play_state is not PlayState.DIRECT:
        return COPY_TYPE
    container = video.facts.container
    return next((kind for word, kind in MEDIA_TYPES if word in container), COPY_TYPE)


def not_playable(video: Video) -> Response:
    """Say why there is nothing to play: not made yet (409), failed (409), or gone (404)."""
    match video.play_state:
        case PlayState.WANTED | PlayState.MAKING:
            done = f"{video.play_progress:.0%}"
            return refuse(
                409,
                f"Browsers cannot play {video.name!r} as it is. A copy that they can play is "
                f"being made ({done}); try again in a moment.",
            )
        case PlayState.FAILED:
            why = video.play_error or "No copy that browsers can play could be made of it."
            return refuse(409, why)
        case _:
            return refuse(404, gone(video))


def gone(video: Video) -> str:
    """Say that the video is known but its bytes are not where they were."""
    if video.play_state is PlayState.READY:
        return (
            f"The copy of {video.name!r} that browsers can play is no longer there; delete the "
            "video and add it again."
        )
    where = video.path or "on this machine"
    return f"The file of {video.name!r} is no longer there ({where}); put it back or add it again."


def regular_file(path: Path) -> os.stat_result | None:
    """Return the file's facts, or None where there is no such file."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts if stat.S_ISREG(facts.st_mode) else None


def seconds(text: str) -> float | None:
    """Return a time in a video, in seconds, or None where the text is none."""
    try:
        at_s = float(text)
    except ValueError:
        return None
    return at_s if math.isfinite(at_s) and at_s >= 0 else None


def picture_answer(request: Request, jpeg: bytes | None) -> Response:
    """Answer with a JPEG that this browser may keep, or 404."""
    if jpeg is None:
        return refuse(404, "There is no picture of this yet.")
    etag = f'"{hashlib.sha256(jpeg).hexdigest()[:32]}"'
    headers = {"Cache-Control": PICTURE_CACHING, "ETag": etag}
    return unless_known(request, Response(jpeg, 200, headers, "image/jpeg"))


def unless_known(request: Request, response: Response) -> Response:
    """Answer 304 where the browser already has these very bytes (RFC 9110, 13.1.2)."""
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if response.headers["etag"] not in known:
        return response
    kept = {name: response.headers[name] for name in ("etag", "cache-control")}
    return Response(status_code=304, headers=kept)
