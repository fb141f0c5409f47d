"""Constraints: what a client may write, and what it means, in plain Python.

Pure. Two ways of writing are read: the objects of the
language's documentation, {"n": [">=", 10, "<", 20]}, and the arrays that newer clients send,
["$n", ">=", 10]. Negative operators also match an object that lacks the property, as the server's
do: the official workflow finds its unfinished videos by `["!=", true]`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.engine import messages as say
from core.engine.messages import fail, joined
from core.engine.values import checked_name, comparable, kind_of

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
MOST_LEVELS = 50
MOST_TERMS = 10_000
# Of alternations between `all` and `any`; a group of very many members counts twice. SQLite reads
# no more than a hundred open brackets and operators at once.
_MOST_ALTERNATIONS = 20
CHAIN = 30  # members of a group that SQL joins in one row; more are bracketed, as depth is limited
JOINTS = {"all": "AND", "any": "OR"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
# Listed, but never searched (Overview/System-defined Properties).
_UNSEARCHABLE = ("_src", "_dst", "_engines", "_metrics", "_splits", "_coordinates")


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
        QueryFailedError: the shape, an operator or a value is not one of the language, or there is
            more of it than one statement of SQL can say.
    """
    raw = _from_object(said, "all", 0) if isinstance(said, Mapping) else _from_array(said, 0)
    node = _simplified(raw)
    if _n_terms(node) > MOST_TERMS or _n_alternations(node) > _MOST_ALTERNATIONS:
        raise fail(say.TOO_MANY_TERMS, most=MOST_TERMS, n_levels=_MOST_ALTERNATIONS)
    return node


def equal(name: str, value: Any) -> Term:
    """Build the one constraint that commands need themselves."""
    return Term(name, "==", comparable(value))


# -- reading -----------------------------------------------------------------------------------


def _from_object(said: Mapping[str, Any], how: str, level: int) -> Group:
    _check_level(level)
    parts: list[Node] = []
    for name, inner in said.items():
        if name in JOINTS and isinstance(inner, Mapping):
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
    if first in JOINTS:
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
    if name in _UNSEARCHABLE:
        raise fail(say.UNSEARCHABLE, name=name)
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


def _simplified(node: Node) -> Node:
    """Take out the groups that change nothing: of one member, and within one of the same kind."""
    if isinstance(node, Term):
        return node
    parts: list[Node] = []
    for part in map(_simplified, node.parts):
        same = isinstance(part, Group) and part.how == node.how and part.parts
        parts += part.parts if isinstance(part, Group) and same else [part]
    return parts[0] if len(parts) == 1 else Group(node.how, tuple(parts))


def _n_terms(node: Node) -> int:
    return 1 if isinstance(node, Term) else sum(map(_n_terms, node.parts))


def _n_alternations(node: Node) -> int:
    if isinstance(node, Term):
        return 0
    return (2 if len(node.parts) > CHAIN else 1) + max(map(_n_alternations, node.parts), default=0)


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
    return _COMPARE[said](bare(stored), bare(value))


def bare(value: Any) -> Any:
    """Give a value without what marks it as a date."""
    return value["_date"] if isinstance(value, Mapping) else value
