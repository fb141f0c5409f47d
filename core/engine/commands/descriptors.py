"""AddDescriptor, FindDescriptor, UpdateDescriptor, DeleteDescriptor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine import answering, finding, links
from core.engine import messages as say
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.commands.descriptor_sets import APPROXIMATE, by_name
from core.engine.finding import Found, Row
from core.engine.kinds import COUNT, FLAG, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.messages import SUCCESS, fail, joined
from core.engine.sql import Condition
from core.engine.transaction import Transaction
from core.engine.values import comparable
from core.engine.vectors import How

DESCRIPTOR = "_Descriptor"
# Squares of longer vectors would leave the range of float32.
_LONGEST_SQUARED = 1e37


def _set(tx: Transaction, name: str) -> Row:
    found = by_name(tx, name)
    if found is None:
        raise fail(say.NO_SUCH_SET, name=name)
    return found


def _vector(blob: bytes, of: Row, place: str) -> NDArray[np.float32]:
    n_wanted = of.properties["_dimensions"]
    if len(blob) != n_wanted * 4:
        raise fail(
            say.VECTOR_SIZE,
            place=place, n_bytes=len(blob), n_wanted=n_wanted, n_wanted_bytes=n_wanted * 4,
        )  # fmt: skip
    vector = np.frombuffer(blob, "<f4")
    with np.errstate(invalid="ignore"):  # a signalling NaN warns as it is widened
        squared = float(np.square(vector, dtype=np.float64).sum())
    if not squared < _LONGEST_SQUARED:  # also where it is NaN
        raise fail(say.VECTOR_VALUES, place=place)
    return vector


@command(
    "AddDescriptor",
    {**ADD, "set": TEXT, "label": TEXT},
    required=("set",),
    writes=True,
    takes_blob=lambda _: True,
)
def add_descriptor(tx: Transaction, body: Body) -> Body:
    """Add a vector to a set; a label that is not given reads "None", as the server's does."""
    into = _set(tx, body["set"])
    blob = tx.take_blob()
    _vector(blob, into, "AddDescriptor")
    if answer := objects.existing(tx, body, DESCRIPTOR):
        return answer
    system = {"_set_name": body["set"], "_label": comparable(body.get("label", "None"))}
    row_id = tx.add(DESCRIPTOR, tx.user_properties(DESCRIPTOR, body.get("properties")) | system)
    tx.db.execute("INSERT INTO vectors VALUES(?,?,?)", (row_id, into.id, blob))
    objects.connect(tx, body, row_id, "_DescriptorConnection")
    tx.name(body, [row_id])
    return {"status": SUCCESS}


def _fits_together(body: Body) -> None:
    if "k_neighbors" in body:
        if "set" not in body:
            raise fail(say.MISSING, place="FindDescriptor with k_neighbors", name="set")
        return
    for name in ("distances", "knn_first", "metric", "engine"):
        if body.get(name):
            raise fail(say.NEEDS_NEIGHBOURS, name=name)


@command(
    "FindDescriptor",
    {
        **FIND, "set": TEXT, "k_neighbors": COUNT, "knn_first": FLAG, "engine": TEXT,
        "metric": TEXT, "labels": FLAG, "distances": FLAG, "blobs": FLAG, "with_label": TEXT,
        "indexed_results_only": FLAG,
    },
    writes=False,
    takes_blob=lambda body: "k_neighbors" in body,
    check=_fits_together,
)  # fmt: skip
def find_descriptor(tx: Transaction, body: Body) -> Body:
    """Find descriptors by their properties, or the k nearest to the blob, best first."""
    also = objects.having(body, "with_label", "_label")
    found = None
    if "k_neighbors" in body:
        found = _nearest(tx, body, also)
    else:
        also += _in_set(tx, body)

    def more(row: Row) -> dict[str, Any]:
        keys: dict[str, Any] = {"_label": row.properties["_label"]} if body.get("labels") else {}
        return keys | ({"_distance": row.distance} if body.get("distances") else {})

    shape = Shape(
        hidden=("_label",),
        more=more if body.get("labels") or body.get("distances") else None,
        blobs_of=lambda rows: (_bytes(tx, row) for row in rows),
    )
    return answering.find(tx, body, Choice(DESCRIPTOR, also), shape, found)


def _in_set(tx: Transaction, body: Body) -> list[Condition]:
    if "set" not in body:
        return []
    of = _set(tx, body["set"])
    return [("o.id IN (SELECT id FROM vectors WHERE set_id=?)", [of.id])]


def _bytes(tx: Transaction, row: Row) -> bytes:
    vector = tx.db.execute("SELECT vector FROM vectors WHERE id=?", (row.id,)).fetchone()[0]
    tx.make_room(len(vector))
    return bytes(vector)


def _nearest(tx: Transaction, body: Body, also: list[Condition]) -> Found:
    of = _set(tx, body["set"])
    query = _vector(tx.take_blob(), of, "FindDescriptor")
    metric, engine = _choice(body, "metric", of), _choice(body, "engine", of)
    how = How(engine in APPROXIMATE, bool(body.get("indexed_results_only")))
    filters: Body = {key: body[key] for key in ("constraints", "is_connected_to") if key in body}
    # Not said, filtering comes first: what 0.19.6 was recorded to do (HybridSearch).
    allowed = _allowed(tx, filters, also) if filters or also else None
    knn_first = bool(body.get("knn_first"))
    near = tx.vectors.nearest(
        tx.db, of.id, query,
        k=body["k_neighbors"], metric=metric, among=None if knn_first else allowed, how=how,
    )  # fmt: skip
    if knn_first and allowed is not None:
        kept = set(allowed)
        near = [one for one in near if one[0] in kept]
    return _in_order(tx, body, near)


def _choice(body: Body, what: str, of: Row) -> str:
    """Give the metric or engine to search by: the one said, else the set's first."""
    known: list[str] = of.properties[f"_{what}s"]
    said: str = body.get(what, known[0])
    if said not in known:
        place = f"FindDescriptor.{what}"
        raise fail(say.BAD_CHOICE, place=place, value=said, known=joined(known))
    return said


def _allowed(tx: Transaction, filters: Body, also: list[Condition]) -> list[int]:
    text, values = finding.where(tx, filters, DESCRIPTOR, also=also)
    # Sorted here: for the order's sake SQLite would read every descriptor there is.
    found = tx.db.execute(f"SELECT o.id FROM objects o WHERE {text}", values)
    return sorted(row_id for (row_id,) in found)


def _in_order(tx: Transaction, body: Body, near: list[tuple[int, float]]) -> Found:
    """Read the winners; nearest first, unless the command sorts them otherwise; then cut."""
    here, bound = links.among([row_id for row_id, _ in near])
    sort = {"sort": finding.option(body, "sort")}
    also: list[Condition] = [(f"o.id {here}", [bound])]
    found = finding.rows(tx, sort, DESCRIPTOR, also=also, is_listed=True)
    distances = dict(near)
    for row in found:
        row.distance = distances[row.id]
    if not sort["sort"]:
        place = {row_id: n for n, (row_id, _) in enumerate(near)}
        found.sort(key=lambda row: place[row.id])
    start, limit = finding.option(body, "offset") or 0, finding.option(body, "limit")
    cut = found[start : None if limit is None else start + limit]
    finding.check_unique(tx, body, cut)
    return Found(cut, len(found))


@command("UpdateDescriptor", {**UPDATE, "set": TEXT, "label": TEXT}, writes=True)
def update_descriptor(tx: Transaction, body: Body) -> Body:
    """Change properties or label; a vector cannot be changed."""
    label = {"_label": comparable(body["label"])} if "label" in body else {}
    return objects.update(
        tx, body, _chosen(tx, body, "UpdateDescriptor"), change=lambda p: p.update(label)
    )


@command("DeleteDescriptor", {**CHOOSE, "set": TEXT}, writes=True)
def delete_descriptor(tx: Transaction, body: Body) -> Body:
    """Delete descriptors, of every set unless one is named."""
    return objects.delete(tx, body, _chosen(tx, body, "DeleteDescriptor"))


def _chosen(tx: Transaction, body: Body, place: str) -> list[int]:
    also = _in_set(tx, body)
    return finding.chosen(tx, body, DESCRIPTOR, place=place, also=also)
