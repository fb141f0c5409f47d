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
from core.wire.codec import HELLO, LENGTH, Message, decode, encode
from core.wire.conversation import Patience
from core.wire.server import Server
from tests.wire.raw import GREETING, PASSWORD, Raw

MOST_BYTES = 1 << 20  # of a message, so that a fuzzer reaches the limit
MOST_GROWTH_KIB = 512 * 1024  # of this process, whatever arrives
ANSWER_S = 20.0  # to answer, or to hang up
N_PER_ENGINE = 300  # inputs, then the database is a new one
PATIENCE = Patience(hello_s=5, first_query_s=5, stalled_s=5)
FACTS = VideoFacts(5.5, 852, 480, 30.0, "h264", "aac", "mov,mp4", "yuv420p", 0, 2_911_784)

SEEDS: list[tuple[list[Any], list[bytes]]] = [
    ([{"GetStatus": {}}], []),
    ([{"GetSchema": {"type": "both"}}], []),
    ([{"Authenticate": {"username": "admin", "password": PASSWORD}}], []),
    ([{"RefreshToken": {"refresh_token": "adbr_none"}}], []),
    ([{"AddEntity": {"class": "A", "properties": {"n": 1, "when": {"_date": "2018-02-27"}},
                     "if_not_found": {"n": ["==", 1]}}}], []),
    ([{"FindEntity": {"with_class": "A", "constraints": {"all": {"n": [">=", 0, "<", 9]}},
                      "results": {"list": ["n"], "count": True, "sum": "n"}, "sort": "n"}}], []),
    ([{"FindEntity": {"_ref": 1, "with_class": "A", "limit": 3, "offset": 1}},
      {"AddConnection": {"class": "C", "src": 1, "dst": 1, "properties": {"x": 0.5}}},
      {"FindConnection": {"with_class": "C", "results": {"all_properties": True}}}], []),
    ([{"AddVideo": {"_ref": 1}},
      {"AddClip": {"_ref": 2, "video_ref": 1, "frame_number_range": {"start": 0, "stop": 30}}},
      {"FindClip": {"video_ref": 1, "blobs": False, "group_by_source": True,
                    "results": {"all_properties": True}}}], [b"film"]),
    ([{"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": "CS", "engine": "HNSW"}}], []),
    ([{"AddDescriptor": {"set": "s", "label": "l"}}, {"AddBlob": {"properties": {"n": 1}}}],
     [bytes(8), b"some bytes"]),
    ([{"FindDescriptor": {"set": "s", "k_neighbors": 3, "distances": True, "_ref": 1}},
      {"FindBlob": {"blobs": True, "is_connected_to": {"ref": 1, "direction": "out"}}}],
     [b"\0\0\x80?\0\0\0\0"]),
    ([{"CreateIndex": {"index_type": "entity", "class": "A", "property_key": "n"}}], []),
    ([{"DeleteEntity": {"with_class": "A", "constraints": {"n": ["in", [1, 2, None]]}}}], []),
]  # fmt: skip

ODD_VALUES: list[Any] = [
    None, True, 0, -1, 1, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), "",
    "_", "$x", "\0", "\ud800", "é" * 300, "../../etc/passwd", "_uniqueid", "0.0.0", [], {}, [[]],
    {"": {}}, ["==", 1], {"_date": "never"}, {"ref": 1}, ["in", [None]], "AddEntity", 2**64,
]  # fmt: skip


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
            said = _input(random.Random(f"{seed} {n}"), witness.token)
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
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# -- what is sent ------------------------------------------------------------------------------


def _input(rng: random.Random, token: str) -> bytes:
    """Make all bytes of one connection: a hello and some queries, then damage."""
    frames = [GREETING]
    for _ in range(rng.randint(1, 4)):
        commands, blobs = rng.choice(SEEDS)
        query = json.loads(json.dumps(commands))
        for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
            query = _odd(rng, query)
        text = json.dumps(query)
        if rng.random() < 0.1:
            text = _damaged(rng, text.encode()).decode("latin-1")
        if rng.random() < 0.02:
            text = text.replace("1", "9" * 5000)  # more digits than Python reads
        frame = b"".join(encode(Message(text, list(blobs), token)))
        frames.append(_damaged_frame(rng, frame) if rng.random() < 0.3 else frame)
    said = b"".join(frames)
    return _damaged(rng, said) if rng.random() < 0.3 else said


def _odd(rng: random.Random, node: Any) -> Any:
    """Change one place of a query: another value, a key more, one less, or one twice."""
    children = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(
        node, list) else []  # fmt: skip
    if not children or rng.random() < 0.15:
        return rng.choice(ODD_VALUES)
    chosen = rng.choice(children)
    changed = dict(node) if isinstance(node, dict) else list(node)
    how = rng.random()
    if how < 0.7:
        changed[chosen] = _odd(rng, changed[chosen])
    elif how < 0.8:
        del changed[chosen]
    elif isinstance(changed, dict):
        changed[rng.choice(["_ref", "ref", "blobs", "batch", "unique", chosen + "s"])] = rng.choice(
            ODD_VALUES
        )
    else:
        changed.append(changed[chosen])
    return changed


def _damaged(rng: random.Random, data: bytes) -> bytes:
    """Flip, cut, double, or insert some bytes."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(out) + 1)
        stop = min(len(out), start + rng.choice([1, 1, 4, 100]))
        how = rng.randrange(4)
        if how == 0 and start < len(out):
            out[start] ^= 1 << rng.randrange(8)
        elif how == 1:
            del out[start:stop]
        elif how == 2:
            out[start:start] = out[start:stop]
        else:
            out[start:start] = rng.randbytes(rng.choice([1, 2, 4, 30]))
    return bytes(out)


def _damaged_frame(rng: random.Random, frame: bytes) -> bytes:
    """Damage a payload under a true length, or lie about the length."""
    payload = frame[LENGTH.size :]
    how = rng.randrange(4)
    if how == 0:
        payload = b"\x12\x00" * rng.choice([10, 100, 1000, 10_000]) + payload
    elif how == 1:
        payload += bytes(rng.choice([1, MOST_BYTES - len(payload), MOST_BYTES]))
    elif how == 2:
        return LENGTH.pack(rng.choice([0, 1, 2**20, 2**31, 2**32 - 1])) + payload
    else:
        payload = _damaged(rng, payload)
    return LENGTH.pack(len(payload)) + payload


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
