"""System properties that are stored nowhere: sorted by, aggregated, and in a list of values."""

from __future__ import annotations

from typing import Any

from tests.contract.conftest import Client, vector


def test_what_is_counted_is_sorted_by_and_aggregated(ask: Client) -> None:
    """_count is as true in sort, sums and groups as where it is listed, also of entities."""
    for name, n in (("s", 2), ("t", 0), ("u", 3), ("v", 2)):
        ask({"AddDescriptorSet": {"name": name, "dimensions": 1}},
            *[{"AddDescriptor": {"set": name}}] * n, blobs=[vector(1)] * n)  # fmt: skip
    listed = {"results": {"list": ["_name", "_count"]}}
    for name in ("FindDescriptorSet", "FindEntity"):
        find: dict[str, Any] = {"with_class": "_DescriptorSet"} if name == "FindEntity" else {}
        down = [{"key": "_count", "order": "descending"}, "_name"]
        found = ask({name: {**find, **listed, "sort": down}})[0]["entities"]
        assert [one["_name"] for one in found] == ["u", "s", "v", "t"]
        assert [one["_count"] for one in found] == [3, 2, 2, 0]
        given = {"key": "_count", "sequence": [0, 3]}
        found = ask({name: {**find, **listed, "sort": given, "limit": 2}})[0]["entities"]
        assert [one["_name"] for one in found] == ["t", "u"]
        asked = dict.fromkeys(("sum", "average", "min", "max"), "_count")
        (found,) = ask({name: {**find, "results": asked}})
        assert found == {"_sum": {"_count": 7}, "_avg": {"_count": 1.75}, "_min": {"_count": 0},
                         "_max": {"_count": 3}, "returned": 0, "status": 0}  # fmt: skip
        (found,) = ask({name: {**find, "results": {"group": "_count"}}})
        groups = [(one["_count"], one["_group_count"]) for one in found["groups"]]
        assert groups == [(0, 1), (2, 2), (3, 1)]


def test_what_every_object_has_is_aggregated(ask: Client) -> None:
    """_create_txn, _uniqueid and a neighbour's _distance are there, also where they are listed."""
    for n in (2, 1):
        ask(*[{"AddEntity": {"class": "E", "properties": {"n": n}}}] * n)
    find = {"with_class": "E", "sort": "_uniqueid"}
    ids, *more = (
        ask({"FindEntity": {**find, "results": results}})[0]
        for results in (
            {"list": ["_create_txn", "_uniqueid"]},
            {"group": "_create_txn", "sum": "n"},
            {"group": ["_uniqueid"]},
            {"list": ["n"], "min": "_create_txn", "max": ["_create_txn"]},
        )
    )
    first, _, last = (one["_create_txn"] for one in ids["entities"])
    by_txn, by_id, listed = more
    assert by_txn["groups"] == [
        {"_create_txn": first, "_group_count": 2, "_group_sum": {"n": 4}},
        {"_create_txn": last, "_group_count": 1, "_group_sum": {"n": 1}},
    ]
    assert [one["_uniqueid"] for one in by_id["groups"]] == [
        one["_uniqueid"] for one in ids["entities"]
    ]
    assert (listed["_min"], listed["_max"]) == ({"_create_txn": first}, {"_create_txn": last})
    assert listed["entities"] == [{"n": 2}, {"n": 2}, {"n": 1}]
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    ask(*[{"AddDescriptor": {"set": "s"}}] * 3, blobs=[vector(n) for n in (1, 3, 7)])
    near = {"set": "s", "k_neighbors": 2, "results": {"sum": "_distance"}}
    assert ask({"FindDescriptor": near}, blobs=[vector(0)])[0]["_sum"] == {"_distance": 10}


def test_ids_in_a_sequence(ask: Client) -> None:
    """Objects come in the order of a list of their ids, connections also of their ends'."""
    ask(*[{"AddEntity": {"class": "E", "_ref": n, "properties": {"n": n}}} for n in (1, 2, 3)],
        *[{"AddConnection": {"class": "C", "src": n, "dst": 4 - n, "properties": {"n": n}}}
          for n in (1, 2, 3)])  # fmt: skip
    (found,) = ask({"FindEntity": {"with_class": "E", "uniqueids": True}})
    ids = [one["_uniqueid"] for one in found["entities"]]

    def order(name: str, sort: Any) -> list[int]:
        find = {name: {"sort": sort, "results": {"list": ["n"]}}}
        found = ask(find)[0]
        return [one["n"] for one in found["entities" if name == "FindEntity" else "connections"]]

    given = {"sequence": [ids[2], "none", ids[0], ids[1]]}
    assert order("FindEntity", {"key": "_uniqueid", **given}) == [3, 1, 2]
    assert order("FindConnection", {"key": "_src", **given}) == [3, 1, 2]
    assert order("FindConnection", {"key": "_dst", **given}) == [1, 3, 2]
    assert order("FindConnection", "_dst") == [3, 2, 1]
    assert order("FindConnection", {"key": "_uniqueid", "order": "descending"}) == [3, 2, 1]
