"""Slices of a result that stays as it was when its first slice was asked for.

The official workflow pages over videos that are not done while it marks them done; a page counted
afresh each time would skip some. So what an identical query found is kept for a minute after its
last use, in this process, as the documentation of `batch` says of the server.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine import kinds
from core.engine import messages as say
from core.engine.kinds import COUNT, Kind
from core.engine.messages import fail

KEPT_S = 60.0
_MOST_KEPT = 64
Near = tuple[int, float | None]  # a row, and its distance where there is one

_POSITIVE = Kind("a whole number, one or more", kinds.REF.holds)
_RANGE = Kind(
    "a list of two whole numbers, the second not smaller",
    lambda v: (
        isinstance(v, list) and len(v) == 2 and all(COUNT.holds(one) for one in v) and v[0] <= v[1]
    ),
)
_MEMBERS = kinds.members(
    {"batch_size": _POSITIVE, "batches": _POSITIVE, "batch_id": COUNT, "range": _RANGE}
)


def _fits_together(place: str, said: Mapping[str, Any]) -> None:
    _MEMBERS.check(place, said)
    ways = [name for name in ("batch_size", "batches", "range") if name in said]
    if len(ways) > 1:
        raise fail(say.TWO_NAMES, place=place, first=ways[0], second=ways[1])
    if ("batch_id" in said) != (ways in (["batch_size"], ["batches"])):
        raise fail(say.BATCH_ID, place=place)


BATCH = Kind("an object", lambda v: isinstance(v, Mapping), _fits_together)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a result is wanted: [start, end) of `n_all`, and its number if it has one."""

    start: int
    end: int
    n_all: int
    batch_id: int | None

    def answer(self) -> dict[str, int]:
        """Say so as the server does; a client is done when `end` reaches `total_elements`."""
        said = {"total_elements": self.n_all, "start": self.start, "end": self.end}
        return said if self.batch_id is None else {**said, "batch_id": self.batch_id}


def page(said: Mapping[str, Any], n_all: int) -> Page:
    """Find the slice that `batch` means.

    Of a number of batches all are equally long, but the last takes the remainder, as the newer of
    two documentations has it; an empty object asks for the total only.
    """
    if "range" in said:
        start, end = said["range"]
    elif "batch_size" in said:
        start = said["batch_id"] * said["batch_size"]
        end = start + said["batch_size"]
    elif "batches" in said:
        size, last = n_all // said["batches"], said["batches"] - 1
        start = min(said["batch_id"], last + 1) * size
        end = n_all if said["batch_id"] == last else start + size
        start, end = (n_all, n_all) if said["batch_id"] > last else (start, end)
    else:
        start = end = 0
    return Page(min(start, n_all), min(end, n_all), n_all, said.get("batch_id"))


def identity(query: Sequence[Mapping[str, Any]], blobs: Sequence[bytes], index: int) -> bytes:
    """Give the same for every slice of one result: a digest of the query without its batches."""
    digest = hashlib.sha256(json.dumps([index, *map(_whole, query)], default=str).encode())
    for blob in blobs:
        digest.update(len(blob).to_bytes(8) + blob)
    return digest.digest()


def _whole(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {key: value for key, value in body.items() if key != "batch"}
        for name, body in one.items()
    }


class Snapshots:
    """What batched queries found, for a minute after the last use; safe from any thread."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._kept: dict[bytes, tuple[float, list[Near]]] = {}
        self._lock = threading.Lock()

    def get(self, key: bytes) -> list[Near] | None:
        """Give what was found under this identity, if that is not too long ago."""
        with self._lock:
            self._drop_old()
            kept = self._kept.pop(key, None)
            if kept is None:
                return None
            self._kept[key] = self._now_s(), kept[1]
            return kept[1]

    def keep(self, key: bytes, found: list[Near]) -> None:
        """Keep what was found; of very many, the least lately used goes."""
        with self._lock:
            self._drop_old()
            self._kept[key] = self._now_s(), found
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]

    def _drop_old(self) -> None:
        before_s = self._now_s() - KEPT_S
        for key in [key for key, (used_s, _) in self._kept.items() if used_s < before_s]:
            del self._kept[key]
