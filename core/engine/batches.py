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
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine import kinds
from core.engine import messages as say
from core.engine.kinds import COUNT, Kind
from core.engine.messages import fail

KEPT_S = 60.0
# Of everything that is kept at once: 33 million objects, or half as many neighbours.
MOST_KEPT_BYTES = 256 * 2**20
_KEY_BYTES = 512  # about what one costs beside its rows
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
class Snapshot:
    """What one batched query found: rows in their order, 8 bytes each, or 16 with distances."""

    ids: array[int]
    distances: array[float] | None

    @classmethod
    def of(cls, near: Iterable[Near]) -> Snapshot:
        """Take rows, of which all have a distance or none has."""
        ids, distances = array("q"), array("d")
        for row_id, distance in near:
            ids.append(row_id)
            if distance is not None:
                distances.append(distance)
        return cls(ids, distances or None)

    @classmethod
    def of_ids(cls, ids: Sequence[int]) -> Snapshot:
        """Take rows without distances."""
        return cls(array("q", ids), None)

    @property
    def n_bytes(self) -> int:
        """About how much memory it takes."""
        n_numbers = len(self.ids) + len(self.distances or ())
        return _KEY_BYTES + n_numbers * self.ids.itemsize

    def cut(self, start: int, end: int) -> dict[int, float | None]:
        """Give the rows [start, end) with their distances, in their order."""
        ids = self.ids[start:end]
        if self.distances is None:
            return dict.fromkeys(ids)
        return dict(zip(ids, self.distances[start:end], strict=True))


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

    Of a number of batches all are equally long, but the last takes the remainder: so one
    documentation says in numbers, and a later one spreads the remainder without saying over which.
    An empty object asks for the total only.
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
    """What batched queries found, for a minute after the last use; safe from any thread.

    None is dropped before that: its next page would skip objects. What has no room is refused.
    """

    def __init__(
        self, now_s: Callable[[], float] = time.monotonic, most_bytes: int = MOST_KEPT_BYTES
    ) -> None:
        self._now_s, self._most_bytes = now_s, most_bytes
        self._kept: dict[bytes, tuple[float, Snapshot]] = {}  # the least lately used first
        self._n_bytes = 0  # of these, and of the room that was taken for more
        self._lock = threading.Lock()

    def get(self, key: bytes) -> Snapshot | None:
        """Give what was found under this identity, if that is not too long ago."""
        with self._lock:
            self._drop_old()
            kept = self._kept.pop(key, None)
            if kept is None:
                return None
            self._kept[key] = self._now_s(), kept[1]
            return kept[1]

    def take_room(self, found: Snapshot) -> None:
        """Take the room for what was found, until it is kept or the room is given back.

        Raises:
            QueryFailedError: with what others may still ask for, it would be too much.
        """
        with self._lock:
            self._drop_old()
            if self._n_bytes + found.n_bytes > self._most_bytes:
                raise fail(
                    say.TOO_MANY_BATCHES,
                    n_found=len(found.ids), limit_bytes=self._most_bytes, kept_s=int(KEPT_S),
                )  # fmt: skip
            self._n_bytes += found.n_bytes

    def give_back(self, found: Snapshot) -> None:
        """Give back the room that was taken for what is not kept."""
        with self._lock:
            self._n_bytes -= found.n_bytes

    def keep(self, key: bytes, found: Snapshot) -> None:
        """Keep what room was taken for, in the place of what another one found at the same time."""
        with self._lock:
            _, other = self._kept.pop(key, (0.0, None))
            self._n_bytes -= other.n_bytes if other else 0
            self._kept[key] = self._now_s(), found

    def _drop_old(self) -> None:
        before_s = self._now_s() - KEPT_S
        while self._kept:
            key, (used_s, found) = next(iter(self._kept.items()))
            if used_s >= before_s:
                return
            del self._kept[key]
            self._n_bytes -= found.n_bytes
