"""Constraints: what a client may write, the same as SQL, and the same in plain Python.

Pure: values in, text and parameters out. Two ways of writing are read: the objects of the
language's documentation, {"n": [">=", 10, "<", 20]}, and the arrays that newer clients send,
["$n", ">=", 10]. Negative operators also match an object that lacks the property, as the server's
do: the official workflow finds its unfinished videos by `["!=", true]`.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.engine import messages as say
from core.engine.messages import fail, joined
from core.engine.values import checked_name, comparable, kind_of, path

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
MOST_LEVELS = 50
_JOINTS = {"all": "AND", "any": "OR"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_JSON_TYPES = {
    "boolean": "('true','false')",
    "number": "('integer','real')",
    "string": "('text')",
    "date": "('object')",
}
# The first number of a `_uniqueid`: objects and connections are counted apart.
OBJECT_FAMILY, CONNECTION_FAMILY = 1, 2
Condition = tuple[str, list[Any]]  # a piece of SQL that is never NULL, and its parameters


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison; the value is in the form it is stored in, a list for `in` and `not in`."""

    name: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Terms and groups joined by `all` or `any`; without members it holds for everything."""

    how: str
    parts: tuple[Node, ...]


Node = Term | Group


def parse(said: Mapping[str, Any] | list[Any]) -> Node:
    """Read constraints in either way of writing.

    Raises:
        QueryFailedError: the shape, an operator or a value is not one of the language.
    """
    if isinstance(said, Mapping):
        return _from_object(said, "all", 0)
    return _from_array(said, 0)


def equal(name: str, value: Any) -> Term:
    """Build the one constraint that commands need themselves."""
    return Term(name, "==", comparable(value))


# -- reading -----------------------------------------------------------------------------------


def _from_object(said: Mapping[str, Any], how: str, level: int) -> Group:
    _check_level(level)
    parts: list[Node] = []
    for name, inner in said.items():
        if name in _JOINTS and isinstance(inner, Mapping):
            parts.append(_from_object(inner, name, level + 1))
        else:
            parts.append(_from_pairs(name, inner))
    return Group(how, tuple(parts))


def _from_pairs(name: str, said: Any) -> Group:
    """Read [operator, value, …]: all of one list must hold, also within `any`."""
    if not isinstance(said, list) or not said or len(said) % 2:
        raise fail(say.BAD_PAIRS, name=name, said=said)
    pairs = zip(said[::2], said[1::2], strict=True)
    return Group("all", tuple(_term(name, *pair) for pair in pairs))


def _from_array(said: Any, level: int) -> Node:
    _check_level(level)
    if not isinstance(said, list) or not said or not isinstance(said[0], str):
        raise fail(say.BAD_EXPRESSION, said=said)
    first = said[0]
    if first in _JOINTS:
        return Group(first, tuple(_from_array(part, level + 1) for part in said[1:]))
    if len(said) != 3 or not first.startswith("$"):
        raise fail(say.BAD_EXPRESSION, said=said)
    return _term(first[1:], said[1], _literal(said[2]))


def _literal(value: Any) -> Any:
    """Undo what `aperturedb.Constraints.literal` does to values."""
    if isinstance(value, str) and value.startswith("$"):
        if not value.startswith("$$"):
            raise fail(say.BAD_LITERAL, value=value)
        return value[1:]
    if isinstance(value, Mapping) and set(value) == {"to_date"}:
        return {"_date": _literal(value["to_date"])}
    if isinstance(value, Mapping) and set(value) == {"array"} and isinstance(value["array"], list):
        return [_literal(one) for one in value["array"]]
    return value


def _term(name: str, said: Any, value: Any) -> Term:
    checked_name(name)
    if said not in OPERATORS:
        raise fail(say.BAD_OPERATOR, name=name, operator=said, known=joined(OPERATORS))
    if name == "_uniqueid" and said[0] in "<>":
        raise fail(say.ID_ORDER, operator=said)
    if said in ("in", "not in"):
        if not isinstance(value, list):
            raise fail(say.NEEDS_LIST, name=name, operator=said, value=value)
        return Term(name, said, [comparable(one) for one in value])
    if value is None and said[0] in "<>":
        raise fail(say.NULL_ORDER, name=name, operator=said)
    return Term(name, said, comparable(value))


def _check_level(level: int) -> None:
    if level > MOST_LEVELS:
        raise fail(say.TOO_DEEP, n_levels=MOST_LEVELS)


# -- as SQL ------------------------------------------------------------------------------------


def sql(node: Node, alias: str = "o", *, family: int = OBJECT_FAMILY) -> Condition:
    """Compile to a condition on the row `alias`, which has `id` and the JSON column `properties`.

    Args:
        node: what to compile.
        alias: of the row in the statement.
        family: the first number of the rows' `_uniqueid`.
    """
    if isinstance(node, Term):
        if node.name == "_uniqueid":
            return _uniqueid_sql(node, alias, family)
        return _term_sql(node.name, node.operator, node.value, f"{alias}.properties")
    inner = [sql(part, alias, family=family) for part in node.parts]
    if not inner:
        return "1", []
    joint = f" {_JOINTS[node.how]} ".join(text for text, _ in inner)
    return f"({joint})", [value for _, values in inner for value in values]


def literal(text: str) -> str:
    """Quote a text for SQL; indexes on expressions are found by literal paths, not parameters."""
    return "'" + text.replace("'", "''") + "'"


def _term_sql(name: str, said: str, value: Any, column: str) -> Condition:
    where = literal(path(name))
    if said in ("!=", "not in"):
        if value is None:
            return f"json_type({column},{where}) IS NOT NULL", []
        text, values = _term_sql(name, "==" if said == "!=" else "in", value, column)
        return f"NOT coalesce({text},0)", values
    if said == "in":
        return _in_sql(name, value, column)
    if value is None:
        return f"(json_type({column},{where}) IS NULL)", []
    kind = kind_of(value)
    inner = literal(path(name) + "._date") if kind == "date" else where
    compared = f"json_extract({column},{inner}) {said} ?"
    text = f"({compared} AND json_type({column},{where}) IN {_JSON_TYPES[kind]})"
    return text, [_bound(value)]


def _in_sql(name: str, wanted: list[Any], column: str) -> Condition:
    """Compile `in` to one subquery a type, as a list may be longer than SQL's expressions."""
    where = literal(path(name))
    by_kind: dict[str, list[Any]] = {}
    for value in wanted:
        if value is not None:
            by_kind.setdefault(kind_of(value), []).append(_bound(value))
    parts = [f"json_type({column},{where}) IS NULL"] if None in wanted else []
    for kind in by_kind:
        inner = literal(path(name) + "._date") if kind == "date" else where
        parts.append(
            f"(json_extract({column},{inner}) IN (SELECT value FROM json_each(?))"
            f" AND json_type({column},{where}) IN {_JSON_TYPES[kind]})"
        )
    values = [json.dumps(values, ensure_ascii=False) for values in by_kind.values()]
    return f"({' OR '.join(parts) or '0'})", list(values)


def _bound(value: Any) -> Any:
    return value["_date"] if isinstance(value, Mapping) else value


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


# -- in plain Python ---------------------------------------------------------------------------


def matches(node: Node, properties: Mapping[str, Any]) -> bool:
    """Decide the same without SQL; the oracle for it in tests."""
    if isinstance(node, Term):
        return _holds(properties.get(node.name), node.operator, node.value)
    held = [matches(part, properties) for part in node.parts]
    return all(held) if node.how == "all" or not held else any(held)


def _holds(stored: Any, said: str, value: Any) -> bool:
    if said == "!=":
        return not _holds(stored, "==", value)
    if said == "in":
        return any(_holds(stored, "==", one) for one in value)
    if said == "not in":
        return not _holds(stored, "in", value)
    if value is None or stored is None:
        return value is None and stored is None
    if kind_of(stored) != kind_of(value):
        return False
    return _COMPARE[said](_bound(stored), _bound(value))
