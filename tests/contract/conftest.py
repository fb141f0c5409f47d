"""Each test runs on the engine itself, on it over the wire, and on a real server if one is named.

The wire is the official client's own Connector, unmodified, and a server that lives as long as the
session; behind it each test has an engine of its own. REELSEEK_TEST_APERTUREDB, written like
APERTUREDB_JSON, names a real server. It must be empty: everything on it is deleted between tests.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.engine.engine import Engine
from core.model import VideoFacts
from core.wire.client import connector_to, import_client
from core.wire.server import Server
from tests.ingest.conftest import draw

FACTS = VideoFacts(5.5, 852, 480, 30.0, "h264", "aac", "mov,mp4", "yuv420p", 0, 2_911_784)
Ask = Callable[..., list[dict[str, Any]]]

SET = "wf_embeddings_clip_video"
REAL_SERVER = os.environ.get("REELSEEK_TEST_APERTUREDB", "")
WHERE = ["engine", "wire", *(["server"] if REAL_SERVER else [])]


class Client:
    """Sends commands and gives the bodies of their answers."""

    def __init__(self, database: Any, *, is_real: bool = False) -> None:
        self.database = database
        self.blobs: list[bytes] = []
        self.is_real = is_real
        self.number = time.time_ns()  # of this test; equal queries share a batch for a minute

    def __call__(
        self, *commands: dict[str, Any], blobs: Sequence[bytes] = ()
    ) -> list[dict[str, Any]]:
        """Answer a query that must succeed: the body under each command's name."""
        self._skip_made_up_files(commands, blobs)
        response, self.blobs = self.database.query(list(commands), list(blobs))
        assert isinstance(response, list), response
        assert [next(iter(a)) for a in response] == [next(iter(c)) for c in commands]
        return [next(iter(answer.values())) for answer in response]

    def failing(
        self, *commands: Any, blobs: Sequence[bytes] = (), words: str = ""
    ) -> dict[str, Any]:
        """Answer a query that must fail as a whole; of our own texts, by one that has these words.

        A real server's texts are its own (docs/aperturedb-compatibility.md).
        """
        response, out = self.database.query(list(commands), list(blobs))
        assert isinstance(response, dict), response
        assert sorted(response) == ["info", "status"]
        assert out == []
        assert self.is_real or words in response["info"]
        return response

    def _skip_made_up_files(self, commands: Sequence[Any], blobs: Sequence[bytes]) -> None:
        """Skip a test whose films are a word, or lie here: a real server would look into them."""
        adds = [one.get("AddVideo") or one.get("AddBlob") or {} for one in commands]
        of_video = any("AddVideo" in one for one in commands)
        is_film = all(blob[4:8] == b"ftyp" for blob in blobs)
        if self.is_real and (any("url" in one for one in adds) or (of_video and not is_film)):
            pytest.skip("A real server takes real films only, and no file of this machine.")


class Latest:
    """A database that is another one in each test, for a server that outlives them."""

    engine: Engine

    def query(self, commands: Any, blobs: Sequence[Any] = ()) -> tuple[Any, list[bytes]]:
        return self.engine.query(commands, blobs)


@pytest.fixture(scope="session")
def latest() -> Latest:
    """What the session's server asks."""
    return Latest()


@pytest.fixture(scope="session")
def wired(latest: Latest) -> Iterator[Any]:
    """The official client's Connector on a server in front of `latest`."""
    with Server(latest, port=0, password="secret") as server:  # noqa: S106 - of this session
        import_client()
        from aperturedb.Connector import Connector

        host, port = server.address
        connector = Connector(host, port, user="admin", password="secret", use_ssl=False)  # noqa: S106
        yield connector
        connector.close()


@pytest.fixture(scope="session")
def real() -> Iterator[Any]:
    """A Connector on the real server, which holds nothing before and after."""
    import_client()
    from aperturedb.CommonLibrary import _create_configuration_from_json
    from aperturedb.Connector import Connector

    connector = Connector(config=_create_configuration_from_json(json.loads(REAL_SERVER)))
    schema, _ = connector.query([{"GetSchema": {}}])
    if schema[0]["GetSchema"]["entities"] is not None:
        pytest.exit("REELSEEK_TEST_APERTUREDB names a server that is not empty; the tests would "
                    "delete everything on it.")  # fmt: skip
    yield connector
    _emptied(connector)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real film of 120 pictures, for what a real server may be asked to keep."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return draw(path, "red blue", seconds_each=6).read_bytes()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty engine."""
    opened = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    yield opened
    opened.close()


@pytest.fixture(params=WHERE)
def database(request: pytest.FixtureRequest) -> Any:
    """An empty database: the engine, or a Connector on it or on a real server."""
    if request.param == "server":
        return _emptied(request.getfixturevalue("real"))
    engine = request.getfixturevalue("engine")
    if request.param == "engine":
        return engine
    request.getfixturevalue("latest").engine = engine
    return request.getfixturevalue("wired")


def _emptied(connector: Any) -> Any:
    from aperturedb.Utils import Utils

    utils = Utils(connector)
    assert utils.remove_all_indexes()
    assert utils.remove_all_objects()
    return connector


@pytest.fixture
def ask(request: pytest.FixtureRequest, database: Any) -> Client:
    """A client of an empty database."""
    return Client(database, is_real=request.node.callspec.params["database"] == "server")


@pytest.fixture
def client(database: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The official client's Connector: on the engine without a socket, or a real one."""
    import_client()
    from aperturedb import Parallelizer

    # Its loaders look once a second whether their threads are done.
    often = SimpleNamespace(sleep=lambda _: time.sleep(0.01), time=time.time)
    monkeypatch.setattr(Parallelizer, "time", often)
    return connector_to(database) if isinstance(database, Engine) else database


@pytest.fixture
def indexed(client: Any, film: bytes) -> Any:
    """A client of two videos of three clips each, in the graph of ApertureDB's workflow."""
    client.query([{"AddDescriptorSet": {"name": SET, "dimensions": 4, "engine": "HNSW",
                                        "metric": "CS"}}])  # fmt: skip
    for place, name in enumerate(("cooking-tutorial-001", "travel-002")):
        query: list[dict[str, Any]] = [{"AddVideo": {"_ref": 1, "properties": {"video_id": name}}}]
        for n in range(3):
            frames = {"start": n * 30, "stop": (n + 1) * 30}
            query += [
                {"AddClip": {"_ref": 2 + 2 * n, "video_ref": 1, "frame_number_range": frames}},
                {"AddDescriptor": {"_ref": 3 + 2 * n, "set": SET, "properties": {"video_id": name},
                                   "connect": {"ref": 2 + 2 * n, "class": "ClipHasDescriptor"}}},
                {"AddConnection": {"class": "VideoHasDescriptor", "src": 1, "dst": 3 + 2 * n,
                                   "properties": frames}},
            ]  # fmt: skip
        vectors = [vector(1, n + 3 * place, 0, 1) for n in range(3)]
        client.query(query, [film, *vectors])
        assert client.last_query_ok(), client.get_last_response_str()
    return client


def picture(n: int = 0) -> bytes:
    """Give a small PNG, another one for each number: a real server looks into what it stores."""
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (40 * (n % 7), n % 256, 90)).save(out, "PNG")
    return out.getvalue()


def vector(*numbers: float) -> bytes:
    """Give a vector as a client sends it."""
    return np.asarray(numbers, "<f4").tobytes()
