"""The addresses under /api/. Everything else is Streamlit's.

A route answers only the methods it names: OPTIONS gets 405 without any CORS header, so a page of
another origin is told no.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.web.answers import in_words, refuse
from core.web.needs import App
from core.web.upload import UploadRoute
from core.web.videos import VideoRoutes


def routes(app: App) -> list[Route]:
    """Return the routes that serve this app's videos, pictures and uploads."""
    videos, upload = VideoRoutes(app), UploadRoute(app)
    return [
        Route("/api/video/{video_id}", in_words(videos.video), methods=["GET"]),
        Route("/api/video/{video_id}/poster", in_words(videos.poster), methods=["GET"]),
        Route("/api/video/{video_id}/picture", in_words(videos.picture), methods=["GET"]),
        Route("/api/upload", in_words(upload.upload), methods=["PUT"]),
        # Without this, Streamlit would answer any other address with its page and 200.
        Route("/api/{rest:path}", _nothing_here, methods=["GET"]),
    ]


async def _nothing_here(request: Request) -> Response:
    return refuse(404, f"There is nothing at {request.url.path}.")
