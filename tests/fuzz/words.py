"""Names and values that queries are made of, and what spoils a query."""

from __future__ import annotations

import json
import random
from typing import Any

CLASSES = ("A", "B", "it's", "_Video", "_Clip", "_Frame", "_Image", "_Blob", "_Descriptor",
           "_DescriptorSet", "_VideoToClip", "nobody")  # fmt: skip
KEYS = ("n", "x", "on", "when", "name", "a.b", "clé", "_uniqueid", "_label", "_create_txn", "_fps",
        "_count", "_frame_number", "_range_start")  # fmt: skip
TEXTS = ("", "a", "b", "é", "'; --", "None", "s", "t", "1.1.0", "h264", "mp4", "png", "jpg", "L2",
         "CS", "IP", "HNSW", "Flat", "0:01", "00:00:00.5", "1.25", "$n", "file:///etc/hostname",
         "file:///nowhere", "file:///dev/zero",
         "both", "entity", "ordered", "in", "out")  # fmt: skip
DATES = ("2018-02-27T13:45:12-08:00", "2020-01-01", "Mon Aug 7 10:59:24 PDT 2017",
         "9999-12-31T23:59:59.999999", "0001-01-01T00:00:00Z")  # fmt: skip
NUMBERS = (0, 1, 2, 3, 7, -1, 0.5, 1.0, 100, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 1e308, 5e-324)
ODD: tuple[Any, ...] = (
    None, True, -1, 2**63, 10**5000, float("nan"), float("inf"), "", "_", "\0", "\ud800", "x" * 300,
    [], {}, [[]], {"": {}}, ["==", 1], {"_date": "never"}, {"_date": 3}, {"ref": 1}, {3: 4},
    [None] * 3, "AddEntity", 2**64, -0.5, {"all": []}, {"start": 5, "stop": 1}, b"bytes",
    ["$n", "==", 1], ["any"], {"any": {"n": ["in", []]}},
)  # fmt: skip
_BREAKS = ('"', "}", "9" * 5000, "\\ud800", "", "1e999")  # put into a text
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")


def damaged(rng: random.Random, node: Any, level: int = 0) -> Any:
    """Change one place: another value, a key more, one less, or one twice."""
    children: list[Any] = []
    if isinstance(node, dict | list):
        children = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not children or rng.random() < (0.1 if level else 0.01):
        return rng.choice(ODD)
    chosen = rng.choice(children)
    changed = dict(node) if isinstance(node, dict) else list(node)
    how = rng.random()
    if how < 0.75:
        changed[chosen] = damaged(rng, changed[chosen], level + 1)
    elif how < 0.85:
        del changed[chosen]
    elif isinstance(changed, list):
        changed.append(changed[chosen])
    else:
        changed[rng.choice(("_ref", "limit", "unique", "blobs", "x"))] = rng.choice(ODD)
    return changed


def as_text(rng: random.Random, query: Any) -> str:
    """Write JSON of it, now and then with a break in it."""
    text = json.dumps(query, default=str, skipkeys=True) if _digits(query) else "[" * 99_999
    if rng.random() < 0.3 and text:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(_BREAKS) + text[at + 1 :]
    return text


def _digits(query: Any) -> bool:
    """Say whether JSON can be written of it: Python does not write numbers of 5000 digits."""
    try:
        json.dumps(query, default=str, skipkeys=True)
    except ValueError:
        return False
    return True
