"""A constraint as SQL, and the same constraint in plain Python.

Pure: values in, text and parameters out. Negative operators also match an object that lacks the
property, as the server's do (the workflow finds its unfinished videos by `["!=", true]`).
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.engine.messages import fail

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_JSON_TYPES = {
    "boolean": "('true','false')",
    "number": "('integer','real')",
    "string": "('text')",
    "date": "('object')",
}
Term = tuple[str, str, Any]  # property, operator, value


def terms(constraints: Mapping[str, Any]) -> tuple[str, list[Term]]:
    """Split constraints into ("AND" | "OR", terms).

    Raises:
        QueryFailedError: the shape, an operator or a value is not one of the language.
    """
    if set(constraints) in ({"all"}, {"any"}):
        ((how, inner),) = constraints.items()
        if isinstance(inner, Mapping):
            return ("AND" if how == "all" else "OR"), _pairs(inner)
    return "AND", _pairs(constraints)


def _pairs(constraints: Mapping[str, Any]) -> list[Term]:
    found: list[Term] = []
    for key, said in constraints.items():
        if not isinstance(said, list) or not said or len(said) % 2:
            raise fail(f"The constraint on {key!r} is {said!r}; write [operator, value, …].")
        for name, value in zip(said[::2], said[1::2], strict=True):
            if name not in OPERATORS:
                raise fail(
                    f"The constraint on {key!r} has the operator {name!r}; use one of "
                    f"{', '.join(OPERATORS)}."
                )
            if name.endswith("in") and not isinstance(value, list):
                raise fail(f"The constraint on {key!r} needs a list after {name!r}, not {value!r}.")
            found.append(
                (
                    key,
                    name,
                    [comparable(v) for v in value] if name.endswith("in") else comparable(value),
                )
            )
    return found


def comparable(value: Any) -> Any:
    """Give a property value in the form it is stored and compared in; dates in UTC."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping) and set(value) == {"_date"}:
        return {"_date": _utc(str(value["_date"]))}
    raise fail(
        f'{value!r} is no property value; use a number, a string, true, false or {{"_date": …}}.'
    )


def _utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise fail(
            f"The date {text!r} is not ISO 8601; write it as 2018-02-27T13:45:12-08:00."
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def kind_of(value: Any) -> str:
    """Name a value's type as GetSchema and the type registry do, in lower case."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "date"


def path(key: str) -> str:
    """Give the JSON path of a property, safe for any key."""
    if '"' in key:
        raise fail(f"The property name {key!r} holds a quotation mark; leave it out.")
    return f'$."{key}"'


def sql(constraints: Mapping[str, Any], column: str = "o.properties") -> tuple[str, list[Any]]:
    """Compile to a condition on a JSON column; the condition is never NULL."""
    how, found = terms(constraints)
    parts, values = [], []
    for term in found:
        text, more = _term_sql(*term, column)
        parts.append(text)
        values += more
    return (f"({f' {how} '.join(parts)})" if parts else "1"), values


def literal(text: str) -> str:
    """Quote a text for SQL; expression indexes match literal paths only, never parameters."""
    return "'" + text.replace("'", "''") + "'"


def _term_sql(key: str, name: str, value: Any, column: str) -> tuple[str, list[Any]]:
    if key == "_uniqueid":
        return _uniqueid_sql(name, value)
    where = literal(path(key))
    if name in ("!=", "not in"):
        if value is None:
            return f"json_type({column},{where}) IS NOT NULL", []
        text, values = _term_sql(key, "==" if name == "!=" else "in", value, column)
        return f"NOT coalesce({text},0)", values
    if name == "in":
        parts = [_term_sql(key, "==", one, column) for one in value]
        return "(" + (" OR ".join(p[0] for p in parts) or "0") + ")", [
            v for p in parts for v in p[1]
        ]
    if value is None:
        return f"(json_type({column},{where}) IS NULL)", []
    kind = kind_of(value)
    inner = literal(path(key) + "._date") if kind == "date" else where
    stored = value["_date"] if kind == "date" else value
    held = f"json_extract({column},{inner}) {name} ?"
    return f"({held} AND json_type({column},{where}) IN {_JSON_TYPES[kind]})", [stored]


def _uniqueid_sql(name: str, value: Any) -> tuple[str, list[Any]]:
    wanted = [str(v) for v in (value if isinstance(value, list) else [value])]
    if name not in ("==", "!=", "in", "not in"):
        raise fail(f"_uniqueid cannot be compared by {name!r}; use ==, !=, in or not in.")
    inverse = "NOT " if name in ("!=", "not in") else ""
    ids = [
        int(parts[1])
        for parts in (w.split(".") for w in wanted)
        if len(parts) == 3 and all(p.isdigit() for p in parts)
    ]
    return f"{inverse}o.id IN (SELECT value FROM json_each(?))", [json.dumps(ids)]


def matches(constraints: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    """Decide the same in Python; the oracle for the SQL."""
    how, found = terms(constraints)
    held = [_holds(properties.get(key), name, value) for key, name, value in found]
    return all(held) if how == "AND" else (any(held) or not held)


def _holds(stored: Any, name: str, value: Any) -> bool:
    if name == "!=":
        return not _holds(stored, "==", value)
    if name == "in":
        return any(_holds(stored, "==", one) for one in value)
    if name == "not in":
        return not _holds(stored, "in", value)
    if value is None or stored is None:
        return name == "==" and value is None and stored is None
    if kind_of(stored) != kind_of(value):
        return False
    if kind_of(value) == "date":
        stored, value = stored["_date"], value["_date"]
    return _COMPARE[name](stored, value)


def keys(constraints: Mapping[str, Any]) -> Sequence[str]:
    """List the properties that are named."""
    return [key for key, _, _ in terms(constraints)[1]]
