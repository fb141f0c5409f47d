"""Many clients at once, those that die, and large messages both ways."""

from __future__ import annotations

import random
import socket
import struct
import threading
from contextlib import ExitStack

import pytest

from core.wire.server import Server
from tests.wire.raw import Raw

STATUS = {"GetStatus": {}}
ADD = {"AddEntity": {"class": "A", "properties": {"n": 1}}}
COUNT = {"FindEntity": {"with_class": "A", "results": {"count": True}}}
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close without a farewell


def test_two_hundred_clients_at_once(server: Server) -> None:
    """All are let in, ask before any reads its answer, and all are answered, several times."""
    with ExitStack() as all_:
        first = all_.enter_context(Raw(server.address).log_in())
        clients = [all_.enter_context(Raw(server.address).hello()) for _ in range(200)]
        for client in clients:
            client.token = first.token
        for query in ([STATUS], [STATUS, COUNT], [STATUS]):
            for client in clients:
                client.socket.sendall(client.frame_of(query))
            answers = [client.read()[0] for client in clients]
            assert all(answer[0]["GetStatus"]["info"] == "OK" for answer in answers)


def test_clients_that_are_killed(server: Server) -> None:
    """Of many clients half vanish in the middle of something; the others lose nothing."""
    rng = random.Random(5)
    with ExitStack() as all_:
        good = [all_.enter_context(Raw(server.address).log_in()) for _ in range(10)]
        for round_ in range(5):
            dying = [Raw(server.address).hello() for _ in range(20)]
            for client in dying:
                client.token = good[0].token
                frame = client.frame_of([STATUS, COUNT])
                client.socket.sendall(frame[: rng.randint(0, len(frame))])
            for client in good:
                client.socket.sendall(client.frame_of([ADD]))
            for client in dying:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                client.close()
            assert [client.read()[0][0]["AddEntity"]["status"] for client in good] == [0] * 10
            (counted,), _ = good[0].ask(COUNT)
            assert counted["FindEntity"]["count"] == 10 * (round_ + 1)


@pytest.mark.parametrize("n_bytes", [300_000, 40_000_000])
def test_large_blobs_both_ways(server: Server, n_bytes: int) -> None:
    """Several clients send and fetch blobs of their own at once, byte for byte."""
    wrong: list[int] = []

    def store_and_fetch(n: int) -> None:
        blob = random.Random(n).randbytes(1000) * (n_bytes // 1000)
        with Raw(server.address, patience_s=60).log_in() as client:
            client.ask({"AddBlob": {"properties": {"n": n}}}, blobs=(blob,))
            find = {"FindBlob": {"blobs": True, "constraints": {"n": ["==", n]}}}
            _, (found,) = client.ask(find)
            if found != blob:
                wrong.append(n)

    threads = [threading.Thread(target=store_and_fetch, args=[n]) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
