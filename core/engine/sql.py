"""Constraints as SQL: conditions on rows that keep their properties as JSON.

Pure: a parsed constraint in, text and parameters out; what constraints may say and mean is in
`constraints`, whose `matches` decides the same in plain Python.
"""

from __future__ import annotations

import json
import math
from typing import Any

from core.engine import columns
from core.engine.constraints import CHAIN, JOINTS, Node, Term
from core.engine.values import kind_of, path, stored

_JSON_TYPES = {
    "boolean": "('true','false')",
    "number": "('integer','real')",
    "string": "('text')",
    "date": "('object')",
}
# The first number of a `_uniqueid`: objects and connections are counted apart.
OBJECT_FAMILY, CONNECTION_FAMILY = 1, 2
Condition = tuple[str, list[Any]]  # a piece of SQL that is never NULL, and its parameters


def condition(
    node: Node, alias: str = "o", *, family: int = OBJECT_FAMILY, only_by: str | None = None
) -> Condition:
    """Compile to a condition on the row `alias`, which has `id` and the JSON column `properties`.

    Args:
        node: what to compile.
        alias: of the row in the statement.
        family: the first number of the rows' `_uniqueid`.
        only_by: the one property whose index may be used; None: any.
    """
    if isinstance(node, Term):
        if node.name == "_uniqueid":
            return _uniqueid_sql(node, alias, family)
        if (column := columns.column(node.name, alias)) is not None:
            return _computed_sql(column, node)
        # SQLite looks no index up for what has a plus before it.
        plus = "" if only_by in (None, node.name) else "+"
        return _term_sql(node.name, node.operator, node.value, f"{alias}.properties", plus)
    inner = [condition(part, alias, family=family, only_by=only_by) for part in node.parts]
    if not inner:
        return "1", []
    return joined(inner, node.how)


def joined(parts: list[Condition], how: str) -> Condition:
    """Join conditions by "all" or "any"; very many in groups, as expressions have a largest depth.

    Args:
        parts: at least one.
        how: "all" or "any".
    """
    joint = f" {JOINTS[how]} "
    texts = [text for text, _ in parts]
    if len(texts) > CHAIN:
        size = math.isqrt(len(texts) - 1) + 1
        rows = (texts[start : start + size] for start in range(0, len(texts), size))
        texts = [f"({joint.join(row)})" for row in rows]
    return f"({joint.join(texts)})", [value for _, values in parts for value in values]


def literal(text: str) -> str:
    """Quote a text for SQL; indexes on expressions are found by literal paths, not parameters."""
    return "'" + text.replace("'", "''") + "'"


def by_index(term: Term) -> Condition | None:
    """Give the part of a term on row `o` that an index can answer; None: none can.

    All rows that meet the term meet this, and besides those at most values of other types.
    """
    is_stored = term.name != "_uniqueid" and columns.column(term.name) is None
    if not is_stored or term.operator in ("!=", "not in"):
        return None
    if term.operator == "in" and None in term.value:
        return None
    return _compared(f"json_extract(o.properties,{literal(path(term.name))})", term)


def _compared(extracted: str, term: Term) -> Condition:
    """Compare what was extracted with the value; with any of a list whatever their types are."""
    if term.operator == "in":
        text = f"{extracted} IN (SELECT value FROM json_each(?))"
        return text, [json.dumps([_extracted(one) for one in term.value], ensure_ascii=False)]
    if term.value is None:
        return f"{extracted} IS NULL", []
    return f"{extracted} {term.operator} ?", [_extracted(term.value)]


def _term_sql(name: str, said: str, value: Any, column: str, plus: str = "") -> Condition:
    where = literal(path(name))
    if said in ("!=", "not in"):
        if value is None:
            return f"json_type({column},{where}) IS NOT NULL", []
        text, values = _term_sql(name, "==" if said == "!=" else "in", value, column, plus)
        return f"NOT coalesce({text},0)", values
    if said == "in":
        return _in_sql(name, value, column, plus)
    compared, values = _compared(f"{plus}json_extract({column},{where})", Term(name, said, value))
    if value is None:
        return f"({compared} AND json_type({column},{where}) IS NULL)", []
    types = _JSON_TYPES[kind_of(value)]
    return f"({compared} AND json_type({column},{where}) IN {types})", values


def _extracted(value: Any) -> Any:
    """Give a value as json_extract does.

    A date is its JSON: of one length and in UTC, as dates are stored, it sorts as they do, and what
    it is compared with is what an index on the property holds.
    """
    return stored(value) if kind_of(value) == "date" else value


def _in_sql(name: str, wanted: list[Any], column: str, plus: str) -> Condition:
    """Compile `in` to one subquery a type, as a list may be longer than SQL's expressions."""
    by_kind: dict[str, list[Any]] = {}
    for value in wanted:
        if value is not None:
            by_kind.setdefault(kind_of(value), []).append(value)
    where = literal(path(name))
    parts = [_term_sql(name, "==", None, column, plus)] if None in wanted else []
    for kind, values in by_kind.items():
        extracted = f"{plus}json_extract({column},{where})"
        compared, bound = _compared(extracted, Term(name, "in", values))
        types = _JSON_TYPES[kind]
        parts.append((f"({compared} AND json_type({column},{where}) IN {types})", bound))
    return joined(parts, "any") if parts else ("0", [])


def _computed_sql(column: str, term: Term) -> Condition:
    """Compare what is no stored property but a whole number, NULL where a row has none."""
    if term.operator in ("!=", "not in"):
        opposite = Term(term.name, "==" if term.operator == "!=" else "in", term.value)
        text, values = _computed_sql(column, opposite)
        return f"NOT {text}", values
    if term.value is None:
        return f"({column} IS NULL)", []
    if term.operator == "in":
        wanted = json.dumps([one for one in term.value if _is_number(one)])
        text = f"coalesce({column} IN (SELECT value FROM json_each(?)),0)"
        return f"({column} IS NULL OR {text})" if None in term.value else text, [wanted]
    if not _is_number(term.value):
        return "0", []
    return f"coalesce({column} {term.operator} ?,0)", [term.value]


def _is_number(value: Any) -> bool:
    return value is not None and kind_of(value) == "number"


def _uniqueid_sql(term: Term, alias: str, family: int) -> Condition:
    wanted = term.value if isinstance(term.value, list) else [term.value]
    ids = [row_id for row_id in (row_of(text, family) for text in wanted) if row_id is not None]
    inverse = "NOT " if term.operator in ("!=", "not in") else ""
    return f"{inverse}{alias}.id IN (SELECT value FROM json_each(?))", [json.dumps(ids)]


def uniqueid(row_id: int, family: int = OBJECT_FAMILY) -> str:
    """Give the `_uniqueid` of a row: three numbers, as the server has it, ours in the middle."""
    return f"{family}.{row_id}.0"


def row_of(text: Any, family: int) -> int | None:
    """Give the row that a `_uniqueid` names, None where it can name none of this family."""
    middle = text.split(".")[1] if isinstance(text, str) and text.count(".") == 2 else ""
    if not (middle.isascii() and middle.isdigit()) or len(middle) > 18:
        return None
    return int(middle) if uniqueid(int(middle), family) == text else None
