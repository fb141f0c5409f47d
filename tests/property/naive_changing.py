"""How the naive twin changes and deletes, and what it says of all that is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.property.naive_base import Base, Body
from tests.property.naive_state import Thing
from tests.property.naive_values import (
    LISTED,
    MEASURES,
    OF_SET,
    clip_range,
    frame_place,
    given,
    holds,
    name,
    need,
)


class Changing(Base):
    """UpdateVideo, DeleteVideo, …, indexes and the schema."""

    def chosen(self, kind: str, body: Body) -> list[Thing]:
        if kind == "Connection":
            if "ref" in body:
                ids = self.query.ref(body["ref"], "connection")
                return [self.state.connections[i] for i in sorted({*ids})
                        if i in self.state.connections]  # fmt: skip
            which = self.of_connection(body)
            things = self.state.connections
        else:
            which = self.which(kind, body, wide=False)
            things = self.state.objects
            if "ref" in body:
                class_ = body.get("with_class") if kind == "Entity" else f"_{kind}"
                ids = self.of_class(self.query.ref(body["ref"]), class_)
                return [things[i] for i in sorted({*ids}) if i in things]
        said = body.get("constraints", {})
        return [one for one in things.values() if which(one) and holds(said, self.state.known(one))]

    def Update(self, kind: str, body: Body, _: bytes) -> Body:  # noqa: N802
        system: Body = {"_label": body["label"]} if "label" in body else {}
        if kind == "Clip" and given(body, after="_range"):
            system |= clip_range(body)
        if kind == "Frame" and given(body):
            system |= frame_place(body)
        chosen = self.chosen(kind, body)
        gone = body.get("remove_props", [])
        gone = [gone] if isinstance(gone, str) else gone
        for key in gone:
            need(not name(key).startswith("_"))
        family = "connection" if kind == "Connection" else "entity"
        for one in chosen:
            own = self.state.checked(family, one.class_, body.get("properties"))
            if set(system) - {"_label"}:
                for measure in MEASURES:
                    one.properties.pop(f"_{measure}", None)
                    one.properties.pop(f"_{measure}_range", None)
            one.properties |= own | system
            for key in gone:
                one.properties.pop(key, None)
        return {"count": len(chosen), "status": 0}

    def Delete(self, kind: str, body: Body, _: bytes) -> Body:  # noqa: N802
        if kind == "Connection" and body.get("with_class") == OF_SET and "ref" not in body:
            return {"count": 0, "status": 0}
        chosen = [one.id for one in self.chosen(kind, body)]
        if kind == "Connection":
            n_deleted = sum(self.state.connections.pop(i, None) is not None for i in chosen)
        else:
            n_deleted = self.state.delete(chosen)
        self.query.refs.pop(body.get("ref", 0), None)
        return {"count": n_deleted, "status": 0}

    def GetStatus(self, _: Body) -> Body:  # noqa: N802
        return {"info": "OK", "status": 0, "system": "ApertureDB", "version": "0.19.6"}

    def CreateIndex(self, body: Body) -> Body:  # noqa: N802
        key = (body["index_type"], body["class"], body["property_key"])
        if key in self.state.indexes:
            return {"status": 2, "info": "Object Exists!"}
        self.state.indexes.add(key)
        return {"status": 0}

    def RemoveIndex(self, body: Body) -> Body:  # noqa: N802
        key = (body["index_type"], body["class"], body["property_key"])
        need(key in self.state.indexes)
        self.state.indexes.remove(key)
        return {"status": 0}

    def GetIndexes(self, _: Body) -> Body:  # noqa: N802
        found: Body = {}
        for family, class_, key in self.state.indexes:
            of = found.setdefault(family, {}).setdefault(class_, {})
            of[key] = [{"kind": "ordered", "params": {}}]
        return {"indexes": found or None, "status": 0}

    def GetSchema(self, body: Body) -> Body:  # noqa: N802
        ids = set(self.query.ref(body["ref"])) if "ref" in body else set(self.state.objects)
        things = [one for one in self.state.objects.values() if one.id in ids]
        links = [one for one in self.state.connections.values() if ids & {*one.ends}]
        entities = {class_: {"matched": len(some), "properties": self.described("entity", some)}
                    for class_, some in _by(things, lambda one: one.class_).items()}  # fmt: skip
        class_of = {i: one.class_ for i, one in self.state.objects.items()}
        connections: Body = {}
        for key, some in _by(links, lambda one: (one.class_, *map(class_of.get, one.ends))).items():
            all_ = [one for one in links if one.class_ == key[0]]
            connections.setdefault(key[0], []).append(
                {"src": key[1], "dst": key[2], "matched": len(some),
                 "properties": self.described("connection", all_)}
            )  # fmt: skip
        vectors = [one for one in self.state.objects.values() if one.set_id]
        n_in_sets = sum(bool(ids & {one.id, one.set_id}) for one in vectors)
        if n_in_sets:
            connections[OF_SET] = [{"src": "_DescriptorSet", "dst": "_Descriptor",
                                    "matched": n_in_sets, "properties": None}]  # fmt: skip
        return {"status": 0} | {
            what: {"returned": len(found), "classes": found}
            if found and body.get("type", what) in (what, "both") else None
            for what, found in (("entities", entities), ("connections", connections))
        }  # fmt: skip

    def described(self, family: str, things: list[Thing]) -> Body | None:
        found: Body = {}
        for key in sorted({key for one in things for key in one.properties}):
            of = (family, things[0].class_, key)
            type_ = self.state.types.get(of) or LISTED.get(of)
            if type_:
                n = sum(key in one.properties for one in things)
                found[key] = [n, of in self.state.indexes, type_]
        return found or None


def _by(things: list[Thing], key: Callable[[Thing], Any]) -> dict[Any, list[Thing]]:
    found: dict[Any, list[Thing]] = {}
    for one in sorted(things, key=key):
        found.setdefault(key(one), []).append(one)
    return found
