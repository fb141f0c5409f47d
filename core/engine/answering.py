"""From rows to an answer, in the shapes that were recorded from real servers.

`entities` is absent, not empty, when nothing is returned; `returned` counts what really is
returned, so it is 0 for a Find that only names a ref or counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.engine import finding
from core.engine.finding import Row
from core.engine.messages import SUCCESS, fail

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "average": lambda v: sum(v) / len(v),
    "min": min,
    "max": max,
}
_KEYS = {"sum": "_sum", "average": "_avg", "min": "_min", "max": "_max"}
_RESULTS = {
    "list",
    "all_properties",
    "count",
    "group",
    "sort",
    "limit",
    "offset",
    "group_by_source",
    *_KEYS,
}


@dataclass(frozen=True, slots=True)
class _Listing:
    """How one kind of object is listed."""

    hidden: Sequence[str]
    extra: Callable[[Row], dict[str, Any]] | None
    blob_of: Callable[[Row], bytes] | None


def find(
    tx: Transaction,
    body: Mapping[str, Any],
    class_: str | None,
    *,
    found: list[Row] | None = None,
    hidden: Sequence[str] = (),
    extra: Callable[[Row], dict[str, Any]] | None = None,
    blob_of: Callable[[Row], bytes] | None = None,
) -> dict[str, Any]:
    """Do what every Find does.

    Args:
        tx: the query that runs.
        body: the command's parameters.
        class_: of the objects; None is any.
        found: the rows, when the command chose them itself (nearest neighbours).
        hidden: properties that `all_properties` leaves out.
        extra: further keys for each listed entity, asked for by flags of the command.
        blob_of: reads a row's bytes, for `blobs: true`.
    """
    results = _checked_results(body)
    listing = _Listing(hidden, extra, blob_of)
    aggregates = [kind for kind in (*_KEYS, "group") if kind in results]
    counts = bool(results.get("count"))
    returns = _lists(body, listing) or bool(body.get("blobs"))
    if not (returns or aggregates or counts or "_ref" in body):
        raise fail("A Find must ask for something: results, blobs or _ref. Add one of them.")
    if _is_grouped(body) and (aggregates or counts):
        raise fail(
            "group_by_source cannot be joined with count or aggregates; ask for them in another "
            "Find."
        )
    answer: dict[str, Any] = {"returned": 0, "status": SUCCESS}
    if counts:
        answer["count"] = len(found) if found is not None else finding.count(tx, body, class_)
    needs_rows = returns or aggregates or "_ref" in body or body.get("unique")
    if found is None:
        found = finding.rows(tx, body, class_) if needs_rows else []
    tx.name(body, [row.id for row in found])
    for kind in aggregates:
        _aggregate(answer, kind, results[kind], [row.properties for row in found])
    if returns and found:
        answer |= _list(tx, body, found, listing)
    return answer


def _checked_results(body: Mapping[str, Any]) -> Mapping[str, Any]:
    results: Mapping[str, Any] = body.get("results") or {}
    for key in results:
        if key not in _RESULTS:
            raise fail(f"results has no member {key!r}; use one of {', '.join(sorted(_RESULTS))}.")
    return results


def _list(
    tx: Transaction, body: Mapping[str, Any], found: list[Row], listing: _Listing
) -> dict[str, Any]:
    entities = {row.id: entity(row, body, listing.hidden, listing.extra) for row in found}
    answer: dict[str, Any] = {"returned": len(found)}
    if body.get("blobs") and listing.blob_of is not None:
        answer["blobs_start"] = len(tx.blobs_out)
        for row in found:
            entities[row.id]["_blob_index"] = len(tx.blobs_out)
            tx.blobs_out.append(listing.blob_of(row))
    if not _lists(body, listing):
        return answer
    if _is_grouped(body):
        place = {row_id: n for n, row_id in enumerate(entities)}
        grouped = {
            finding.uniqueid(source): [entities[i] for i in sorted(members, key=place.__getitem__)]
            for source, members in finding.sources(tx, body, list(entities)).items()
        }
        return answer | {"entities": grouped, "group_by_source": True}
    return answer | {"entities": list(entities.values())}


def _lists(body: Mapping[str, Any], listing: _Listing) -> bool:
    results = body.get("results") or {}
    asked = results.get("list") or results.get("all_properties") or body.get("uniqueids")
    return bool(asked or listing.extra)


def _is_grouped(body: Mapping[str, Any]) -> bool:
    return bool(finding.option(body, "group_by_source")) and bool(finding.clauses(body))


def entity(
    row: Row,
    body: Mapping[str, Any],
    hidden: Sequence[str],
    extra: Callable[[Row], dict[str, Any]] | None,
) -> dict[str, Any]:
    """List one object's properties as the results ask; a listed one that is not set is null."""
    results = body.get("results") or {}
    listed: dict[str, Any] = {}
    if results.get("all_properties"):
        listed = {k: v for k, v in row.properties.items() if k not in hidden}
        listed["_uniqueid"] = row.uniqueid
    else:
        for key in results.get("list") or ():
            listed[key] = row.uniqueid if key == "_uniqueid" else row.properties.get(key)
    if body.get("uniqueids"):
        listed["_uniqueid"] = row.uniqueid
    if extra:
        listed.update(extra(row))
    return listed


def _aggregate(answer: dict[str, Any], kind: str, keys: Any, found: list[dict[str, Any]]) -> None:
    names = [keys] if isinstance(keys, str) else list(keys)
    if kind == "group":
        answer["groups"] = _groups(names, found)
        return
    answer[_KEYS[kind]] = {
        key: _AGGREGATES[kind](values) if values else None
        for key in names
        for values in [[p[key] for p in found if isinstance(p.get(key), int | float)]]
    }


def _groups(names: list[str], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    tally: dict[tuple[Any, ...], int] = {}
    for properties in found:
        value = tuple(properties.get(name) for name in names)
        tally[value] = tally.get(value, 0) + 1
    return [
        {**dict(zip(names, value, strict=True)), "_group_count": n}
        for value, n in sorted(
            tally.items(), key=lambda item: tuple((v is None, str(v)) for v in item[0])
        )
    ]


def sort_keys(value: Any) -> Any:
    """Sort every object's keys, as all recorded answers have them."""
    if isinstance(value, dict):
        return {key: sort_keys(value[key]) for key in sorted(value)}
    return [sort_keys(one) for one in value] if isinstance(value, list) else value
