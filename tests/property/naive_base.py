"""What every command of the naive twin needs: the query, and which things are meant."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from tests.property.naive_finding import Query
from tests.property.naive_state import Thing
from tests.property.naive_values import OF_SET, SYSTEM, RefusedError, is_inside, need

Body = dict[str, Any]


class Base:
    """One query, and what its commands share."""

    def __init__(self, query: Query) -> None:
        self.query, self.state = query, query.state

    def set_of(self, body: Body) -> Thing:
        found = self.state.set_named(body["set"])
        if found is None:
            raise RefusedError
        return found

    def vector(self, blob: bytes, of: Thing) -> tuple[int, ...]:
        need(len(blob) == 4 * of.properties["_dimensions"])
        return tuple(int(one) for one in struct.unpack(f"<{len(blob) // 4}f", blob))

    def of_class(self, ids: list[int], class_: str | None) -> list[int]:
        there = [self.state.objects[i] for i in ids if i in self.state.objects]
        need(class_ is None or all(one.class_ == class_ for one in there))
        return ids

    def which(self, kind: str, body: Body, *, wide: bool = True) -> Callable[[Thing], bool]:
        """Give what a command's own parameters mean; by class alone an Update means its own."""
        class_ = body.get("with_class") if kind == "Entity" else f"_{kind}"
        of = self.set_of(body).id if "set" in body else None

        def holds_for(one: Thing) -> bool:
            if class_ is None:
                return wide or not one.class_.startswith("_")
            return (
                one.class_ == class_
                and _is_said(body, "with_label", one.properties.get("_label"))
                and (kind != "Frame" or "labels" not in body
                     or one.properties["_label"] in body["labels"])
                and _is_said(body, "with_name", one.properties.get("_name"))
                and _is_said(body, "with_url", one.url)
                and (of is None or one.set_id == of)
                and (kind not in ("Clip", "Frame") or is_inside(body, one.properties))
            )  # fmt: skip

        return holds_for

    def of_connection(self, body: Body) -> Callable[[Thing], bool]:
        need(body.get("with_class") not in (*SYSTEM, OF_SET))
        ends = [set(self.query.ref(body[end])) if end in body else None for end in ("src", "dst")]
        return lambda one: (
            one.class_ not in SYSTEM
            and body.get("with_class", one.class_) == one.class_
            and all(ids is None or at in ids for ids, at in zip(ends, one.ends, strict=True))
        )


def _is_said(body: Body, parameter: str, value: Any) -> bool:
    return parameter not in body or bool(body[parameter] == value)
