"""Fuzzes the codec and the server: sessions that were valid, broken in every way one can think of.

Whatever arrives, there is an answer for each whole frame, or a clean close, in bounded time and
memory; nobody else notices. `run` makes inputs from a seed until its time is over.
"""

from __future__ import annotations

import json
import random
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.engine.engine import Engine
from core.errors import DatabaseError
from core.model import VideoFacts
from core.wire.codec import HELLO, LENGTH, decode, encode
from core.wire.conversation import Patience
from core.wire.server import Server
from tests.fuzz.sessions import MOST_BYTES, made
from tests.wire.raw import GREETING, PASSWORD, Raw

MOST_GROWTH_KIB = 512 * 1024  # of this process, whatever arrives
ANSWER_S = 20.0  # to answer, or to hang up
N_PER_ENGINE = 300  # inputs, then the database is a new one
PATIENCE = Patience(hello_s=5, login_s=5, stalled_s=5)
FACTS = VideoFacts(5.5, 852, 480, 30.0, "h264", "aac", "mov,mp4", "yuv420p", 0, 2_911_784)


class _Latest:
    """The engine of the moment."""

    engine: Engine

    def query(self, commands: Any, blobs: Any = ()) -> tuple[Any, list[bytes]]:
        return self.engine.query(commands, blobs)


def run(seconds: float, seed: int) -> int:
    """Try inputs for so long and give their number.

    Raises:
        AssertionError: a crash, a hang, memory without bound, or a missing answer; with the input.
    """
    ends_s = time.monotonic() + seconds
    before_kib = _peak_kib()
    n = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        _server(Path(folder)) as (server, renew),
        Raw(server.address, patience_s=ANSWER_S).log_in() as witness,
    ):
        while time.monotonic() < ends_s:
            if n % N_PER_ENGINE == 0:
                renew()
            said = made(random.Random(f"{seed} {n}"), witness.token)
            _try(server, witness, said, f"input {n} of seed {seed}: {said!r}")
            n += 1
            growth_kib = _peak_kib() - before_kib
            assert growth_kib < MOST_GROWTH_KIB, f"{growth_kib} KiB by input {n}, seed {seed}"
    return n


@contextmanager
def _server(folder: Path) -> Iterator[tuple[Server, Callable[[], None]]]:
    latest = _Latest()
    engines: list[Engine] = []

    def renew() -> None:
        path = folder / str(len(engines))
        engines.append(Engine(path, probe_video=lambda _: FACTS))
        latest.engine = engines[-1]

    renew()
    with Server(
        latest, port=0, password=PASSWORD, max_message_bytes=MOST_BYTES, patience=PATIENCE
    ) as server:
        yield server, renew
    for engine in engines:
        engine.close()


def _peak_kib() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


# -- what must come back -----------------------------------------------------------------------


def _try(server: Server, witness: Raw, said: bytes, name: str) -> None:
    _try_codec(said)
    try:
        answers = _talk(server.address, said)
    except TimeoutError:
        raise AssertionError(f"no answer and no close, {name}") from None
    least, most = _n_answers(said)
    assert least <= len(answers) <= most, f"{len(answers)} answers, not {least} or {most}, {name}"
    for payload in answers[1:]:
        _check_answer(payload, name)
    status, _ = witness.ask({"GetStatus": {}})
    assert status[0]["GetStatus"]["status"] == 0, name


def _try_codec(said: bytes) -> None:
    """Read the bytes as a message; what can be read is written and read again as the same."""
    try:
        message = decode(said[len(GREETING) + LENGTH.size :])
    except DatabaseError:
        return
    again = decode(b"".join(encode(message))[LENGTH.size :])
    assert again == message


def _talk(address: tuple[str, int], said: bytes) -> list[bytes]:
    """Send everything, say that it was all, and read whole frames until the other side closes."""
    frames: list[bytes] = []
    with Raw(address, patience_s=ANSWER_S) as client:
        try:
            client.socket.sendall(said)
            client.socket.shutdown(socket.SHUT_WR)
            while True:
                frames.append(client.read_frame())
        except TimeoutError:
            raise
        except (EOFError, OSError):  # hung up, perhaps before it had read everything
            return frames


def _n_answers(said: bytes) -> tuple[int, int]:
    """Give how many answers there must and may be: to a good hello, then to every whole frame."""
    if said[: LENGTH.size] != GREETING[: LENGTH.size] or len(said) < len(GREETING):
        return 0, 0
    version, wanted = HELLO.unpack_from(said, LENGTH.size)
    if version != 1 or not wanted & 1:
        return 0, 1  # it is declined, which may be lost when we have sent more
    n, at = 1, len(GREETING)
    while at + LENGTH.size <= len(said):
        at += LENGTH.size + LENGTH.unpack_from(said, at)[0]
        n += at <= len(said)
    return n, n


def _check_answer(payload: bytes, name: str) -> None:
    message = decode(payload)
    answer = json.loads(message.json)
    if isinstance(answer, dict):
        assert sorted(answer) == ["info", "status"], f"{answer}, {name}"
        assert "an error of its own" not in answer["info"], f"{answer}, {name}"
        return
    for one in answer:
        ((_, body),) = one.items()
        assert isinstance(body["status"], int), f"{answer}, {name}"


if __name__ == "__main__":
    sys.stdout.write(f"{run(float(sys.argv[1]), int(sys.argv[2]))} inputs\n")
