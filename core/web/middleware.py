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
from core.web.origin import is_foreign, is_our_host
from core.web.policy import SECURITY_HEADERS


def middleware(allowed_hosts: Iterable[str] = ()) -> list[Middleware]:
    """Return the stack, outermost first.

    `allowed_hosts`: names under which the app may be reached besides localhost and IP addresses;
    `*.example.com` holds for all names below it, `*` for any name.
    """
    return [
        Middleware(SecurityHeaders),
        Middleware(KnownHosts, allowed_hosts=tuple(allowed_hosts)),
        Middleware(SameOrigin),
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
        ours = scope["type"] == "http" and scope["path"].startswith("/api/")
        # OPTIONS goes on to its 405: no answer to it ever allows anything.
        if ours and scope["method"] != "OPTIONS" and is_foreign(scope):
            response = refuse(403, "Only Reelseek's own pages may ask for this.")
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)
