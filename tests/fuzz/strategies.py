"""Hypothesis' strategies for whole queries of the JSON language, good ones and broken ones.

Beside `queries`, whose chance meets more at once, these find the edges of values and shrink what
fails to its core. Parameters are those that the engine's commands declare.
"""

from __future__ import annotations

import io
import struct
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from core.engine.language import COMMANDS
from tests.fuzz.words import CLASSES, DATES, KEYS, ODD, OPERATORS, TEXTS

Query = tuple[list[Any], list[bytes]]

KEY, CLASS, REF = st.sampled_from(KEYS), st.sampled_from(CLASSES), st.integers(1, 3)
TEXT = st.one_of(st.sampled_from(TEXTS), st.text(max_size=5))
WHOLE = st.one_of(st.integers(0, 9), st.integers(-(2**63), 2**63 - 1))
SCALAR = st.one_of(
    WHOLE, st.floats(allow_nan=False, allow_infinity=False), TEXT, st.booleans(),
    st.sampled_from(DATES).map(lambda text: {"_date": text}),
)  # fmt: skip
# Without the number that Python does not write, as hypothesis wants to show what it chose from.
_ODD = [one for one in ODD if not isinstance(one, int) or one < 2**99]
JSON = st.recursive(
    st.one_of(st.none(), SCALAR, st.integers(), st.floats(), st.sampled_from(_ODD)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(KEY, st.sampled_from(
                ["ref", "key", "all", "any", "_date", "list", "start", "stop", "class", "sequence",
                 "constraints", "count", "batch_id"])),
            inner, max_size=3,
        ),
    ),
    max_leaves=8,
)  # fmt: skip


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give an object with any of these members."""
    return st.fixed_dictionaries({}, optional=members)


def one_or_list(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give a value, or some of them."""
    return st.one_of(values, st.lists(values, max_size=3))


def _pair(operator: str) -> st.SearchStrategy[list[Any]]:
    values = SCALAR if operator[0] in "<>" else st.one_of(SCALAR, st.none())
    wanted = st.lists(values, max_size=4) if operator in ("in", "not in") else values
    return wanted.map(lambda value: [operator, value])


PAIRS = st.lists(st.sampled_from(OPERATORS).flatmap(_pair), min_size=1, max_size=2).map(
    lambda pairs: [one for pair in pairs for one in pair]
)
CONSTRAINTS = st.recursive(
    st.dictionaries(KEY, PAIRS, max_size=2),
    lambda inner: st.builds(
        lambda terms, how, more: {**terms, how: more},
        st.dictionaries(KEY, PAIRS, max_size=1), st.sampled_from(["all", "any"]), inner,
    ),
    max_leaves=3,
)  # fmt: skip
SORT = one_or_list(
    st.one_of(
        KEY,
        st.fixed_dictionaries(
            {"key": KEY}, optional={"order": st.sampled_from(["ascending", "descending"])}
        ),
        st.fixed_dictionaries({"key": KEY, "sequence": st.lists(SCALAR, max_size=3)}),
    )
)
RESULTS = some(
    list=st.lists(KEY, max_size=3), all_properties=st.booleans(), count=st.booleans(),
    group=one_or_list(KEY), sum=one_or_list(KEY), average=one_or_list(KEY), min=one_or_list(KEY),
    max=one_or_list(KEY), sort=SORT, limit=st.integers(0, 3),
)  # fmt: skip
BATCH = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"batch_size": REF, "batch_id": st.integers(0, 3)}),
    st.fixed_dictionaries({"batches": REF, "batch_id": st.integers(0, 3)}),
    st.tuples(st.integers(0, 3), st.integers(0, 5)).map(lambda two: {"range": sorted(two)}),
)
SPAN = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda two: {"start": min(two), "stop": max(two)}
)
FRACTIONS = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(
    lambda two: {"start": min(two), "stop": max(two)}
)
CLAUSE = st.fixed_dictionaries(
    {"ref": REF},
    optional={"connection_class": st.one_of(st.just("C"), CLASS), "constraints": CONSTRAINTS,
              "direction": st.sampled_from(["in", "out", "any"])},
)  # fmt: skip
PROPERTIES = some(
    n=WHOLE, x=st.floats(allow_nan=False, allow_infinity=False), name=TEXT, on=st.booleans(),
    when=st.sampled_from(DATES).map(lambda text: {"_date": text}),
)  # fmt: skip
OPERATION = st.one_of(
    st.fixed_dictionaries({"type": st.just("resize"), "width": st.integers(0, 99)}),
    st.fixed_dictionaries({"type": st.just("flip"), "code": st.integers(-1, 2)}),
    st.fixed_dictionaries({"type": st.just("rotate"), "angle": st.floats(-999, 999)}),
    st.fixed_dictionaries({"type": st.just("threshold"), "value": st.integers(-1, 256)}),
)
METRICS, ENGINES = st.sampled_from(["L2", "IP", "CS"]), st.sampled_from(["Flat", "HNSW", "IVF"])

GOOD: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("ref", "image_ref", "src", "dst"), REF), "video_ref": st.just(2),
    "class": st.sampled_from("AB"), "with_class": CLASS,
    **dict.fromkeys(("property", "property_key"), KEY),
    **dict.fromkeys(("limit", "offset", "k_neighbors", "frame_number"), st.integers(0, 5)),
    "index_type": st.sampled_from(["entity", "connection"]), "set": st.sampled_from("st"),
    "name": st.sampled_from("stu"), "with_name": st.sampled_from("stu"), "dimensions": st.just(2),
    "metric": METRICS, "engine": ENGINES, "label": TEXT, "with_label": TEXT,
    **dict.fromkeys(("format", "as_format"), st.sampled_from(["png", "jpg"])),
    **dict.fromkeys(("codec", "as_codec"), st.sampled_from(["h264", "xvid"])),
    **dict.fromkeys(("container", "as_container"), st.sampled_from(["mp4", "avi"])),
    "type": st.sampled_from(["entities", "connections", "both"]), "refresh": st.booleans(),
    "properties": PROPERTIES, "remove_props": one_or_list(KEY), "constraints": CONSTRAINTS,
    "if_not_found": st.one_of(CONSTRAINTS, REF), "results": RESULTS, "sort": SORT, "batch": BATCH,
    "connect": st.builds(lambda ref, more: {"ref": ref, **more}, REF,
                         some(direction=st.sampled_from(["in", "out"]), properties=PROPERTIES)),
    "is_connected_to": st.one_of(
        CLAUSE,
        st.builds(lambda how, many: {how: many}, st.sampled_from(["all", "any"]),
                  st.lists(CLAUSE, min_size=1, max_size=2)),
    ),
    "frame_number_range": SPAN, "in_frame_number_range": SPAN, "time_fraction_range": FRACTIONS,
    "in_time_fraction_range": FRACTIONS, "time_fraction": st.floats(0, 1), "frame_spec": SPAN,
    "operations": st.lists(OPERATION, min_size=1, max_size=2),
    **dict.fromkeys(("blobs", "uniqueids", "unique", "labels", "distances", "knn_first", "urls",
                     "group_by_source", "counts", "metrics", "engines"), st.booleans()),
}  # fmt: skip


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), (200, 0, 60)).save(out, "PNG")
    return out.getvalue()


_VECTOR = st.lists(st.floats(width=32), min_size=2, max_size=2).map(
    lambda two: struct.pack("<2f", *two)
)
_BLOB_OF = {"Descriptor": _VECTOR, "Image": st.just(_png())}
_WRONG_BLOB = st.binary(max_size=12)

# What each query may begin with, so that refs name something: an entity, a video, descriptors.
NAMED = [
    {"FindEntity": {"_ref": 1, "with_class": "A"}},
    {"FindVideo": {"_ref": 2, "limit": 1}},
    {"FindDescriptor": {"_ref": 3, "set": "s"}},
]
_FINDS = sorted(name for name in COMMANDS if name.startswith(("Add", "Find")))
_NAME = st.one_of(st.sampled_from(_FINDS), st.sampled_from(sorted(COMMANDS)))
_PLACES = {
    "AddClip": st.one_of(some(frame_number_range=SPAN), some(time_fraction_range=FRACTIONS)),
    "AddFrame": st.one_of(some(frame_number=WHOLE), some(time_fraction=st.floats(0, 1))),
}
_RARELY = 24  # of so many draws one is of the rare kind


@st.composite
def body(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Draw the parameters of a command: what it needs and some more, now and then a wrong value."""
    known = COMMANDS[name]
    more = sorted(set(known.parameters) & set(GOOD)) or sorted(known.parameters)
    keys = draw(st.sets(st.sampled_from(more), max_size=3)) if more else set()
    said = {key: draw(GOOD.get(key, JSON)) for key in sorted(keys | set(known.required))}
    said |= draw(_PLACES[name]) if name in _PLACES else {}
    if name.startswith("Find"):
        said |= draw(st.sampled_from([{"uniqueids": True}, {"results": {"count": True}}, {}]))
    if known.parameters and draw(st.integers(0, _RARELY)) == _RARELY:
        said[draw(st.sampled_from(sorted(known.parameters)))] = draw(JSON)
    return said


def _blob(name: str, is_wrong: bool) -> st.SearchStrategy[bytes]:
    kind = name.removeprefix("Add").removeprefix("Find")
    return _WRONG_BLOB if is_wrong else _BLOB_OF.get(kind, st.just(b"bytes"))


@st.composite
def query(draw: st.DrawFn) -> Query:
    """Draw a query of up to three commands after those that name what there is, and its blobs."""
    commands: list[Any] = [dict(one) for one in NAMED] if draw(st.integers(0, 7)) < 7 else []
    blobs: list[bytes] = []
    for name in draw(st.lists(_NAME, min_size=1, max_size=3)):
        said = draw(body(name))
        if "_ref" in COMMANDS[name].parameters and draw(st.booleans()):
            said["_ref"] = len(commands) + 1
        commands.append({name: said})
        if COMMANDS[name].takes_blob(said):
            blobs.append(draw(_blob(name, draw(st.integers(0, _RARELY)) == _RARELY)))
    if draw(st.integers(0, _RARELY)) == _RARELY:
        commands.append(draw(JSON))
    return commands, blobs
