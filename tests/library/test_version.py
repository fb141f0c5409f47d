"""The name of a server's state: asked for seldom, and never older than what this process wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.engine.engine import Engine
from core.library.library import Library
from core.library.version import version
from tests.library.conftest import Clock, index


class Server:
    """A database that numbers nothing, and remembers when all videos were listed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.n_listed = 0

    def query(
        self, commands: list[dict[str, Any]], blobs: Sequence[bytes] = ()
    ) -> tuple[Any, list[bytes]]:
        self.n_listed += any("FindDescriptorSet" in command for command in commands)
        return self._engine.query(commands, blobs)


@pytest.fixture
def server(engine: Engine) -> Server:
    return Server(engine)


def test_a_server_is_asked_once_in_two_seconds(
    server: Server, engine: Engine, library: Library, clock: Clock
) -> None:
    """However often there is a search; then what another process wrote makes another name."""
    index(library, "a", "red blue")
    name = library.index_name

    def named() -> str | None:
        return version(server, name, clock=clock)

    first = named()
    assert (first is not None, server.n_listed) == (True, 1)
    library.rename("a", "by another process")  # which has a connection of its own
    for _ in range(3):
        assert (named(), server.n_listed) == (first, 1)
        clock.now_s += 0.625
    clock.now_s += 0.125
    assert (named() not in (first, None), server.n_listed) == (True, 2)
    assert version(Server(engine), name, clock=clock) == named(), "each has its own"


def test_what_this_process_writes_is_seen_at_once(server: Server, library: Library) -> None:
    """Each write, and the beginning of an index's change; what it only reads asks nothing anew."""
    index(library, "a", "red blue")
    own = Library(server)

    def named() -> str | None:
        return version(server, own.index_name, clock=lambda: 10.0)

    first = named()
    own.videos()
    own.counts()
    n_listed = server.n_listed
    assert (named(), server.n_listed) == (first, n_listed)
    own.rename("a", "another name")
    second = named()
    assert second not in (first, None)
    own.reindex(["a"])
    video = own.claim("w", lease_s=30)
    assert video is not None
    assert named() is None
    own.finish("a", "w")
    assert named() not in (first, second, None)


def test_each_index_of_a_server_has_its_name(server: Server, library: Library) -> None:
    """One that is looked at says nothing of the other."""
    index(library, "a", "red blue")
    names = {version(server, one, clock=lambda: 10.0) for one in (library.index_name, "another")}
    assert len(names) == 2
