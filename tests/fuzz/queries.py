"""Makes queries: of the language, nearly of the language, and far from it; each from a seed.

Parameters are those that the engine's commands declare, so a new one is tried as soon as it exists.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from core.engine.kinds import Kind, check_members
from core.engine.language import COMMANDS, Command
from core.engine.messages import QueryFailedError
from tests.fuzz import blobs_of
from tests.fuzz.words import (
    CLASSES,
    DATES,
    KEYS,
    NUMBERS,
    OPERATORS,
    TEXTS,
    as_text,
    damaged,
)

Query = tuple[str | list[Any], list[bytes]]


class Maker:
    """Makes one query after another from a source of chance."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._named: dict[int, str] = {}  # the refs of the query that is being made
        self._by_name: dict[str, Callable[[], Any]] = {
            "_ref": lambda: len(self._named) + 1,
            **dict.fromkeys(("ref", "image_ref", "src", "dst"), self._ref),
            "video_ref": lambda: self._ref("Video"),
            "class": lambda: rng.choice(CLASSES), "with_class": lambda: rng.choice(CLASSES),
            "connection_class": lambda: rng.choice(CLASSES),
            "property_key": lambda: rng.choice(KEYS), "property": lambda: rng.choice(KEYS),
            "properties": self._properties, "remove_props": lambda: [rng.choice(KEYS)],
            "constraints": self._constraints, "if_not_found": self._constraints,
            "is_connected_to": self._connected, "results": self._results, "sort": self._sort,
            "connect": lambda: {"ref": self._ref(), **self._some(
                {"class": "C", "direction": "in", "properties": self._properties()})},
            "batch": self._batch, "set": lambda: rng.choice("ssst"),
            "name": lambda: rng.choice("st"), "with_name": lambda: rng.choice("st"),
            "operations": self._operations,
            "dimensions": lambda: rng.choice((2,) * 20 + (1, 3, 65_536)),
            "metric": lambda: rng.choice(("L2", "IP", "CS", ["CS", "L2"])),
            "engine": lambda: rng.choice(("Flat", "HNSW", "FaissFlat", ["IVF", "Flat"])),
        }  # fmt: skip

    def query(self) -> Query:
        """Make one: mostly valid, often damaged, sometimes as text."""
        rng = self.rng
        self._named.clear()
        query: Any = [self._command() for _ in range(rng.choice((0, 1, 2, 2, 3, 3, 4, 6)))]
        blobs = [blobs_of.blob(rng, one) for one in query if _takes_blob(one)]
        for _ in range(rng.choice((0,) * 7 + (1, 2, 5))):
            query = damaged(self.rng, query)
        if rng.random() < 0.03:
            blobs = [blobs_of.blob(rng, {}) for _ in range(rng.randrange(4))]
        if rng.random() < 0.3:
            return as_text(self.rng, query), blobs
        return query, blobs

    # -- commands ------------------------------------------------------------------------------

    def _command(self) -> dict[str, Any]:
        """Make a command, until one is made that could be of the language; mostly."""
        while True:
            (known,) = self.rng.choices(_COMMANDS, _WEIGHTS)
            body = self._body(known)
            if self.rng.random() < 0.02 or _is_valid(known, body):
                if "_ref" in body:
                    self._named[body["_ref"]] = known.name
                return {known.name: body}

    def _body(self, known: Command) -> dict[str, Any]:
        chance = self.rng.choice((0.05, 0.15, 0.3))
        body = {
            parameter: self._value(parameter, kind)
            for parameter, kind in known.parameters.items()
            if parameter in known.required or self.rng.random() < chance
        }
        if known.name.startswith("Find") and self.rng.random() < 0.8:
            body["results"] = self._results()
        if "_ref" in known.parameters and self.rng.random() < 0.5:
            body["_ref"] = len(self._named) + 1
        if known.name == "FindVideo" and "_ref" in body:
            body["limit"] = 1  # most that takes a ref to videos takes one only
        return {name: value for name, value in body.items() if value is not None}

    def _value(self, name: str, kind: Kind) -> Any:
        """Make a value for a parameter: by its name, else whatever its kind takes."""
        if name in self._by_name:
            return self._by_name[name]()
        for _ in range(20):
            value = self._anything()
            try:
                kind.check(name, value)
            except QueryFailedError:
                continue
            return value
        return None

    def _anything(self) -> Any:
        rng = self.rng
        start, stop = sorted((rng.randrange(30), rng.randrange(30)))
        return rng.choice(
            (
                True, False, rng.choice(NUMBERS), rng.choice(NUMBERS), rng.choice(TEXTS),
                rng.random(), [rng.choice(TEXTS)], [rng.randrange(9), rng.randrange(9)],
                {"start": start, "stop": stop}, {"start": 0.25, "stop": 0.75}, [0.5],
                {"start": "0:01", "stop": "00:00:02.5"}, ["0:01", "2.5"], {"stop": stop},
                {"start": start, "stop": stop, "step": rng.randrange(4)}, {"start": start},
            )
        )  # fmt: skip

    def _some(self, members: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in members.items() if self.rng.random() < 0.4}

    def _ref(self, of: str = "") -> int | None:
        named = [ref for ref, name in self._named.items() if of in name]
        return self.rng.choice(named or [None])

    def _scalar(self) -> Any:
        rng = self.rng
        return rng.choice(
            (rng.choice(NUMBERS), rng.randrange(5), rng.choice(TEXTS), True, False,
             {"_date": rng.choice(DATES)})
        )  # fmt: skip

    def _properties(self) -> dict[str, Any]:
        rng = self.rng
        typed = {"n": rng.randrange(5), "x": rng.choice(NUMBERS), "on": rng.random() < 0.5,
                 "when": {"_date": rng.choice(DATES)}, "name": rng.choice(TEXTS)}  # fmt: skip
        return self._some(typed) | self._some({rng.choice(KEYS[5:7]): self._scalar()})

    def _constraints(self, level: int = 0) -> dict[str, Any]:
        rng = self.rng
        said: dict[str, Any] = {}
        for _ in range(rng.choice((0, 1, 1, 2))):
            pairs: list[Any] = []
            for _ in range(rng.choice((1, 1, 2))):
                operator = rng.choice(OPERATORS)
                value = self._scalar()
                pairs += [operator, [value, None, self._scalar()] if "in" in operator else value]
            said[rng.choice(KEYS)] = pairs
        if level < 3 and rng.random() < 0.3:
            said[rng.choice(("all", "any"))] = self._constraints(level + 1)
        return said

    def _connected(self) -> dict[str, Any]:
        rng = self.rng
        clauses = [
            {"ref": self._ref()} | self._some(
                {"connection_class": rng.choice(("C", *CLASSES)),
                 "constraints": self._constraints(),
                 "direction": rng.choice(("in", "out", "any"))}
            )
            for _ in range(rng.choice((1, 1, 2)))
        ]  # fmt: skip
        return clauses[0] if rng.random() < 0.6 else {rng.choice(("all", "any")): clauses}

    def _results(self) -> dict[str, Any]:
        rng = self.rng
        keys = [rng.choice(KEYS) for _ in range(rng.randrange(3))]
        names = ("sum", "average", "min", "max", "group")
        more = {"all_properties": True, "count": True, "sort": self._sort(), "limit": 2,
                rng.choice(names): keys, rng.choice(names): rng.choice(KEYS)}  # fmt: skip
        return {"list": keys or ["n"]} | self._some(more)

    def _sort(self) -> Any:
        rng = self.rng
        key = rng.choice(KEYS)
        return rng.choice(
            (key, [key, rng.choice(KEYS)], {"key": key, "order": "descending"},
             [{"key": key, "sequence": [self._scalar(), self._scalar()]}, "n"])
        )  # fmt: skip

    def _batch(self) -> dict[str, Any]:
        rng = self.rng
        return rng.choice(
            ({}, {"batch_size": 1 + rng.randrange(4), "batch_id": rng.randrange(4)},
             {"batches": 1 + rng.randrange(9), "batch_id": rng.randrange(9)},
             {"range": [rng.randrange(3), 3 + rng.randrange(9)]})
        )  # fmt: skip

    def _operations(self) -> list[dict[str, Any]]:
        rng = self.rng
        sizes = (0, 1, 5, 16, 100, 3000, 65_535, 2**31)
        said = (
            {"type": "resize", "width": rng.choice(sizes), "height": rng.choice(sizes)},
            {"type": "resize", "width": rng.choice(sizes)},
            {"type": "resize", "scale": rng.choice((0.5, 2, 1e9, 1e-9, 0))},
            {"type": "crop", "x": 0, "y": 1, "width": rng.choice(sizes), "height": 4},
            {"type": "threshold", "value": rng.choice((0, 128, 255, 256))},
            {"type": "flip", "code": rng.choice((-1, 0, 1))},
            {"type": "rotate", "angle": rng.choice((0, 45, 90, -1e9, 1e999)), "resize": True},
            {"type": "interval", "start": 0, "stop": rng.choice(sizes), "step": 2},
        )
        return [rng.choice(said) for _ in range(rng.choice((1, 1, 2, 3)))]


_COMMANDS = tuple(COMMANDS[name] for name in sorted(COMMANDS))
# A database from which as much goes as comes would stay empty; a set takes its vectors along.
_WEIGHTS = tuple(
    0.02 if one.name in ("DeleteDescriptorSet", "DeleteEntity")
    else 25.0 if "video_ref" in one.required
    else {"Add": 4.0, "Del": 0.1, "Get": 0.2}.get(one.name[:3], 1.0)
    for one in _COMMANDS
)  # fmt: skip


def _is_valid(known: Command, body: dict[str, Any]) -> bool:
    try:
        check_members(known.name, body, known.parameters, known.required)
        known.check(body)
    except QueryFailedError:
        return False
    return True


def _takes_blob(one: dict[str, Any]) -> bool:
    ((name, body),) = one.items()
    return COMMANDS[name].takes_blob(body)
