"""How the naive twin finds, sorts, cuts, groups and lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.property.naive_aggregates import aggregated
from tests.property.naive_grammar import AGGREGATES
from tests.property.naive_order import option, ordered
from tests.property.naive_state import State, Thing
from tests.property.naive_values import SYSTEM, RefusedError, holds, need

Body = Mapping[str, Any]


@dataclass
class Search:
    """One Find: which things, and how they are listed."""

    body: Body
    class_: str | None
    which: Callable[[Thing], bool]
    family: str = "entity"
    hidden: tuple[str, ...] = ()
    more: Callable[[Thing], dict[str, Any]] | None = None
    nearest: list[Thing] | None = None  # the winners, when neighbours were asked for
    key: str = "entities"


@dataclass
class Query:
    """One query while it runs."""

    state: State
    refs: dict[int, tuple[str, list[int]]] = field(default_factory=dict)
    blobs_in: list[bytes] = field(default_factory=list)
    blobs_out: list[bytes] = field(default_factory=list)
    snapshots: dict[str, list[tuple[int, float | None]]] = field(default_factory=dict)
    identity: str = ""  # of the query up to the command that runs

    def ref(self, number: int, family: str = "entity") -> list[int]:
        """Give what an earlier command named."""
        need(number in self.refs and self.refs[number][0] == family)
        return self.refs[number][1]

    def name(self, body: Body, ids: list[int], family: str = "entity") -> None:
        """Keep a result under the command's `_ref`."""
        if "_ref" in body:
            need(body["_ref"] not in self.refs)
            self.refs[body["_ref"]] = (family, list(ids))


# -- connections -------------------------------------------------------------------------------


def _clauses(body: Body) -> tuple[str, list[Body]]:
    said = body.get("is_connected_to") or {}
    how = "any" if "any" in said else "all"
    return how, said.get(how) or ([said] if said else [])


def _pairs(query: Query, clause: Body) -> set[tuple[int, int]]:
    """Give (source, wanted) for each link that a clause names; "out" leaves the source."""
    sources = set(query.ref(clause["ref"]))
    found = set()
    for class_, src, dst, known in query.state.links():
        if clause.get("connection_class", class_) != class_:
            continue
        if class_ not in clause.get("classes", {class_}):
            continue
        if not holds(clause.get("constraints", {}), known):
            continue
        if clause.get("direction") != "in":
            found |= {(src, dst)} if src in sources else set()
        if clause.get("direction") != "out":
            found |= {(dst, src)} if dst in sources else set()
    return found


def _of_video(body: Body) -> list[Body]:
    return [{"ref": body["video_ref"], "classes": SYSTEM}] if "video_ref" in body else []


def reachable(query: Query, body: Body) -> Callable[[Thing], bool]:
    """Give what is_connected_to and video_ref say of a thing."""
    how, clauses = _clauses(body)
    parts = [{wanted for _, wanted in _pairs(query, one)} for one in clauses]
    ours = [{wanted for _, wanted in _pairs(query, one)} for one in _of_video(body)]
    joined = any if how == "any" else all
    return lambda thing: (
        all(thing.id in part for part in ours)
        and (not parts or joined(thing.id in part for part in parts))
    )


def _sources(query: Query, body: Body, found: list[Thing]) -> dict[int, list[Thing]]:
    pairs = {pair for one in _clauses(body)[1] + _of_video(body) for pair in _pairs(query, one)}
    sources = sorted({source for source, _ in pairs})
    grouped = {at: [one for one in found if (at, one.id) in pairs] for at in sources}
    return {at: some for at, some in grouped.items() if some}


def found_by(query: Query, search: Search) -> tuple[list[Thing], int]:
    """Give what a Find finds, sorted and cut, and how many there were before the cut."""
    body = search.body
    things = search.nearest
    if things is None:
        is_reached = reachable(query, body)
        things = [
            one
            for one in query.state.things[search.family].values()
            if search.which(one)
            and holds(body.get("constraints", {}), query.state.known(one))
            and is_reached(one)
        ]
    sort = option(body, "sort")
    if search.nearest is None or sort:
        things = ordered(query.state, things, sort)
    start, limit = option(body, "offset") or 0, option(body, "limit")
    cut = things[start:] if limit is None else things[start : start + limit]
    if body.get("unique") and len(cut) > 1:
        raise RefusedError(3)
    return cut, len(things)


# -- the answer --------------------------------------------------------------------------------


def find(query: Query, search: Search) -> dict[str, Any]:
    """Do what every Find does."""
    body, results = search.body, search.body.get("results", {})
    lists = bool(
        results.get("list") or results.get("all_properties") or body.get("uniqueids") or search.more
    )
    returns = lists or bool(body.get("blobs"))
    aggregates = [kind for kind in (*AGGREGATES, "group") if kind in results]
    need(returns or "results" in body or "_ref" in body or "batch" in body)
    is_grouped = option(body, "group_by_source") and (_clauses(body)[1] or _of_video(body))
    if is_grouped:
        need(not (aggregates or results.get("count") or "batch" in body))
    answer: dict[str, Any] = {"status": 0, "returned": 0}
    if "batch" in body:
        found, n_all, answer["batch"] = _page(query, search)
    else:
        found, n_all = found_by(query, search)
    query.name(body, [one.id for one in found], search.family)
    if results.get("count"):
        answer["count"] = n_all
    answer |= aggregated(results, [_known(query, search, one) for one in found])
    if not (returns and found):
        return answer
    answer["returned"] = len(found)
    entities = {one.id: _entity(query, search, one) for one in found}
    if body.get("blobs"):
        answer["blobs_start"] = len(query.blobs_out)
        for one in found:
            entities[one.id]["_blob_index"] = len(query.blobs_out)
            if one.blob is None:
                raise RefusedError
            query.blobs_out.append(one.blob)
    if lists and is_grouped:
        by_source = _sources(query, body, found).items()
        answer["entities"] = {f"1.{at}.0": [entities[i.id] for i in some] for at, some in by_source}
        answer["group_by_source"] = True
    elif lists:
        answer[search.key] = list(entities.values())
    return answer


def _stored(query: Query, search: Search, one: Thing) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if search.family == "connection":
        more = {"_src": f"1.{one.ends[0]}.0", "_dst": f"1.{one.ends[1]}.0"}
    if one.class_ == "_DescriptorSet":
        more["_count"] = len(query.state.members(one.id))
    return one.properties | more


def _known(query: Query, search: Search, one: Thing) -> dict[str, Any]:
    """Give all that can be listed by name."""
    known = query.state.known(one) | _stored(query, search, one)
    return known if one.distance is None else known | {"_distance": one.distance}


def _entity(query: Query, search: Search, one: Thing) -> dict[str, Any]:
    results = search.body.get("results", {})
    known = _known(query, search, one)
    if results.get("all_properties"):
        hidden = (*search.hidden, "_create_txn", "_distance")
        listed = {key: value for key, value in known.items() if key not in hidden}
    else:
        listed = {key: known.get(key) for key in results.get("list", ())}
    if search.body.get("uniqueids"):
        listed["_uniqueid"] = one.uniqueid
    return listed | (search.more(one) if search.more else {})


def _page(query: Query, search: Search) -> tuple[list[Thing], int, dict[str, int]]:
    said = search.body["batch"]
    if query.identity not in query.snapshots:
        found, _ = found_by(query, search)
        query.snapshots[query.identity] = [(one.id, one.distance) for one in found]
    all_ = query.snapshots[query.identity]
    n, start, stop = len(all_), 0, 0
    if "range" in said:
        start, stop = said["range"]
    elif "batch_size" in said:
        start = said["batch_id"] * said["batch_size"]
        stop = start + said["batch_size"]
    elif "batches" in said:
        bounds = [n // said["batches"] * i for i in range(said["batches"])] + [n]
        at = said["batch_id"]
        start, stop = bounds[at : at + 2] if at < said["batches"] else (n, n)
    start, stop = min(start, n), min(stop, n)
    things = query.state.things[search.family]
    page = []
    for i, distance in all_[start:stop]:
        if i in things and search.class_ in (None, things[i].class_):
            things[i].distance = distance
            page.append(things[i])
    named = {"batch_id": said["batch_id"]} if "batch_id" in said else {}
    return page, n, {"total_elements": n, "start": start, "end": stop, **named}
