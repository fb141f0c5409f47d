"""Commands to compare two engines by: mostly good, over few names, so that they meet."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.property.chance import FLAGS, KEYS, TEXTS, TIMES, Chance

KINDS = ("Video", "Clip", "Frame", "Image", "Blob", "Descriptor", "DescriptorSet", "Entity")
CLASSES = ("A", "B")
SYSTEM_CLASSES = tuple(f"_{kind}" for kind in KINDS[:-1])
FILES = ("file:///{}/one.mp4", "file:///{}/two.mp4")


class Maker(Chance):
    """Makes the commands of one query, and knows the refs that those before have named."""

    def __init__(self, rng: random.Random, folder: str) -> None:
        super().__init__(rng)
        self.files = [one.format(folder.strip("/")) for one in FILES]
        self.refs: dict[int, str] = {}

    def command(self) -> dict[str, Any]:
        """Make one command."""
        if not self.refs and self.sometimes():
            kind = self.pick("Entity", "Video", "Descriptor", "DescriptorSet")
            self.refs[1] = kind
            return {f"Find{kind}": {"_ref": 1, "limit": self.pick(1, 3, 50)}}
        verb = self.pick("Add", "Add", "Find", "Find", "Find", "Find", "Update", "Delete", "Other")
        if verb == "Other":
            return self.other()
        kind = self.pick(*KINDS, "Connection", "Entity", "Descriptor", "Descriptor")
        if verb == "Delete" and self.named() and self.often():
            kind = self.pick(*(of for of in self.refs.values() if of != "Connection"))
        elif verb == "Delete" and self.often():
            verb = "Find"
        if verb == "Add" and kind in ("Clip", "Frame") and not self.named("Video"):
            verb, kind = "Find", "Video"
        if verb == "Add" and kind == "Connection" and not self.named():
            verb, kind = "Find", "Entity"
        body = getattr(self, verb.lower())(kind)
        if "_ref" in body:
            self.refs[body["_ref"]] = kind
        return {f"{verb}{kind}": body}

    def named(self, kind: str = "") -> list[int]:
        if kind:
            return [ref for ref, of in self.refs.items() if of == kind]
        return [ref for ref, of in self.refs.items() if of != "Connection"]

    def some_ref(self, kind: str = "") -> int:
        """Give a ref of this kind; where there is none, or now and then, any number."""
        there = self.named(kind)
        if not there or self.rng.random() < 0.05:
            there = [*self.refs, 7]
        return self.pick(*there)

    def new_ref(self) -> dict[str, int]:
        return {"_ref": len(self.refs) + 1} if self.often() else {}

    # -- verbs ---------------------------------------------------------------------------------

    def add(self, kind: str) -> dict[str, Any]:
        body: dict[str, Any] = self.new_ref()
        if kind == "Connection":
            body |= {"class": self.pick("C", "D"), "src": self.some_ref(), "dst": self.some_ref()}
            body |= self.maybe(if_not_found=self.constraints)
            return body | {"properties": self.properties()}
        body |= {"properties": self.properties()} | self.maybe(if_not_found=self.constraints)
        if self.named() and self.sometimes():
            body["connect"] = self.connect()
        if kind in ("Clip", "Frame", "Descriptor"):
            body |= self.maybe(label=lambda: self.pick(*TEXTS))
        of_kind: dict[str, Callable[[], dict[str, Any]]] = {
            "Entity": lambda: {"class": self.pick(*CLASSES)},
            "Clip": lambda: {"video_ref": self.some_ref("Video")} | self.span("", "_range"),
            "Frame": lambda: {"video_ref": self.some_ref("Video")} | self.point(),
            "Descriptor": lambda: {"set": self.pick("s", "s", "t")},
            "Image": lambda: self.maybe(url=lambda: self.pick(*self.files * 2, "file:///nowhere")),
            "Blob": lambda: self.maybe(url=lambda: self.pick(*self.files * 2, "file:///nowhere")),
            "Video": lambda: self.maybe(url=lambda: self.pick(*self.files * 5, "file:///nowhere")),
            "DescriptorSet": lambda: {
                "name": self.pick("s", "t", "u"), "dimensions": 2,
                **self.maybe(
                    metric=lambda: self.pick("L2", "IP", "CS", ["CS", "L2", "IP"]),
                    engine=lambda: self.pick("Flat", "HNSW", ["FaissFlat", "IVF"], "None"),
                ),
            },
        }  # fmt: skip
        return body | of_kind.get(kind, dict)()

    def connect(self) -> dict[str, Any]:
        return {"ref": self.some_ref()} | self.maybe(
            **{"class": lambda: self.pick("C", "D"), "direction": lambda: self.pick("in", "out"),
               "properties": self.properties}
        )  # fmt: skip

    def find(self, kind: str) -> dict[str, Any]:
        body: dict[str, Any] = self.new_ref() | {"results": self.results()}
        body |= self.maybe(
            constraints=self.constraints, sort=self.sort, uniqueids=lambda: True,
            limit=lambda: self.pick(0, 1, 2, 5), offset=lambda: self.pick(0, 1, 2),
        )  # fmt: skip
        body |= self.maybe(unique=lambda: True) if self.sometimes() else {}
        if kind == "Video" and "_ref" in body and self.often():
            body |= {"limit": 1, "results": {}}  # most that takes a ref to videos takes one only
        if "unique" not in body and self.sometimes() and self.often():
            body["batch"] = self.batch()
        if kind == "Connection":
            return body | self.ends()
        if self.named() and self.often():
            body["is_connected_to"] = self.connected()
            if "batch" not in body and self.pick(*FLAGS):
                body |= {"group_by_source": True, "results": {"list": [self.pick(*KEYS)]}}
                body["is_connected_to"] = {"ref": self.some_ref()}
                body.pop("constraints", None)
        return body | self.of_find(kind)

    def of_find(self, kind: str) -> dict[str, Any]:
        if kind in ("Clip", "Frame"):
            body = self.span("in_", "_range") if self.sometimes() else {}
            if kind == "Frame":
                body |= self.maybe(frame_numbers=lambda: [self.pick(0, 1, 5), 2],
                                   time_offsets=lambda: list(TIMES[:2]),
                                   labels=lambda: ["a", "None"])  # fmt: skip
            if self.named("Video") and self.often():
                body["video_ref"] = self.some_ref("Video")
            return body | self.maybe(with_label=lambda: self.pick(*TEXTS))
        if kind == "Entity":
            return self.maybe(with_class=lambda: self.pick(*CLASSES, *SYSTEM_CLASSES))
        if kind == "DescriptorSet":
            flags = ("engines", "metrics", "dimensions", "counts")
            return self.maybe(with_name=lambda: self.pick("s", "t"),
                              **dict.fromkeys(flags, lambda: True))  # fmt: skip
        if kind == "Descriptor":
            body = self.maybe(labels=lambda: True, with_label=lambda: self.pick(*TEXTS),
                              set=lambda: self.pick("s", "t"), blobs=lambda: True)  # fmt: skip
            if not self.often():
                return body
            near = {"set": self.pick("s", "s", "t"), "k_neighbors": self.pick(0, 1, 2, 3, 9)}
            if self.pick(*FLAGS):
                near["constraints"] = {"n": [self.pick("==", ">=", "!="), self.pick(0, 1, 2)]}
            return body | near | self.maybe(
                distances=lambda: True, knn_first=lambda: self.pick(*FLAGS),
                metric=lambda: self.pick("CS", "CS", "L2"),
            )  # fmt: skip
        body = self.maybe(blobs=lambda: True)
        if kind in ("Video", "Image", "Blob"):
            body |= self.maybe(urls=lambda: True, with_url=lambda: self.pick(*self.files))
        return body

    def update(self, kind: str) -> dict[str, Any]:
        body = self.chosen(kind) | {"properties": self.properties()} | self.maybe(
            remove_props=lambda: self.pick("n", ["s", "n"], "nothing", "d")
        )  # fmt: skip
        if kind in ("Clip", "Frame", "Descriptor"):
            body |= self.maybe(label=lambda: self.pick(*TEXTS))
        if kind in ("Clip", "Frame") and self.sometimes():
            body |= self.span("", "_range") if kind == "Clip" else self.point()
        return body

    def delete(self, kind: str) -> dict[str, Any]:
        return self.chosen(kind)

    def chosen(self, kind: str) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if kind == "Connection":
            body = self.ends()
        elif kind == "Entity":
            body = self.maybe(with_class=lambda: self.pick(*CLASSES, *SYSTEM_CLASSES))
        elif kind == "Descriptor":
            body = self.maybe(set=lambda: self.pick("s", "t"))
        elif kind == "DescriptorSet":
            body = self.maybe(with_name=lambda: self.pick("s", "t"))
        how = self.pick("ref", "ref", "constraints", "constraints", "both")
        if how != "constraints" and self.named(kind):
            body["ref"] = self.some_ref(kind)
        if how != "ref":
            body["constraints"] = self.constraints()
        return body

    def other(self) -> dict[str, Any]:
        name = self.pick("GetStatus", "GetSchema", "CreateIndex", "RemoveIndex", "GetIndexes")
        if name == "GetSchema":
            said = self.maybe(type=lambda: self.pick("entities", "connections", "both"))
            if self.named() and self.often():
                said["ref"] = self.some_ref()
            return {name: said}
        if name in ("GetStatus", "GetIndexes"):
            return {name: {}}
        classes = (*CLASSES, "_Video", "_Descriptor", "C")
        return {name: {"index_type": self.pick("entity", "connection"),
                       "class": self.pick(*classes), "property_key": self.pick(*KEYS)}}  # fmt: skip

    def ends(self) -> dict[str, Any]:
        ends = {"src": self.some_ref, "dst": self.some_ref} if self.named() else {}
        return self.maybe(**ends,
                          with_class=lambda: self.pick("C", "D", "_GenericConnection"))  # fmt: skip

    def connected(self) -> dict[str, Any]:
        clauses = [
            {"ref": self.some_ref()} | self.maybe(
                connection_class=lambda: self.pick(
                    "C", "D", "_DescriptorSetToDescriptor", "_VideoToClip"
                ),
                direction=lambda: self.pick("in", "out", "any"),
                constraints=self.constraints,
            )
            for _ in range(self.pick(1, 1, 2))
        ]  # fmt: skip
        return clauses[0] if self.often() else {self.pick("all", "any"): clauses}
