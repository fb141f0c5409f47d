"""What Add, Update and Delete have in common for every kind of object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.engine import constraints, finding
from core.engine.messages import SUCCESS, fail
from core.engine.transaction import Transaction

Body = dict[str, Any]


def existing(tx: Transaction, body: Mapping[str, Any], class_: str | None) -> list[int]:
    """Give what `if_not_found` meets; with a ref number, what that ref names."""
    said = body.get("if_not_found")
    if said is None:
        return []
    if isinstance(said, int):
        return tx.ref(said)
    return [row.id for row in finding.rows(tx, {"constraints": said}, class_)]


def connect(tx: Transaction, body: Mapping[str, Any], row_id: int, default: str) -> None:
    """Connect a new object as its `connect` says: out is new object to ref'd object."""
    said = body.get("connect")
    if said is None:
        return
    if set(said) - {"ref", "class", "direction", "properties"} or not isinstance(
        said.get("ref"), int
    ):
        raise fail(f"connect is {said!r}; use ref, class, direction, properties.")
    direction = said.get("direction", "out")
    if direction not in ("out", "in"):
        raise fail(f"connect.direction is {direction!r}; use out or in.")
    class_ = said.get("class", default)
    properties = tx.user_properties(class_, said.get("properties"))
    for other in tx.ref(said["ref"]):
        src, dst = (row_id, other) if direction == "out" else (other, row_id)
        tx.connect(class_, src, dst, properties)


def update(
    tx: Transaction,
    body: Mapping[str, Any],
    ids: Sequence[int],
    *,
    table: str = "objects",
    system: Mapping[str, Any] | None = None,
) -> Body:
    """Add, overwrite and remove properties of rows; answers how many there were."""
    here, bound = finding.among(ids)
    found = tx.db.execute(
        f"SELECT id, class, properties FROM {table} WHERE id {here}", (bound,)
    ).fetchall()
    for row_id, class_, text in found:
        properties = json.loads(text)
        properties.update(tx.user_properties(class_, body.get("properties")))
        properties.update(system or {})
        gone = body.get("remove_props") or []
        for key in [gone] if isinstance(gone, str) else gone:
            if key.startswith("_"):
                raise fail(f"The property {key!r} is the system's; only one's own can be removed.")
            properties.pop(key, None)
        tx.db.execute(
            f"UPDATE {table} SET properties=? WHERE id=?", (json.dumps(properties), row_id)
        )
    return {"count": len(found), "status": SUCCESS}


def delete(tx: Transaction, body: Mapping[str, Any], ids: Sequence[int]) -> Body:
    """Delete objects and their connections; a ref that named them is spent."""
    here, bound = finding.among(ids)
    tx.dead_files += [
        name
        for (name,) in tx.db.execute(
            f"SELECT file FROM objects WHERE file IS NOT NULL AND id {here}", (bound,)
        )
    ]
    # The caches of vectors learn of removals by this count, in whatever process they live.
    tx.db.execute(
        "INSERT INTO removals SELECT DISTINCT set_id, 1 FROM vectors"
        f" WHERE id {here} ON CONFLICT(set_id) DO UPDATE SET n=n+1",
        (bound,),
    )
    n = tx.db.execute(f"DELETE FROM objects WHERE id {here}", (bound,)).rowcount
    if "ref" in body:
        del tx.refs[body["ref"]]
    return {"count": n, "status": SUCCESS}


def label(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the system property of a label, if the command brings one."""
    return {"_label": body["label"]} if "label" in body else {}


def with_label(body: Mapping[str, Any]) -> Body:
    """Turn `with_label` into the constraint that it means."""
    return _with(body, "with_label", "_label")


def with_name(body: Mapping[str, Any]) -> Body:
    """Turn `with_name` into the constraint that it means."""
    return _with(body, "with_name", "_name")


def _with(body: Mapping[str, Any], key: str, property_: str) -> Body:
    if key not in body:
        return dict(body)
    how, _ = constraints.terms(body.get("constraints", {}))
    if how == "OR":
        raise fail(
            f"{key} cannot be joined with constraints of the form any; put it in as a constraint "
            f"on {property_}."
        )
    inner = dict(body.get("constraints", {}))
    inner = dict(inner.get("all", inner))
    inner[property_] = [*inner.get(property_, []), "==", body[key]]
    return {**body, "constraints": inner}
