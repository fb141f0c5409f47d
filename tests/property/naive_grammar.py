"""Which parameters each command takes, and what each may be: the naive twin's first look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.property.naive_values import (
    MEASURES,
    check_constraints,
    clip_range,
    frame_place,
    given,
    kept,
    name,
    need,
    own,
    place,
    span,
)

Check = Callable[[Any], object]
MOST = 2**63 - 1


def _whole(least: int) -> Check:
    return lambda v: need(isinstance(v, int) and not isinstance(v, bool) and least <= v <= MOST)


def _is(kind: type) -> Check:
    return lambda v: need(isinstance(v, kind))


def _texts(v: Any) -> None:
    need(isinstance(v, str) or (isinstance(v, list) and all(isinstance(one, str) for one in v)))


def _text_list(v: Any) -> None:
    need(isinstance(v, list))
    _texts(v)


def _text(v: Any) -> None:
    need(isinstance(v, str))
    kept(v)


def _one_of(*known: str) -> Check:
    return lambda v: need(isinstance(v, str) and v in known)


def _members(required: tuple[str, ...] = (), **known: Check) -> Check:
    def check(v: Any) -> None:
        need(isinstance(v, Mapping) and set(required) <= set(v) <= set(known))
        for key, inner in v.items():
            known[key](inner)

    return check


def _condition(v: Any) -> None:
    if isinstance(v, int):
        REF(v)
    else:
        check_constraints(v)


def _sequence(v: Any) -> None:
    need(isinstance(v, list))
    for one in v:
        kept(one)


def _sort(v: Any) -> None:
    need(isinstance(v, str | Mapping | list))
    one_key = _members(
        ("key",), key=name, order=_one_of("ascending", "descending"), sequence=_sequence
    )
    for one in v if isinstance(v, list) else [v]:
        said = {"key": one} if isinstance(one, str) else one
        one_key(said)
        need(said["key"] != "_distance" and not {"order", "sequence"} <= set(said))


def _connected(v: Any) -> None:
    clause = _members(
        ("ref",), ref=REF, connection_class=name, constraints=check_constraints,
        direction=_one_of("in", "out", "any"),
    )  # fmt: skip
    need(isinstance(v, Mapping))
    how = "all" if "all" in v else "any" if "any" in v else ""
    if not how:
        return clause(v)
    need(len(v) == 1 and isinstance(v[how], list) and v[how])
    for one in v[how]:
        clause(one)
    return None


def _range(v: Any) -> None:
    need(isinstance(v, list) and len(v) == 2)
    for one in v:
        COUNT(one)
    need(v[0] <= v[1])


def _batch(v: Any) -> None:
    _members(batch_size=REF, batches=REF, batch_id=COUNT, range=_range)(v)
    ways = set(v) & {"batch_size", "batches", "range"}
    need(len(ways) <= 1 and ("batch_id" in v) == bool(ways & {"batch_size", "batches"}))


def _points(measure: str) -> Check:
    def check(v: Any) -> None:
        need(isinstance(v, list))
        for one in v:
            place(measure, one)

    return check


REF, COUNT, FLAG, OBJECT = _whole(1), _whole(0), _is(bool), _is(dict)
NAMED = {"_ref": REF}
ADD = {
    **NAMED, "properties": OBJECT, "if_not_found": _condition,
    "connect": _members(("ref",), ref=REF, direction=_one_of("in", "out"), properties=OBJECT,
                        **{"class": own}),
}  # fmt: skip
CHOOSE = {"ref": REF, "constraints": check_constraints}
UPDATE = {**CHOOSE, "properties": OBJECT, "remove_props": _texts}
AGGREGATES = ("sum", "average", "min", "max")
LISTING = {
    **NAMED, "unique": FLAG, "constraints": check_constraints, "sort": _sort, "limit": COUNT,
    "offset": COUNT, "uniqueids": FLAG, "batch": _batch,
    "results": _members(list=_text_list, all_properties=FLAG, count=FLAG, sort=_sort, limit=COUNT,
                        offset=COUNT, group_by_source=FLAG, group=_texts,
                        **dict.fromkeys(AGGREGATES, _texts)),
}  # fmt: skip
FIND = {**LISTING, "is_connected_to": _connected, "group_by_source": FLAG}
BLOBS = {**FIND, "blobs": FLAG}
ENDS = {"src": REF, "dst": REF}
RANGES = {f"{m}_range": lambda v, m=m: span(m, v, whole=True) for m in MEASURES}
INSIDE = {f"in_{m}_range": lambda v, m=m: span(m, v, whole=False) for m in MEASURES}
POINTS = {m: lambda v, m=m: place(m, v) for m in MEASURES}
LISTS = {f"{m}s": _points(m) for m in MEASURES}
URLS = {"urls": FLAG, "with_url": _text}
INDEX = {"index_type": _one_of("entity", "connection"), "class": name, "property_key": name}
FLAGS = dict.fromkeys(("engines", "metrics", "dimensions", "counts"), FLAG)

PARAMETERS: dict[str, dict[str, Check]] = {
    "GetStatus": {},
    "GetSchema": {"ref": REF, "type": _one_of("entities", "connections", "both"), "refresh": FLAG},
    "AddVideo": {**ADD, "url": _text}, "FindVideo": {**BLOBS, **URLS},
    "AddClip": {**ADD, **RANGES, "video_ref": REF, "label": _text},
    "FindClip": {**FIND, **INSIDE, "video_ref": REF, "with_label": _text},
    "UpdateClip": {**UPDATE, **RANGES, "label": _text},
    "AddFrame": {**ADD, **POINTS, "video_ref": REF, "label": _text},
    "FindFrame": {**FIND, **INSIDE, **LISTS, "video_ref": REF, "with_label": _text,
                  "labels": _text_list},
    "UpdateFrame": {**UPDATE, **POINTS, "label": _text},
    "AddImage": {**ADD, "url": _text}, "FindImage": {**BLOBS, **URLS},
    "AddBlob": {**ADD, "url": _text}, "FindBlob": {**BLOBS, **URLS},
    "AddDescriptorSet": {**ADD, "name": _text, "dimensions": COUNT, "engine": _texts,
                         "metric": _texts},
    "FindDescriptorSet": {**FIND, "with_name": _text, **FLAGS},
    "UpdateDescriptorSet": {**UPDATE, "with_name": _text},
    "DeleteDescriptorSet": {**CHOOSE, "with_name": _text},
    "AddDescriptor": {**ADD, "set": _text, "label": _text},
    "FindDescriptor": {**BLOBS, "set": _text, "k_neighbors": COUNT, "knn_first": FLAG,
                       "engine": _text, "metric": _text, "labels": FLAG, "distances": FLAG,
                       "with_label": _text},
    "UpdateDescriptor": {**UPDATE, "set": _text, "label": _text},
    "DeleteDescriptor": {**CHOOSE, "set": _text},
    "AddEntity": {**ADD, "class": own}, "FindEntity": {**FIND, "with_class": name},
    "UpdateEntity": {**UPDATE, "with_class": name}, "DeleteEntity": {**CHOOSE, "with_class": name},
    "AddConnection": {**NAMED, **ENDS, "class": own, "properties": OBJECT,
                      "if_not_found": check_constraints},
    "FindConnection": {**LISTING, **ENDS, "with_class": name},
    "UpdateConnection": {**UPDATE, **ENDS, "with_class": name},
    "DeleteConnection": {**CHOOSE, **ENDS, "with_class": name},
    "CreateIndex": INDEX, "RemoveIndex": INDEX, "GetIndexes": {},
    **dict.fromkeys(("UpdateVideo", "UpdateImage", "UpdateBlob"), UPDATE),
    **dict.fromkeys(("DeleteVideo", "DeleteClip", "DeleteFrame", "DeleteImage", "DeleteBlob"),
                    CHOOSE),
}  # fmt: skip
REQUIRED: dict[str, tuple[str, ...]] = {
    "AddClip": ("video_ref",), "AddFrame": ("video_ref",), "AddDescriptor": ("set",),
    "AddDescriptorSet": ("name", "dimensions"), "AddEntity": ("class",),
    "AddConnection": ("class", "src", "dst"), "CreateIndex": tuple(INDEX),
    "RemoveIndex": tuple(INDEX),
}  # fmt: skip


def takes_blob(command: str, body: Mapping[str, Any]) -> bool:
    """Say whether a command takes one of the query's blobs."""
    if command in ("AddVideo", "AddImage", "AddBlob"):
        return "url" not in body
    if command == "FindDescriptor":
        return "k_neighbors" in body
    return command == "AddDescriptor"


def check(query: Any, blobs: list[bytes]) -> None:
    """Refuse a query that is not of the language, before any of it runs."""
    need(isinstance(query, list))
    for one in query:
        need(isinstance(one, Mapping) and len(one) == 1)
        ((command, body),) = one.items()
        need(command in PARAMETERS)
        _members(REQUIRED.get(command, ()), **PARAMETERS[command])(body)
        _check_together(command, body)
    need(sum(takes_blob(*item) for one in query for item in one.items()) == len(blobs))


def _check_together(command: str, body: Mapping[str, Any]) -> None:
    if command == "AddClip":
        clip_range(body)
    if command == "AddFrame":
        frame_place(body)
    if command in ("FindClip", "FindFrame"):
        need(len(given(body, "in_", "_range")) <= 1)
    if command == "AddDescriptorSet":
        need(1 <= body["dimensions"] <= 65_536)
    if command == "FindDescriptor":
        if "k_neighbors" in body:
            need("set" in body)
        else:
            need(not any(body.get(k) for k in ("distances", "knn_first", "metric", "engine")))
    if "url" in body:
        need(body["url"].startswith("file:///"))
