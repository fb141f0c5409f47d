"""What the naive twin holds: dictionaries of things, and nothing to find them by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.property.naive_values import OF_SET, kept, kind, name, need, own

FAMILY = {"entity": 1, "connection": 2}


@dataclass
class Thing:
    """An object or a connection."""

    id: int
    family: str
    class_: str
    properties: dict[str, Any]
    txn: int
    ends: tuple[int, int] = (0, 0)  # of a connection
    blob: bytes | None = None
    url: str | None = None
    set_id: int = 0  # of a vector
    vector: tuple[int, ...] = ()
    distance: float | None = None  # while it is a neighbour

    @property
    def uniqueid(self) -> str:
        """Name it as answers do."""
        return f"{FAMILY[self.family]}.{self.id}.0"


@dataclass
class State:
    """Everything, as one transaction leaves it to the next."""

    things: dict[str, dict[int, Thing]] = field(
        default_factory=lambda: {"entity": {}, "connection": {}}
    )
    n_made: dict[str, int] = field(default_factory=lambda: {"entity": 0, "connection": 0})
    types: dict[tuple[str, str, str], str] = field(default_factory=dict)
    indexes: set[tuple[str, str, str]] = field(default_factory=set)
    txn: int = 0

    @property
    def objects(self) -> dict[int, Thing]:
        """Give the objects by their numbers, the oldest first."""
        return self.things["entity"]

    @property
    def connections(self) -> dict[int, Thing]:
        """Give the connections by their numbers, the oldest first."""
        return self.things["connection"]

    def make(self, family: str, class_: str, properties: dict[str, Any], txn: int) -> Thing:
        """Add a thing."""
        self.n_made[family] += 1
        thing = Thing(self.n_made[family], family, class_, dict(properties), txn)
        self.things[family][thing.id] = thing
        return thing

    def checked(self, family: str, class_: str, properties: Any) -> dict[str, Any]:
        """Check a client's own properties, whose first value settles a name's type."""
        found = {}
        for key, value in (properties or {}).items():
            own(key)
            need(value is not None)
            found[key] = kept(value)
            known = self.types.setdefault((family, name(class_), key), kind(found[key]))
            need(known == kind(found[key]))
        return found

    def members(self, set_id: int) -> list[Thing]:
        """List the vectors of a set."""
        return [one for one in self.objects.values() if one.set_id == set_id]

    def links(self) -> list[tuple[str, int, int, dict[str, Any]]]:
        """List all links, a set's to its vectors included: class, ends, what can be constrained."""
        found = [(c.class_, *c.ends, self.known(c)) for c in self.connections.values()]
        return found + [(OF_SET, o.set_id, o.id, {}) for o in self.objects.values() if o.set_id]

    def known(self, thing: Thing) -> dict[str, Any]:
        """Give all that can be constrained of a thing."""
        known = {**thing.properties, "_uniqueid": thing.uniqueid, "_create_txn": thing.txn}
        if thing.class_ == "_DescriptorSet":
            known["_count"] = len(self.members(thing.id))
        return known

    def set_named(self, named: str) -> Thing | None:
        """Give the set of this name."""
        sets = (one for one in self.objects.values() if one.class_ == "_DescriptorSet")
        return next((one for one in sets if one.properties["_name"] == named), None)

    def delete(self, ids: list[int]) -> int:
        """Delete objects, their connections, and first the vectors of sets; count the objects."""
        gone = [ids] if not (inside := [m.id for i in ids for m in self.members(i)]) else [
            inside, ids]  # fmt: skip
        n_deleted = 0
        for some in gone:
            n_deleted = sum(self.objects.pop(i, None) is not None for i in set(some))
        there = self.objects
        self.things["connection"] = {
            i: c for i, c in self.connections.items() if c.ends[0] in there and c.ends[1] in there
        }
        return n_deleted
