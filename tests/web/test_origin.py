"""Who may ask, and what every answer carries."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.web import Closing, middleware
from core.web.origin import is_our_host
from core.web.policy import INLINE_SCRIPT, SECURITY_HEADERS
from tests.web.conftest import HOST, ORIGIN

FILM = "/api/video/film-1"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://["},
    ],
)
def test_other_sites_get_nothing(client: TestClient, headers: dict[str, str]) -> None:
    """Neither films nor uploads, and no CORS header that would let them read the refusal."""
    upload = {**headers, "X-Reelseek": "upload"}
    answers = [
        client.get(FILM, headers=headers),
        client.head(FILM, headers=headers),
        client.put("/api/upload?name=a.mp4", headers=upload, content=b"x"),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN},
        {"Origin": ORIGIN},
    ],
)
def test_our_own_pages_typed_addresses_and_programs_may_read(
    client: TestClient, headers: dict[str, str]
) -> None:
    """Same origin, an address that somebody typed, and clients that are no browsers."""
    assert client.get(FILM, headers=headers).status_code == 200


def test_a_typed_address_uploads_nothing(client: TestClient) -> None:
    """`none` is good for reading only."""
    headers = {"Sec-Fetch-Site": "none", "X-Reelseek": "upload"}
    assert client.put("/api/upload?name=a", headers=headers, content=b"x").status_code == 403


def test_preflight_is_answered_with_no(client: TestClient) -> None:
    """OPTIONS is 405 and carries no CORS header."""
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"}
    for address in ("/api/upload", FILM, "/api/nothing"):
        answer = client.options(address, headers=asked)
        assert answer.status_code == 405
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8501",
        "reelseek.localhost:1",
        "127.0.0.1",
        "127.8.9.1:80",
        "[::1]:8501",
        "192.168.1.20:8501",
        "films.example.com",
        "Films.Example.com.:443",
        "a.b.example.org",
    ],
)
def test_hosts_that_are_ours(host: str) -> None:
    """localhost, any address, and the names that were allowed."""
    assert is_our_host(host, ["films.example.com", "*.example.org"])


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "example.org",
        "evilexample.org",
        "localhost:port",
        "localhost:99999",
        "me@localhost",
        "localhost/x",
        "localhost#x",
        "[::1",
    ],
)
def test_hosts_that_are_not(host: str) -> None:
    """Other names, names that only look like ours, and what is no host at all."""
    assert not is_our_host(host, ["films.example.com", "*.example.org"])


def test_any_host_where_that_was_asked_for() -> None:
    """`*` is Streamlit's word for any name."""
    assert is_our_host("evil.example", ["*"])


async def _page(_request: object) -> PlainTextResponse:
    return PlainTextResponse("a page")


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
def pages() -> TestClient:
    """Stands for Streamlit: a page and a WebSocket behind the same middleware."""
    parts = [Route("/", _page), WebSocketRoute("/_stcore/stream", _stream)]
    return TestClient(Starlette(routes=parts, middleware=middleware(Closing())), base_url=ORIGIN)


def test_a_rebound_name_reaches_neither_page_nor_websocket(pages: TestClient) -> None:
    """DNS rebinding: the page of a foreign name that points here gets nothing."""
    rebound = {"Host": "evil.example:8501"}
    answer = pages.get("/", headers=rebound)
    assert answer.status_code == 403
    assert "server.allowedHosts" in answer.text
    with (
        pytest.raises(WebSocketDisconnect),
        pages.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", headers=rebound),
    ):
        pass


def test_our_name_reaches_both(pages: TestClient) -> None:
    """The same under our own name works."""
    assert pages.get("/").text == "a page"
    address = f"ws://{HOST}/_stcore/stream"
    with pages.websocket_connect(address, headers={"Host": HOST}) as socket:
        assert socket.receive_text() == "hello"


def test_every_answer_carries_the_security_headers(client: TestClient, pages: TestClient) -> None:
    """Pages, films, refusals and 404s alike."""
    answers = [
        pages.get("/"),
        client.get(FILM),
        client.get("/api/nothing"),
        client.get(FILM, headers={"Origin": "http://evil.example"}),
        client.get(FILM, headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_names_streamlits_one_inline_script() -> None:
    """The hash in the policy is that of the page that this Streamlit serves."""
    page = (Path(streamlit.__file__).parent / "static/index.html").read_bytes()
    inline = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in inline]
    assert [f"'sha256-{one}'" for one in hashes] == [INLINE_SCRIPT]


def raising_app(error: Exception) -> TestClient:
    """An app whose WebSocket raises an error when the browser is gone, or at once."""

    async def ends(websocket: WebSocket) -> None:
        await websocket.accept()
        if websocket.query_params.get("when") == "gone":
            await websocket.receive()
        raise error

    app = Starlette(routes=[WebSocketRoute("/stream", ends)], middleware=middleware(Closing()))
    return TestClient(app, base_url=f"http://{HOST}")


def test_a_browser_that_is_gone_is_no_error() -> None:
    """What Streamlit does to its WebSocket then is not logged as a fault of the app."""
    client = raising_app(RuntimeError('Cannot call "send" once a close message has been sent.'))
    with client.websocket_connect(f"ws://{HOST}/stream?when=gone", headers={"Host": HOST}):
        pass


@pytest.mark.parametrize(
    ("error", "when"), [(RuntimeError("a fault"), "now"), (ValueError("a fault"), "gone")]
)
def test_another_error_of_a_websocket_is_one(error: Exception, when: str) -> None:
    """While the browser is there, and of any other kind."""
    client = raising_app(error)
    with (
        pytest.raises(type(error), match="a fault"),
        client.websocket_connect(f"ws://{HOST}/stream?when={when}", headers={"Host": HOST}),
    ):
        pass
