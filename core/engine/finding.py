"""From the shared parameters of a Find to rows: constraints, connections, sort, limit.

Objects and connections are found alike; what differs is in `Table`. Knows no command.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.engine import constraints, links, narrowing, sorting, sql
from core.engine import messages as say
from core.engine.links import among
from core.engine.messages import NOT_UNIQUE, fail
from core.engine.sql import CONNECTION_FAMILY, OBJECT_FAMILY, Condition, literal, uniqueid
from core.engine.values import path

if TYPE_CHECKING:
    from core.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Table:
    """Where rows lie, and the first number of their `_uniqueid`."""

    name: str
    kind: str  # as indexes and types of properties are told apart
    columns: str
    family: int


OBJECTS = Table("objects", "entity", "o.file, o.url", OBJECT_FAMILY)
CONNECTIONS = Table("connections", "connection", "o.src, o.dst", CONNECTION_FAMILY)
_FEW = 8  # values that SQLite picks out of the properties; more are read whole
_ID_BYTES = 32  # of {"_uniqueid": "1.1000000.0"}, which any entity may list


@dataclass(slots=True)
class Row:
    """One object or connection that was found."""

    id: int
    class_: str
    properties: dict[str, Any]
    uniqueid: str
    create_txn: int
    file: str | None = None  # of a video's bytes, within the folder of videos
    url: str | None = None  # of a video that was added by reference
    distance: float | None = None  # from the query of a nearest-neighbour search
    n_bytes: int = 0  # about how much listing it takes


@dataclass(frozen=True, slots=True)
class Found:
    """Rows as they are listed, and how many there are when limit and offset play no part.

    `ids` names them where nothing but that is wanted, and the rows were not read.
    """

    rows: list[Row]
    n_all: int
    ids: list[int] | None = None


# -- conditions --------------------------------------------------------------------------------


def where(
    tx: Transaction, body: Mapping[str, Any], class_: str | None, *,
    also: Sequence[Condition] = (), table: Table = OBJECTS,
) -> Condition:  # fmt: skip
    """Build the condition on rows `o` that a command asks for.

    Args:
        tx: the query that runs.
        body: the command's parameters.
        class_: of the rows; None is any.
        also: what the command's own parameters mean.
        table: where the rows are.
    """
    found: list[Condition] = []
    if class_ is not None:
        # A literal, not a parameter: partial indexes are chosen by what the text says.
        found.append((f"o.class={literal(class_)}", []))
    if "constraints" in body:
        node = constraints.parse(body["constraints"])
        by = class_ and narrowing.narrowest(tx, node, table.name, table.kind, class_)
        found.append(sql.condition(node, family=table.family, only_by=by))
    found += also
    found += links.conditions(tx, body)
    text = " AND ".join(part for part, _ in found) or "1"
    return text, [value for _, values in found for value in values]


# -- rows --------------------------------------------------------------------------------------


def option(body: Mapping[str, Any], key: str) -> Any:
    """Read sort, limit or group_by_source from the command or, as older clients do, its results."""
    return body.get(key, (body.get("results") or {}).get(key))


def rows(
    tx: Transaction, body: Mapping[str, Any], class_: str | None, *,
    also: Sequence[Condition] = (), table: Table = OBJECTS, is_listed: bool = False,
) -> list[Row]:  # fmt: skip
    """Find rows, sorted and cut as the command asks.

    Args:
        tx: the query that runs.
        body: the command's parameters.
        class_: of the rows; None is any.
        also: what the command's own parameters mean.
        table: where the rows are.
        is_listed: they go into the answer, which has a largest size.

    Raises:
        QueryFailedError: they have more properties than a query may list.
    """
    columns = f"o.id, o.class, o.properties, o.create_txn, {table.columns}"
    result = []
    for row_id, class_of, text, *more in _select(tx, columns, body, class_, also, table):
        row = _row(table, row_id, class_of, json.loads(text), *more)
        row.n_bytes = len(text) + _ID_BYTES
        if is_listed:
            tx.make_room_to_list(row.n_bytes)
        result.append(row)
    check_unique(tx, body, result)
    return result


def ids(
    tx: Transaction, body: Mapping[str, Any], class_: str | None, *,
    also: Sequence[Condition] = (), table: Table = OBJECTS,
) -> list[int]:  # fmt: skip
    """Find what `rows` finds, but only which: of a million that is a hundredth of the memory."""
    found = [row_id for (row_id,) in _select(tx, "o.id", body, class_, also, table)]
    check_unique(tx, body, found)
    return found


def values_of(
    tx: Transaction, body: Mapping[str, Any], class_: str | None, names: Collection[str], *,
    also: Sequence[Condition] = (), table: Table = OBJECTS,
) -> list[Row]:  # fmt: skip
    """Find what `rows` finds, however many, and keep of their properties only these."""
    keys = list(names)
    listed = _listed(keys) if 0 < len(keys) <= _FEW else None
    columns = f"o.id, o.class, {listed or 'o.properties'}, o.create_txn, {table.columns}"
    result = []
    for row_id, class_of, text, *more in _select(tx, columns, body, class_, also, table):
        known = json.loads(text)
        values = zip(keys, known, strict=False) if listed else known.items()
        few = {key: value for key, value in values if key in names and value is not None}
        result.append(_row(table, row_id, class_of, few, *more))
    check_unique(tx, body, result)
    return result


def _listed(keys: Sequence[str]) -> str:
    """Let SQLite read some values; of a video's forty properties Python reads all or none."""
    # Of two paths or more it makes a list, which keeps the types, so there are always two.
    paths = ",".join(literal(path(key)) for key in [*keys, keys[0]])
    return f"json_extract(o.properties,{paths})"


def _select(
    tx: Transaction, columns: str, body: Mapping[str, Any], class_: str | None,
    also: Sequence[Condition], table: Table,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    text, values = where(tx, body, class_, also=also, table=table)
    by, more = sorting.order(option(body, "sort"), table.family, narrowed="constraints" in body)
    limit, offset = option(body, "limit"), option(body, "offset")
    return tx.db.execute(
        f"SELECT {columns} FROM {table.name} o WHERE {text} ORDER BY {by} LIMIT ? OFFSET ?",
        [*values, *more, -1 if limit is None else limit, offset or 0],
    )


def _row(
    table: Table, row_id: int, class_: str, properties: dict[str, Any], create_txn: int,
    first: Any, second: Any,
) -> Row:  # fmt: skip
    row = Row(row_id, class_, properties, uniqueid(row_id, table.family), create_txn)
    if table is CONNECTIONS:
        row.properties |= {"_src": uniqueid(first), "_dst": uniqueid(second)}
    else:
        row.file, row.url = first, second
    return row


def check_unique(tx: Transaction, body: Mapping[str, Any], found: Sequence[Any]) -> None:
    """Fail where the command asked for one object at most and there are more."""
    if body.get("unique") and len(found) > 1:
        raise fail(say.NOT_UNIQUE_TEXT, status=NOT_UNIQUE, index=tx.index, n_found=len(found))


def count(
    tx: Transaction, body: Mapping[str, Any], class_: str | None, *,
    also: Sequence[Condition] = (), table: Table = OBJECTS,
) -> int:  # fmt: skip
    """Count what matches; limit and offset play no part."""
    text, values = where(tx, body, class_, also=also, table=table)
    found = tx.db.execute(f"SELECT count(*) FROM {table.name} o WHERE {text}", values).fetchone()
    return int(found[0])


def chosen(
    tx: Transaction, body: Mapping[str, Any], class_: str | None, *,
    place: str, also: Sequence[Condition] = (), table: Table = OBJECTS,
) -> list[int]:  # fmt: skip
    """Give the rows that an Update or Delete means: its ref, and then nothing else counts.

    Raises:
        QueryFailedError: the ref names objects of another class.
    """
    if "ref" not in body:
        return ids(tx, _constraints(body), class_, also=also, table=table)
    named = tx.ref(body["ref"], place, connections=table is CONNECTIONS)
    here, bound = among(named)
    other = tx.db.execute(
        f"SELECT class FROM {table.name} WHERE id {here} AND class<>?", (bound, class_)
    ).fetchone()
    if other:
        raise fail(
            say.REF_OF_WRONG_CLASS,
            number=body["ref"], class_=other[0], place=place, wanted=class_,
        )  # fmt: skip
    return named


def _constraints(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"constraints": body["constraints"]} if "constraints" in body else {}
