"""From rows to an answer, in the shapes that were recorded from real servers.

`entities` is absent, not empty, when nothing is returned; `returned` counts what really is returned,
so it is 0 for a Find that only names a ref or counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.engine import finding
from core.engine.finding import Row
from core.engine.messages import SUCCESS, fail

if TYPE_CHECKING:
    from core.engine.transaction import Transaction

_AGGREGATES = {"sum": sum, "average": lambda v: sum(v) / len(v), "min": min, "max": max}
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
BlobOf = Callable[[Row], bytes]


def find(
    tx: Transaction,
    body: Mapping[str, Any],
    class_: str | None,
    *,
    found: list[Row] | None = None,
    hidden: Sequence[str] = (),
    extra: Callable[[Row], dict[str, Any]] | None = None,
    blob_of: BlobOf | None = None,
    lists_blob_index: bool = True,
) -> dict[str, Any]:
    """Do what every Find does.

    Args:
        found: the rows, when the command chose them itself (nearest neighbours).
        hidden: properties that `all_properties` leaves out.
        extra: further keys for each listed entity, asked for by flags of the command.
        blob_of: reads a row's bytes, for `blobs: true`.
        lists_blob_index: whether entities carry `_blob_index`; clips do not.
    """
    results = _checked_results(body)
    wants_blobs = bool(body.get("blobs"))
    listing = bool(
        results.get("list") or results.get("all_properties") or body.get("uniqueids") or extra
    )
    aggregates = [k for k in (*_KEYS, "group") if k in results]
    counting = bool(results.get("count"))
    if not (listing or wants_blobs or aggregates or counting or "_ref" in body):
        raise fail("A Find must ask for something: results, blobs or _ref. Add one of them.")
    grouped = bool(finding.option(body, "group_by_source")) and bool(finding.clauses(body))
    if grouped and (aggregates or counting):
        raise fail(
            "group_by_source cannot be joined with count or aggregates; ask for them in another Find."
        )
    answer: dict[str, Any] = {"returned": 0, "status": SUCCESS}
    if counting:
        answer["count"] = len(found) if found is not None else finding.count(tx, body, class_)
    if found is None and (
        listing or wants_blobs or aggregates or "_ref" in body or body.get("unique")
    ):
        found = finding.rows(tx, body, class_)
    found = found or []
    tx.name(body, [row.id for row in found])
    for kind in aggregates:
        _aggregate(answer, kind, results[kind], [row.properties for row in found])
    if (listing or wants_blobs) and found:
        _list(
            tx,
            body,
            answer,
            found,
            listing,
            grouped,
            wants_blobs,
            hidden,
            extra,
            blob_of,
            lists_blob_index,
        )
    return answer


def _checked_results(body: Mapping[str, Any]) -> Mapping[str, Any]:
    results: Mapping[str, Any] = body.get("results") or {}
    for key in results:
        if key not in _RESULTS:
            raise fail(f"results has no member {key!r}; use one of {', '.join(sorted(_RESULTS))}.")
    return results


def _list(
    tx, body, answer, found, listing, grouped, wants_blobs, hidden, extra, blob_of, lists_blob_index
) -> None:  # type: ignore[no-untyped-def]
    entities = {row.id: entity(row, body, hidden, extra) for row in found}
    if wants_blobs and blob_of is not None:
        answer["blobs_start"] = len(tx.blobs_out)
        for row in found:
            if lists_blob_index:
                entities[row.id]["_blob_index"] = len(tx.blobs_out)
            tx.blobs_out.append(blob_of(row))
    answer["returned"] = len(found)
    if not listing:
        return
    if grouped:
        by_source = finding.sources(tx, body, list(entities))
        answer["entities"] = {
            finding.uniqueid(source): [entities[i] for i in entities if i in set(members)]
            for source, members in sorted(by_source.items())
        }
        answer["group_by_source"] = True
    else:
        answer["entities"] = list(entities.values())


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
        key: _AGGREGATES[kind](values) if values else None  # type: ignore[operator]
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
