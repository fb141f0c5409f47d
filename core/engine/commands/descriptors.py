"""AddDescriptor, FindDescriptor, UpdateDescriptor, DeleteDescriptor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine import answering, finding
from core.engine.commands import objects
from core.engine.commands.descriptor_sets import by_name
from core.engine.finding import Row
from core.engine.language import ADD, CHOOSE, COUNT, FIND, FLAG, TEXT, UPDATE, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.transaction import Transaction

DESCRIPTOR = "_Descriptor"


def _set(tx: Transaction, name: str) -> Row:
    found = by_name(tx, name)
    if found is None:
        raise fail(f"There is no descriptor set {name!r}; add it by AddDescriptorSet first.")
    return found


def _vector(blob: bytes, dimensions: int, command_name: str) -> NDArray[np.float32]:
    if len(blob) != dimensions * 4:
        raise fail(
            f"The blob of {command_name} has {len(blob)} bytes; this set takes {dimensions} "
            f"little-endian float32, {dimensions * 4} bytes."
        )
    vector = np.frombuffer(blob, "<f4")
    if not np.isfinite(vector).all():
        raise fail(
            f"The blob of {command_name} holds numbers that are not finite; send finite float32."
        )
    return vector


@command(
    "AddDescriptor",
    {**ADD, "set": TEXT, "label": TEXT},
    required=("set",),
    writes=True,
)
def add_descriptor(tx: Transaction, body: Body) -> Body:
    """Add a vector to a set; a label that is not given reads "None", as the server's does."""
    into = _set(tx, body["set"])
    blob = tx.blob("AddDescriptor")
    _vector(blob, into.properties["_dimensions"], "AddDescriptor")
    found = objects.existing(tx, body, DESCRIPTOR)
    if found:
        tx.name(body, found)
        return dict(OBJECT_EXISTS)
    system = {"_set_name": body["set"], "_label": body.get("label", "None")}
    row_id = tx.add(DESCRIPTOR, tx.user_properties(DESCRIPTOR, body.get("properties")) | system)
    tx.db.execute("INSERT INTO vectors VALUES(?,?,?)", (row_id, into.id, blob))
    objects.connect(tx, body, row_id, "_DescriptorConnection")
    tx.name(body, [row_id])
    return {"status": SUCCESS}


@command(
    "FindDescriptor",
    {
        **FIND, "set": TEXT, "k_neighbors": COUNT, "knn_first": FLAG, "engine": TEXT,
        "metric": TEXT, "labels": FLAG, "distances": FLAG, "blobs": FLAG, "with_label": TEXT,
    },
    writes=False,
)  # fmt: skip
def find_descriptor(tx: Transaction, body: Body) -> Body:
    """Find descriptors by their properties, or the k nearest to the blob, best first."""
    body = objects.with_label(body)
    found = None
    if "k_neighbors" in body:
        found = _nearest(tx, body)
    elif "set" in body:
        name = _set(tx, body["set"]).properties["_name"]
        inner = finding.rows(tx, {**body, "unique": False}, DESCRIPTOR)
        found = [row for row in inner if row.properties["_set_name"] == name]

    def extra(row: Row) -> dict[str, Any]:
        more: dict[str, Any] = {"_label": row.properties["_label"]} if body.get("labels") else {}
        return more | ({"_distance": row.distance} if body.get("distances") else {})

    flags = body.get("labels") or body.get("distances")
    return answering.find(
        tx, body, DESCRIPTOR, found=found, hidden=("_label",),
        extra=extra if flags else None, blob_of=lambda row: _bytes(tx, row),
    )  # fmt: skip


def _bytes(tx: Transaction, row: Row) -> bytes:
    return bytes(tx.db.execute("SELECT vector FROM vectors WHERE id=?", (row.id,)).fetchone()[0])


def _nearest(tx: Transaction, body: Body) -> list[Row]:
    if "set" not in body:
        raise fail("FindDescriptor with k_neighbors needs the parameter 'set'; add it.")
    of = _set(tx, body["set"])
    dimensions, metrics = of.properties["_dimensions"], of.properties["_metrics"]
    query = _vector(tx.blob("FindDescriptor"), dimensions, "FindDescriptor")
    metric = body.get("metric", metrics[0])
    if (
        metric not in metrics
        or body.get("engine", of.properties["_engines"][0]) not in of.properties["_engines"]
    ):
        raise fail(
            f"The set {body['set']!r} has the metrics {metrics} and the engines "
            f"{of.properties['_engines']}; use one of each."
        )
    filters: Body = {key: body[key] for key in ("constraints", "is_connected_to") if key in body}
    # Not said, filtering comes first: what 0.19.6 was recorded to do (HybridSearch).
    allowed = _allowed(tx, filters) if filters else None
    before = None if body.get("knn_first") else allowed
    near = tx.vectors.nearest(tx.db, of.id, dimensions, query, body["k_neighbors"], metric, before)
    if body.get("knn_first") and allowed is not None:
        kept = set(allowed)
        near = [one for one in near if one[0] in kept]
    return _in_order(tx, body, near)


def _allowed(tx: Transaction, filters: Body) -> list[int]:
    text, values = finding.where(tx, filters, DESCRIPTOR)
    return [
        i
        for (i,) in tx.db.execute(f"SELECT o.id FROM objects o WHERE {text} ORDER BY o.id", values)
    ]


def _in_order(tx: Transaction, body: Body, near: list[tuple[int, float]]) -> list[Row]:
    """Read the winners; nearest first, unless the command sorts them otherwise."""
    if finding.option(body, "sort"):
        found = finding.rows(tx, body, DESCRIPTOR, ids=[i for i, _ in near])
    else:
        cut = {k: v for k, v in body.items() if k == "unique"}
        by_id = {row.id: row for row in finding.rows(tx, cut, DESCRIPTOR, ids=[i for i, _ in near])}
        start = finding.option(body, "offset") or 0
        limit = finding.option(body, "limit")
        found = [by_id[i] for i, _ in near][start : None if limit is None else start + limit]
    distances = dict(near)
    for row in found:
        row.distance = distances[row.id]
    return found


@command("UpdateDescriptor", {**UPDATE, "set": TEXT, "label": TEXT}, writes=True)
def update_descriptor(tx: Transaction, body: Body) -> Body:
    """Change properties or label; a vector cannot be changed."""
    return objects.update(tx, body, _chosen(tx, body), system=objects.label(body))


@command("DeleteDescriptor", {**CHOOSE, "set": TEXT}, writes=True)
def delete_descriptor(tx: Transaction, body: Body) -> Body:
    """Delete descriptors, of every set unless one is named."""
    return objects.delete(tx, body, _chosen(tx, body))


def _chosen(tx: Transaction, body: Body) -> list[int]:
    ids = finding.chosen(tx, body, DESCRIPTOR)
    if "set" not in body:
        return ids
    inside = {
        i
        for (i,) in tx.db.execute(
            "SELECT id FROM vectors WHERE set_id=?", (_set(tx, body["set"]).id,)
        )
    }
    return [i for i in ids if i in inside]
