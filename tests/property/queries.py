"""Queries to compare two engines by: mostly good, sometimes not of the language.

Made by Python's chance; hypothesis' own choices would be simple too often to meet anything.
"""

from __future__ import annotations

import copy
import random
import struct
from typing import Any

from tests.property.chance import Chance
from tests.property.commands import Maker
from tests.property.naive_grammar import takes_blob

BAD = ({"limit": -1}, {"no such": 1}, {"_ref": 0}, {"constraints": {"n": ["~", 1]}}, {"sort": 3},
       {"results": {"list": "n"}}, {"batch": {"batch_size": 2}}, {"properties": {"_x": 1}},
       {"properties": {"n": None}}, {"properties": {"n": [1]}}, {"properties": {"s": 3}},
       {"constraints": {"_src": ["==", 1]}}, {"unique": 1}, {"group_by_source": "yes"})  # fmt: skip


def query(rng: random.Random, folder: str, n: int) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Make a query and its blobs; now and then something in it is not of the language."""
    maker = Maker(rng, folder)
    made = [maker.command() for _ in range(4)][:n]
    blobs = [_blob(rng, key) for one in made for key, body in one.items() if takes_blob(key, body)]
    if rng.random() < 0.06:
        (body,) = rng.choice(made).values()
        body |= rng.choice(BAD)
    if rng.random() < 0.02:
        blobs = blobs[:-1] if blobs else [b"one too many"]
    return made, blobs


def varied(
    rng: random.Random, asked: tuple[list[dict[str, Any]], list[bytes]]
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Give a query again, with another batch, or with one parameter less, or as it was."""
    commands, blobs = copy.deepcopy(asked)
    (body,) = rng.choice(commands).values()
    optional = sorted({"constraints", "sort", "limit", "offset", "is_connected_to"} & set(body))
    if "batch" in body and rng.random() < 0.7:
        body["batch"] = Chance(rng).batch()
    elif optional and rng.random() < 0.7:
        del body[rng.choice(optional)]
    return commands, blobs


def _blob(rng: random.Random, name: str) -> bytes:
    if "Descriptor" in name:
        size = 2 if rng.random() < 0.97 else 3
        return struct.pack(f"<{size}f", *(rng.randint(-2, 2) for _ in range(size)))
    if name == "AddVideo":
        return rng.choice([b"v30", b"v29", b"v30", b"v30", b"v29", b"refuse"])
    return rng.choice([b"", b"x", b"yy"])
