"""Values, constraints, results and sorts of chance, over few names, so that they meet."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

SYSTEM_KEYS = ("_uniqueid", "_create_txn", "_label", "_fps", "_set_name", "_range_start", "_count",
               "_frame_number", "_dimensions")  # fmt: skip
NUMBERS = (0, 1, 2, 3, -1, 0.5, 2.0, 2**53 + 1, -(2**63))
TEXTS = ("", "a", "B", "é", "a'b", "None", "1")
FLAGS = (True, False)
DATES = tuple(
    {"_date": text}
    for text in ("2020-01-01T00:00:00+00:00", "2020-01-01T02:00:00+02:00", "2019-06-30",
                 "1999-12-31T23:59")
)  # fmt: skip
OF_KEY: dict[str, tuple[Any, ...]] = {
    "n": NUMBERS, "s": TEXTS, "b": FLAGS, "d": DATES, "x y": NUMBERS,
    "_uniqueid": ("x", *(f"{family}.{i}.0" for family in (1, 2) for i in range(1, 30))),
}  # fmt: skip
KEYS = ("n", "s", "b", "d", "x y")
TIMES = ("0:01", "00:00:01.5", "2.25", "1")


class Chance:
    """A source of parts of queries."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def pick(self, *some: Any) -> Any:
        return self.rng.choice(some)

    def often(self) -> bool:
        return self.rng.random() < 0.7

    def sometimes(self) -> bool:
        return self.rng.random() < 0.25

    def maybe(self, **made: Callable[[], Any]) -> dict[str, Any]:
        return {key: make() for key, make in made.items() if self.sometimes()}

    def value_of(self, key: str) -> Any:
        return self.pick(*OF_KEY.get(key, NUMBERS + TEXTS))

    def any_value(self) -> Any:
        return self.pick(*NUMBERS, *TEXTS, *FLAGS, *DATES)

    def properties(self) -> dict[str, Any]:
        made = {key: self.value_of(key) for key in KEYS if self.pick(*FLAGS)}
        if self.rng.random() < 0.05:  # of another type, maybe, than the values before
            made[self.pick(*KEYS)] = self.any_value()
        return made

    def constraints(self, level: int = 0) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for _ in range(self.pick(0, 1, 1, 1, 2)):
            key = self.pick(*KEYS, *KEYS, *KEYS, *SYSTEM_KEYS)
            value = self.value_of(key) if self.often() else self.any_value()
            operators = ["==", "!=", "in", "not in", "null"]
            operators += [] if key == "_uniqueid" else ["<", "<=", ">", ">=", "<=", ">="]
            operator = self.pick(*operators)
            if operator == "null":
                said[key] = [self.pick("==", "!="), None]
            elif "in" in operator:
                said[key] = [
                    operator,
                    [value, *([self.any_value(), None] if self.sometimes() else [])],
                ]
            else:
                said[key] = [operator, value] + (
                    ["!=", self.any_value()] if self.sometimes() else []
                )
        if level < 2 and self.sometimes():
            said[self.pick("all", "any")] = self.constraints(level + 1)
        return said

    def span(self, before: str, after: str) -> dict[str, Any]:
        measure = self.pick("frame_number", "frame_number", "time_offset", "time_fraction")
        values = {"frame_number": (0, 1, 2, 5, 30), "time_fraction": (0, 0.25, 1.0, 1),
                  "time_offset": TIMES}[measure]  # fmt: skip
        said = {"start": self.pick(*values), "stop": self.pick(*values)}
        if before and self.sometimes():
            del said[self.pick("start", "stop")]
        elif not isinstance(said["start"], str) and said["start"] > said["stop"]:
            said = {"start": said["stop"], "stop": said["start"]}
        return {f"{before}{measure}{after}": said}

    def point(self) -> dict[str, Any]:
        return self.pick({"frame_number": 2}, {"frame_number": 5}, {"time_offset": "00:00:01.5"},
                         {"time_offset": "1"}, {"time_fraction": 0.25})  # fmt: skip

    def results(self) -> dict[str, Any]:
        keys = [self.pick(*KEYS, *SYSTEM_KEYS, "_uniqueid") for _ in range(self.pick(1, 2))]
        body: dict[str, Any] = self.pick(
            {"list": keys}, {"list": keys}, {"all_properties": True}, {}
        )
        if self.sometimes():
            body |= {"count": True}
        if self.sometimes():
            ways = self.pick(("sum",), ("average", "min"), ("max", "group"), ("group",))
            of = ("n", ["n", "d"], ["s"], ["b", "n"], [], "_count", ["_create_txn", "n"],
                  ["_uniqueid"])  # fmt: skip
            body |= {way: self.pick(*of) for way in ways}
        return body | self.maybe(sort=self.sort, limit=lambda: self.pick(1, 3))

    def sort(self) -> Any:
        key = self.pick(*KEYS, "_uniqueid", "_create_txn", "_count", "_dst")
        other = self.pick(*KEYS, "_uniqueid")
        sequence = [self.value_of(other), self.value_of(other)]
        order = self.pick("ascending", "descending")
        return self.pick(key, [key, other], {"key": key, "order": order},
                         [{"key": other, "sequence": sequence}, key])  # fmt: skip

    def batch(self) -> dict[str, Any]:
        return self.pick({}, {"batch_size": 2, "batch_id": self.pick(0, 1, 2)},
                         {"batches": self.pick(1, 3, 9), "batch_id": self.pick(0, 2, 8)},
                         {"range": [self.pick(0, 1), self.pick(1, 5)]})  # fmt: skip
