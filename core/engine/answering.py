"""From rows to an answer, in the shapes that were recorded from real servers.

`entities` is absent, not empty, when nothing is returned; `returned` counts what really is
returned, so it is 0 for a Find that only names a ref or counts. That a searched class or property
does not exist is answered like any other search without a match, status 0 (the server may say 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from core.engine import batches, computed, finding, links
from core.engine import messages as say
from core.engine.aggregates import AGGREGATES, aggregate, names
from core.engine.batches import Snapshot
from core.engine.finding import OBJECTS, Found, Row, Table
from core.engine.messages import SUCCESS, fail
from core.engine.positions import POSITION
from core.engine.sql import Condition, uniqueid

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """How one kind of object is listed.

    `hidden` are properties that `all_properties` leaves out, `more` gives further keys for each
    entity because a flag of the command asks for them, `blobs_of` gives the bytes of rows in their
    order, and `is_sliced` says that clients find those by `blobs_start` alone, as recorded of
    FindClip.
    """

    key: str = "entities"
    hidden: Sequence[str] = ()
    more: Callable[[Row], Properties] | None = None
    blobs_of: Callable[[Sequence[Row]], Iterable[bytes]] | None = None
    is_sliced: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows: the command's class, its own conditions, its table."""

    class_: str | None
    also: Sequence[Condition] = field(default_factory=tuple)
    table: Table = OBJECTS


_PLAIN = Shape()
_FIRST = itemgetter(0)


def find(
    tx: Transaction, body: Mapping[str, Any], choice: Choice, shape: Shape = _PLAIN,
    found: Found | None = None,
) -> Properties:  # fmt: skip
    """Do what every Find does.

    Args:
        tx: the query that runs.
        body: the command's parameters.
        choice: which rows are meant.
        shape: how they are listed.
        found: the rows, when the command chose them itself (nearest neighbours).

    Raises:
        QueryFailedError: it asks for nothing, or for things that exclude each other.
    """
    results = body.get("results") or {}
    aggregates = {kind: names(results[kind]) for kind in (*AGGREGATES, "group") if kind in results}
    counts, returns = bool(results.get("count")), _lists(body, shape) or bool(body.get("blobs"))
    # An empty `results` asks, too: the client's own tests send nothing but a limit in it.
    if not (returns or "results" in body or "_ref" in body or "batch" in body):
        raise fail(say.NOTHING_ASKED, place="A Find")
    if _is_grouped(body):
        _check_grouped(body, aggregates=bool(aggregates or counts))
    answer: Properties = {"returned": 0, "status": SUCCESS}
    if "batch" in body:
        found, answer["batch"] = _page(tx, body, choice, found)
    elif found is None:
        found = _found(tx, body, choice, aggregates, counts=counts, returns=returns)
    named = {name for some in aggregates.values() for name in some}
    if _lists_all(body) or "_count" in {*named, *_listed(body)}:
        computed.count_members(tx, found.rows)
    ids = [row.id for row in found.rows] if found.ids is None else found.ids
    tx.name(body, ids, connections=choice.table is not OBJECTS)
    if counts:
        answer["count"] = found.n_all
    answer |= aggregate(aggregates, computed.known_of(found.rows, named))
    if returns and found.rows:
        answer |= _list(tx, body, found.rows, shape)
    return answer


def _found(
    tx: Transaction, body: Mapping[str, Any], choice: Choice,
    aggregates: Mapping[str, list[str]], *, counts: bool, returns: bool,
) -> Found:  # fmt: skip
    """Read of what is found as much as is asked for: everything, some values, or only which."""
    which: Any = {"also": choice.also, "table": choice.table}
    n_all = finding.count(tx, body, choice.class_, **which) if counts else 0
    if returns:
        return Found(finding.rows(tx, body, choice.class_, **which, is_listed=True), n_all)
    if aggregates:
        names_ = {name for some in aggregates.values() for name in some}
        return Found(finding.values_of(tx, body, choice.class_, names_, **which), n_all)
    # Asked for nothing, they are found all the same: what is wrong with the search is said.
    if not counts or "_ref" in body or body.get("unique"):
        return Found([], n_all, finding.ids(tx, body, choice.class_, **which))
    return Found([], n_all)


def _check_grouped(body: Mapping[str, Any], *, aggregates: bool) -> None:
    if aggregates:
        raise fail(say.GROUPED_AGGREGATE)
    if "batch" in body:
        raise fail(say.GROUPED_BATCH)


def _page(
    tx: Transaction, body: Mapping[str, Any], choice: Choice, found: Found | None
) -> tuple[Found, dict[str, int]]:
    """Cut the slice that `batch` asks for out of what the first such query found."""
    near = tx.snapshot()
    if near is None:
        which: Any = {"also": choice.also, "table": choice.table}
        near = (
            Snapshot.of((row.id, row.distance) for row in found.rows) if found
            else Snapshot.of_ids(finding.ids(tx, body, choice.class_, **which))
        )  # fmt: skip
        tx.keep_snapshot(near)
    n_all = len(near.ids)
    page = batches.page(body["batch"], n_all)
    wanted = near.cut(page.start, page.end)
    here, bound = links.among(list(wanted))
    # Read anew: one may have been changed since, or deleted, by this very client.
    also: list[Condition] = [(f"o.id {here}", [bound])]
    rows = finding.rows(tx, {}, choice.class_, also=also, table=choice.table, is_listed=True)
    for row in rows:
        row.distance = wanted[row.id]
    place = {row_id: n for n, row_id in enumerate(wanted)}
    return Found(sorted(rows, key=lambda row: place[row.id]), n_all), page.answer()


# -- listing -----------------------------------------------------------------------------------


def _lists(body: Mapping[str, Any], shape: Shape) -> bool:
    return bool(_listed(body) or _lists_all(body) or body.get("uniqueids") or shape.more)


def _listed(body: Mapping[str, Any]) -> Sequence[str]:
    return (body.get("results") or {}).get("list") or ()


def _lists_all(body: Mapping[str, Any]) -> bool:
    return bool((body.get("results") or {}).get("all_properties"))


def _is_grouped(body: Mapping[str, Any]) -> bool:
    return bool(finding.option(body, "group_by_source")) and bool(links.clauses(body))


def _list(tx: Transaction, body: Mapping[str, Any], found: list[Row], shape: Shape) -> Properties:
    entities = {row.id: _entity(row, body, shape) for row in found}
    answer: Properties = {"returned": len(found)}
    if body.get("blobs") and shape.blobs_of is not None:
        answer["blobs_start"] = len(tx.blobs_out)
        for row, blob in zip(found, shape.blobs_of(found), strict=True):
            if not shape.is_sliced or _is_grouped(body):
                entities[row.id]["_blob_index"] = len(tx.blobs_out)
            tx.blobs_out.append(blob)
    if not _lists(body, shape):
        return answer
    if _is_grouped(body):
        by_source = links.sources(tx, body, list(entities))
        _check_repeated(tx, found, by_source)
        grouped = {uniqueid(at): [entities[i] for i in ids] for at, ids in by_source.items()}
        return answer | {shape.key: grouped, "group_by_source": True}
    return answer | {shape.key: list(entities.values())}


def _check_repeated(
    tx: Transaction, found: Sequence[Row], by_source: Mapping[int, Sequence[int]]
) -> None:
    """Count each entity once more for each further source that lists it."""
    n_bytes = {row.id: row.n_bytes for row in found}
    n_all = sum(n_bytes[row_id] for ids in by_source.values() for row_id in ids)
    tx.make_room_to_list(max(0, n_all - sum(n_bytes.values())))


def _entity(row: Row, body: Mapping[str, Any], shape: Shape) -> Properties:
    """List what the results ask of one row; a listed property that is not set is null."""
    known = computed.known(row)
    if _lists_all(body):
        hidden = {*shape.hidden, "_distance", "_create_txn", POSITION}
        listed = {key: value for key, value in known.items() if key not in hidden}
    else:
        listed = {key: known.get(key) for key in _listed(body)}
    if body.get("uniqueids"):
        listed["_uniqueid"] = row.uniqueid
    return listed | (shape.more(row) if shape.more else {})


def sort_keys(value: Any, known: dict[int, Properties] | None = None) -> Any:
    """Sort every object's keys, as all recorded answers have them.

    One that is listed again and again, as the video of a hundred clips is, is sorted once and
    copied. `known` are those of this answer by their identity.
    """
    known = {} if known is None else known
    if isinstance(value, dict):
        if id(value) not in known:
            # Most values are neither, and a search lists thousands.
            known[id(value)] = {
                key: sort_keys(one, known) if isinstance(one, (dict, list)) else one
                for key, one in sorted(value.items(), key=_FIRST)
            }
            return known[id(value)]
        return known[id(value)].copy()
    return [sort_keys(one, known) for one in value] if isinstance(value, list) else value
