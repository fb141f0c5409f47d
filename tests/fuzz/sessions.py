"""All bytes of one connection: a valid session, made from a seed and then damaged."""

from __future__ import annotations

import json
import random
from typing import Any

from core.wire.codec import LENGTH, Message, encode
from tests.wire.raw import GREETING, PASSWORD

MOST_BYTES = 1 << 20  # of a message, so that a fuzzer reaches the limit

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


def made(rng: random.Random, token: str) -> bytes:
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
