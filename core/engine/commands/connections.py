"""AddConnection, FindConnection, UpdateConnection, DeleteConnection."""

from __future__ import annotations

import json
from typing import Any

from core.engine import answering, constraints, finding
from core.engine.commands import objects
from core.engine.finding import uniqueid
from core.engine.language import CHOOSE, COUNT, FLAG, OBJECT, REF, TEXT, UPDATE, Body, command
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail, not_unique
from core.engine.transaction import Transaction

_ENDS = {"src": COUNT, "dst": COUNT}


@command(
    "AddConnection",
    {**REF, **_ENDS, "class": TEXT, "properties": OBJECT, "if_not_found": OBJECT},
    required=("class", "src", "dst"),
    writes=True,
)
def add_connection(tx: Transaction, body: Body) -> Body:
    """Connect every object of one ref to every object of the other."""
    class_ = body["class"]
    if class_.startswith("_"):
        raise fail(f'The class {class_!r} begins with "_", which is reserved; rename it.')
    ends = {"src": body["src"], "dst": body["dst"], "with_class": class_}
    if "if_not_found" in body:
        found = _ids(tx, {**ends, "constraints": body["if_not_found"]})
        if found:
            tx.name(body, found, connections=True)
            return dict(OBJECT_EXISTS)
    properties = tx.user_properties(class_, body.get("properties"))
    made = [
        tx.connect(class_, src, dst, properties)
        for src in tx.ref(body["src"])
        for dst in tx.ref(body["dst"])
    ]
    tx.name(body, made, connections=True)
    return {"status": SUCCESS}


def _where(tx: Transaction, body: Body) -> tuple[str, list[Any]]:
    parts, values = ["1"], []
    if "with_class" in body:
        parts.append("o.class=?")
        values.append(body["with_class"])
    for end in ("src", "dst"):
        if end in body:
            here, bound = finding.among(tx.ref(body[end]))
            parts.append(f"o.{end} {here}")
            values.append(bound)
    if "constraints" in body:
        text, more = constraints.sql(body["constraints"])
        parts.append(text)
        values += more
    return " AND ".join(parts), values


def _rows(tx: Transaction, body: Body) -> list[tuple[int, int, int, str]]:
    text, values = _where(tx, body)
    by, more = finding.order(finding.option(body, "sort"))
    limit, offset = finding.option(body, "limit"), finding.option(body, "offset")
    return tx.db.execute(
        f"SELECT o.id, o.src, o.dst, o.properties FROM connections o WHERE {text}"
        f" ORDER BY {by} LIMIT ? OFFSET ?",
        [*values, *more, -1 if limit is None else limit, offset or 0],
    ).fetchall()


def _ids(tx: Transaction, body: Body) -> list[int]:
    if "ref" in body:
        return tx.ref(body["ref"], connections=True)
    return [
        row[0]
        for row in _rows(
            tx, {k: body[k] for k in ("with_class", "src", "dst", "constraints") if k in body}
        )
    ]


@command(
    "FindConnection",
    {
        **REF, **_ENDS, "with_class": TEXT, "constraints": OBJECT, "results": OBJECT,
        "unique": FLAG, "uniqueids": FLAG, "sort": OBJECT, "limit": COUNT, "offset": COUNT,
    },
    writes=False,
)  # fmt: skip
def find_connection(tx: Transaction, body: Body) -> Body:
    """Find connections; `_src` and `_dst` may be listed."""
    rows = _rows(tx, body)
    if body.get("unique") and len(rows) > 1:
        raise not_unique(tx.index, len(rows))
    results = body.get("results") or {}
    if unknown := set(results) - {"list", "all_properties", "count", "sort", "limit", "offset"}:
        raise fail(
            f"results has no member {min(unknown)!r} for connections; use list, all_properties, "
            "count."
        )
    if not (results or body.get("uniqueids") or "_ref" in body):
        raise fail("A Find must ask for something: results, uniqueids or _ref. Add one of them.")
    tx.name(body, [row[0] for row in rows], connections=True)
    answer: Body = {"returned": 0, "status": SUCCESS}
    if results.get("count"):
        answer["count"] = len(
            _rows(tx, {k: v for k, v in body.items() if k not in ("limit", "offset", "results")})
        )
    if rows and (results.get("list") or results.get("all_properties") or body.get("uniqueids")):
        answer |= {"connections": [_listed(row, body) for row in rows], "returned": len(rows)}
    return answer


def _listed(row: tuple[int, int, int, str], body: Body) -> dict[str, Any]:
    row_id, src, dst, text = row
    found = finding.Row(row_id, "", json.loads(text), None, None)
    listed = answering.entity(found, body, (), None)
    ends = {"_src": uniqueid(src), "_dst": uniqueid(dst)}
    return listed | {key: ends[key] for key in ends if key in listed}


@command("UpdateConnection", {**UPDATE, **_ENDS, "with_class": TEXT}, writes=True)
def update_connection(tx: Transaction, body: Body) -> Body:
    """Change properties of connections."""
    return objects.update(tx, body, _ids(tx, body), table="connections")


@command("DeleteConnection", {**CHOOSE, **_ENDS, "with_class": TEXT}, writes=True)
def delete_connection(tx: Transaction, body: Body) -> Body:
    """Delete connections; both ends stay."""
    here, bound = finding.among(_ids(tx, body))
    n = tx.db.execute(f"DELETE FROM connections WHERE id {here}", (bound,)).rowcount
    if "ref" in body:
        del tx.refs[body["ref"]]
    return {"count": n, "status": SUCCESS}
