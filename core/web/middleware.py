"""What every request passes: the check of its host, that of its origin, and the headers.

Plain ASGI, as Starlette's BaseHTTPMiddleware puts every body through a queue. Also guards
Streamlit's own pages and its WebSocket; must not know Streamlit.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.web.answers import refuse
from core.web.closing import Closing
from core.web.origin import is_foreign, is_our_host
from core.web.policy import SECURITY_HEADERS


def middleware(closing: Closing, allowed_hosts: Iterable[str] = ()) -> list[Middleware]:
    """Return the stack, outermost first.

    `closing`: the one that lifespan was given.
    `allowed_hosts`: names under which the app may be reached besides localhost and IP addresses;
    `*.example.com` holds for all names below it, `*` for any name.
    """
    return [
        Middleware(SecurityHeaders),
        Middleware(KnownHosts, allowed_hosts=tuple(allowed_hosts)),
        Middleware(SameOrigin),
        Middleware(GoneBrowsers),
        Middleware(EndsWithServer, closing=closing),
    ]


class SecurityHeaders:
    """Adds the headers of core.web.policy to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the response with its headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class KnownHosts:
    """Answers only to names that are this app's, which stops DNS rebinding."""

    def __init__(self, app: ASGIApp, allowed_hosts: tuple[str, ...]) -> None:
        self._app = app
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 403; a WebSocket is closed unopened."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if is_our_host(host, self._allowed_hosts):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(
                f"Reelseek does not know the name {host[:100]!r}. If it is yours, add it to "
                "server.allowedHosts in .streamlit/config.toml; or use http://127.0.0.1.\n",
                403,
            )(scope, receive, send)


class SameOrigin:
    """Lets only Reelseek's own pages use /api/."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 403."""
        # OPTIONS goes on to its 405: no answer to it ever allows anything.
        if is_ours(scope) and scope["method"] != "OPTIONS" and is_foreign(scope):
            response = refuse(403, "Only Reelseek's own pages may ask for this.")
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class GoneBrowsers:
    """Lets a WebSocket end quietly whose browser is gone.

    Streamlit 1.67 closes it once more then, which Starlette refuses, and the server would log a
    traceback for every page that is left at the wrong moment.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        is_gone = False

        async def noting_receive() -> Message:
            nonlocal is_gone
            message = await receive()
            is_gone = is_gone or message["type"] == "websocket.disconnect"
            return message

        try:
            await self._app(scope, noting_receive, send)
        except RuntimeError:
            if not is_gone:
                raise


class EndsWithServer:
    """Ends videos and uploads that are under way when the server closes."""

    def __init__(self, app: ASGIApp, closing: Closing) -> None:
        self._app = app
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; 503 where it was cut off before its answer had begun."""
        if not is_ours(scope):
            await self._app(scope, receive, send)
            return
        answered = False

        async def noting_send(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        with self._closing.ends():
            if not self._closing.has_begun:
                await self._app(scope, receive, noting_send)
        if self._closing.has_begun and not answered:
            await refuse(503, "Reelseek is closing; start it and try again.")(scope, receive, send)


def is_ours(scope: Scope) -> bool:
    """Say whether this is an HTTP request for one of core.web.routes."""
    return scope["type"] == "http" and str(scope["path"]).startswith("/api/")
