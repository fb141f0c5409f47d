"""How the naive twin adds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from tests.property.naive_base import Base, Body
from tests.property.naive_finding import Query
from tests.property.naive_state import Thing
from tests.property.naive_values import clip_range, frame_place, holds, need

Facts = Callable[[bytes], dict[str, Any] | None]
Files = dict[str, bytes]
ENGINES = ("Flat", "FaissFlat", "HNSW", "IVF", "FaissIVFFlat")


class Adding(Base):
    """AddVideo, AddClip, … and AddConnection."""

    def __init__(self, query: Query, facts: Facts, files: Files) -> None:
        super().__init__(query)
        self.facts, self.files = facts, files
        self.txn = 0

    def make(self, family: str, class_: str, properties: Body) -> Thing:
        if not self.txn:
            self.state.txn += 1
            self.txn = self.state.txn
        return self.state.make(family, class_, properties, self.txn)

    def link(self, class_: str, src: int, dst: int, properties: Body) -> Thing:
        need(src in self.state.objects and dst in self.state.objects)
        made = self.make("connection", class_, properties)
        made.ends = (src, dst)
        return made

    def existing(self, body: Body, class_: str) -> bool:
        said = body.get("if_not_found")
        if said is None:
            return False
        ids = self.query.ref(said) if isinstance(said, int) else [
            one.id for one in self.state.objects.values()
            if one.class_ == class_ and holds(said, self.state.known(one))
        ]  # fmt: skip
        if ids:
            self.query.name(body, ids)
        return bool(ids)

    def Add(self, kind: str, body: Body, blob: bytes | None) -> Body:  # noqa: N802 - a command
        class_ = body["class"] if kind == "Entity" else f"_{kind}"
        video = self.one_video(body) if kind in ("Clip", "Frame") else 0
        of = self.set_of(body) if kind == "Descriptor" else None
        vector = self.vector(blob or b"", of) if of else ()
        if kind == "DescriptorSet":
            _set(body)
            if same := self.state.set_named(body["name"]):
                self.query.name(body, [same.id])
                return {"status": 2, "info": "Object Exists!"}
        if self.existing(body, class_):
            return {"status": 2, "info": f"{'Image e' if kind == 'Image' else 'Object E'}xists!"}
        if "url" in body:
            blob = self.files.get(body["url"])
        properties = self.state.checked("entity", class_, body.get("properties"))
        made = self.make("entity", class_, properties | self.system(kind, body, blob))
        made.blob, made.url, made.vector = blob, body.get("url"), vector
        if video:
            self.link(f"_VideoTo{kind}", video, made.id, {})
        if of:
            made.set_id = of.id
        self.connect(body, made, "_DescriptorConnection" if of else "_GenericConnection")
        self.query.name(body, [made.id])
        return {"status": 0}

    def system(self, kind: str, body: Body, blob: bytes | None) -> Body:
        if kind == "Video":
            facts = self.facts(blob or b"")
            need(facts is not None)
            return facts or {}
        label = {"_label": body["label"]} if "label" in body else {}
        if kind == "Clip":
            return clip_range(body) | label
        if kind == "Frame":
            return frame_place(body) | {"_label": "None"} | label
        if kind == "Descriptor":
            return {"_set_name": body["set"], "_label": "None"} | label
        return _set(body) if kind == "DescriptorSet" else {}

    def one_video(self, body: Body) -> int:
        ids = self.of_class(self.query.ref(body["video_ref"]), "_Video")
        need(len(ids) == 1)
        return ids[0]

    def connect(self, body: Body, made: Thing, default: str) -> None:
        if "connect" not in body:
            return
        said = body["connect"]
        class_ = said.get("class", default)
        properties = self.state.checked("connection", class_, said.get("properties"))
        for other in self.query.ref(said["ref"]):
            ends = (other, made.id) if said.get("direction") == "in" else (made.id, other)
            self.link(class_, *ends, properties)

    def AddConnection(self, body: Body) -> Body:  # noqa: N802
        if "if_not_found" in body:
            which = self.of_connection({**body, "with_class": body["class"]})
            said = body["if_not_found"]
            there = self.state.connections.values()
            found = [c.id for c in there if which(c) and holds(said, self.state.known(c))]
            if found:
                self.query.name(body, found, "connection")
                return {"status": 2, "info": "Object Exists!"}
        properties = self.state.checked("connection", body["class"], body.get("properties"))
        ends = product(self.query.ref(body["src"]), self.query.ref(body["dst"]))
        made = [self.link(body["class"], src, dst, properties).id for src, dst in ends]
        self.query.name(body, made, "connection")
        return {"status": 0}


def _set(body: Body) -> Body:
    """Give a set's system properties."""
    found: Body = {"_name": body["name"], "_dimensions": body["dimensions"]}
    for what, known, default in (
        ("engine", ENGINES, "FaissFlat"),
        ("metric", ("L2", "IP", "CS"), "L2"),
    ):
        said = body.get(what, default)
        found[f"_{what}s"] = [said] if isinstance(said, str) else list(said)
        need(found[f"_{what}s"] and set(found[f"_{what}s"]) <= set(known))
    return found
