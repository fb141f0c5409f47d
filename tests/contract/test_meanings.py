"""What the shared parameters mean where an engine could easily get them wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Client

VIDEO = {"AddVideo": {"_ref": 1, "properties": {"name": "film"}}}


@pytest.fixture
def numbers(ask: Client) -> Client:
    """Entities of class N: n is 0 to 11, half of it as `half`, and `even` where it is."""
    ask(*[{"AddEntity": {"class": "N", "properties": {"n": n, "half": n / 2, "third": n % 3,
                                                      **({"even": True} if n % 2 == 0 else {})}}}
          for n in range(12)])  # fmt: skip
    return ask


def listed(ask: Client, **more: Any) -> list[Any]:
    """The n of the entities that a FindEntity returns."""
    results = {"list": ["n"], **more.pop("results", {})}
    (found,) = ask({"FindEntity": {"with_class": "N", "results": results, **more}})
    return [entity["n"] for entity in found.get("entities", [])]


# -- sort, limit, offset -----------------------------------------------------------------------

DOWN = {"key": "n", "order": "descending"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"sort": "half", "limit": 2}, [0, 1]),
        ({"sort": DOWN, "limit": 2}, [11, 10]),
        ({"sort": [{"key": "third"}, DOWN], "limit": 5}, [9, 6, 3, 0, 10]),
        ({"sort": DOWN, "limit": 2, "offset": 3}, [8, 7]),
        ({"offset": 10}, [10, 11]),
        ({"limit": 0}, []),
        ({"results": {"sort": DOWN, "limit": 1, "offset": 1}}, [10]),  # where older clients put it
        ({"sort": {"key": "n", "sequence": [5, 3, 4]}, "limit": 4}, [5, 3, 4, 0]),
        ({"sort": {"key": "even"}, "limit": 1}, [1]),  # without the key first
    ],
)
def test_order_and_cut(numbers: Client, more: dict[str, Any], expected: list[int]) -> None:
    """Every form of sort, limit and offset, at the command or within its results."""
    assert listed(numbers, **more) == expected


def test_a_limit_does_not_lower_the_count(numbers: Client) -> None:
    """`count` is of all that matches, also beside a list."""
    find = {"with_class": "N", "constraints": {"n": [">", 1]}, "limit": 3}
    (found,) = numbers({"FindEntity": {**find, "results": {"list": ["n"], "count": True}}})
    assert (found["count"], found["returned"]) == (10, 3)


def test_a_ref_names_what_was_cut_and_sorted(numbers: Client) -> None:
    """Later commands get what limit left."""
    _, deleted = numbers({"FindEntity": {"with_class": "N", "_ref": 1, "sort": DOWN, "limit": 4}},
                         {"DeleteEntity": {"ref": 1}})  # fmt: skip
    assert deleted == {"count": 4, "status": 0}
    assert listed(numbers) == list(range(8))


# -- aggregates --------------------------------------------------------------------------------


def test_groups_with_their_own_aggregates(numbers: Client) -> None:
    """Groups come in ascending order of value, numbers as numbers, each with its aggregates."""
    find = {"with_class": "N", "constraints": {"n": [">=", 2]}}
    results = {"group": ["n"], "average": "half"}
    (found,) = numbers({"FindEntity": {**find, "results": results}})
    assert [group["n"] for group in found["groups"]] == list(range(2, 12))
    results = {"group": "third", "average": "n", "min": ["n"], "max": "n", "sum": "n"}
    (found,) = numbers({"FindEntity": {**find, "results": results}})
    assert found == {
        "groups": [
            {"_group_avg": {"n": 6}, "_group_count": 3, "_group_max": {"n": 9},
             "_group_min": {"n": 3}, "_group_sum": {"n": 18}, "third": 0},
            {"_group_avg": {"n": 7}, "_group_count": 3, "_group_max": {"n": 10},
             "_group_min": {"n": 4}, "_group_sum": {"n": 21}, "third": 1},
            {"_group_avg": {"n": 6.5}, "_group_count": 4, "_group_max": {"n": 11},
             "_group_min": {"n": 2}, "_group_sum": {"n": 26}, "third": 2},
        ],
        "returned": 0, "status": 0,
    }  # fmt: skip


def test_aggregates_of_what_has_no_numbers(ask: Client) -> None:
    """Booleans are not summed, a property that nothing has is null, dates have an average."""
    for day in (1, 3):
        at = {"_date": f"2026-01-0{day}T00:00:00Z"}
        ask({"AddEntity": {"class": "D", "properties": {"at": at, "flag": True}}})
    results = {"average": ["at", "flag", "none"], "sum": "flag"}
    (found,) = ask({"FindEntity": {"with_class": "D", "results": results}})
    middle = {"_date": "2026-01-02T00:00:00.000000+00:00"}
    assert found["_avg"] == {"at": middle, "flag": None, "none": None}
    assert found["_sum"] == {"flag": None}


# -- names and values --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clé", "日本", "it's", "a.b", "a b", "$x", "😀", "n[0]"])
def test_names_beyond_ascii_are_found_again(ask: Client, name: str) -> None:
    """A property of any allowed name is stored, found, sorted by, indexed, changed and removed."""
    properties = {name: "déjà 'vu' 😀"}
    ask({"AddEntity": {"class": "Ort", "properties": properties}})
    ask({"CreateIndex": {"index_type": "entity", "class": "Ort", "property_key": name}})
    find = {"with_class": "Ort", "constraints": {name: ["==", "déjà 'vu' 😀"]}, "sort": name}
    (found,) = ask({"FindEntity": {**find, "results": {"list": [name]}}})
    assert found["entities"] == [properties]
    assert ask({"UpdateEntity": {"with_class": "Ort", "constraints": find["constraints"],
                                 "remove_props": name}})[0]["count"] == 1  # fmt: skip
    (found,) = ask({"FindEntity": {**find, "results": {"count": True}}})
    assert found["count"] == 0


def test_numbers_come_back_as_they_went(ask: Client) -> None:
    """Whole numbers of 64 bits and floats of any size keep every digit."""
    values = {
        "a": 2**63 - 1,
        "b": -(2**63),
        "c": 0.1 + 0.2,
        "d": 5e-324,
        "e": 1.7976931348623157e308,
    }
    ask({"AddEntity": {"class": "V", "properties": values}})
    for key, value in values.items():
        find = {"with_class": "V", "constraints": {key: ["==", value]}, "results": {"list": [key]}}
        (found,) = ask({"FindEntity": find})
        assert found["entities"] == [{key: value}]


def test_types_of_objects_and_connections_are_their_own(ask: Client) -> None:
    """A class of connections may share its name with a class of objects, with other types."""
    likes = {"class": "Likes", "src": 1, "dst": 1, "properties": {"x": "much"}}
    ask(
        {"AddEntity": {"class": "Likes", "properties": {"x": 1}, "_ref": 1}},
        {"AddConnection": likes},
    )
    (schema,) = ask({"GetSchema": {}})
    assert schema["entities"]["classes"]["Likes"]["properties"] == {"x": [1, False, "Number"]}
    edges = schema["connections"]["classes"]["Likes"]
    assert edges == [{"dst": "Likes", "matched": 1, "properties": {"x": [1, False, "String"]},
                      "src": "Likes"}]  # fmt: skip


# -- refs --------------------------------------------------------------------------------------


def test_a_ref_keeps_its_class(ask: Client) -> None:
    """A Delete or Update by a ref to something else fails and changes nothing."""
    ask(VIDEO, blobs=[b"film"])
    ask({"FindVideo": {"_ref": 1}},
        {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 0, "stop": 9}}})  # fmt: skip
    clips = {"FindClip": {"_ref": 1}}
    of_a_clip = {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 0, "stop": 9}}}
    for wrong in ({"DeleteVideo": {"ref": 1}}, {"UpdateVideo": {"ref": 1}}, of_a_clip):
        ask.failing(clips, wrong, words="_Clip")
    ask.failing(clips, {"DeleteConnection": {"ref": 1}}, words="objects")
    assert ask({"FindClip": {"results": {"count": True}}})[0]["count"] == 1


def test_a_ref_is_spent_by_a_delete(ask: Client) -> None:
    """Neither the ref nor another name of the same object can be used after its deletion."""
    ask({"AddEntity": {"class": "A"}})
    find, again = {"FindEntity": {"_ref": 1}}, {"FindEntity": {"_ref": 2}}
    gone = {"DeleteEntity": {"ref": 1}}
    use = {"AddEntity": {"class": "B", "connect": {"ref": 1}}}
    ask.failing(find, gone, use, words="deleted")
    use["AddEntity"]["connect"] = {"ref": 2}  # type: ignore[index]
    ask.failing(find, again, gone, use, words="deleted")


def test_empty_refs_are_harmless(ask: Client) -> None:
    """What starts from nothing finds, changes and deletes nothing."""
    none = {"FindVideo": {"_ref": 1, "constraints": {"name": ["==", "none"]}}}
    clips = {"FindClip": {"_ref": 2, "video_ref": 1}}
    answers = ask(none, clips, {"DeleteClip": {"ref": 2}}, {"UpdateVideo": {"ref": 1}},
                  {"FindClip": {"is_connected_to": {"ref": 1}, "group_by_source": True,
                                "uniqueids": True}})  # fmt: skip
    assert answers[2:] == [{"count": 0, "status": 0}] * 2 + [{"returned": 0, "status": 0}]


def test_one_new_object_is_connected_to_each_of_a_ref(ask: Client) -> None:
    """`connect` makes an edge to every object named, in the direction said."""
    ask(*[{"AddEntity": {"class": "T", "properties": {"n": n}}} for n in range(3)])
    connect = {"ref": 1, "class": "Of", "direction": "in", "properties": {"w": 2}}
    ask({"FindEntity": {"with_class": "T", "_ref": 1}},
        {"AddEntity": {"class": "Hub", "connect": connect}})  # fmt: skip
    hub, found, edges = ask(
        {"FindEntity": {"with_class": "Hub", "_ref": 1, "uniqueids": True}},
        {"FindEntity": {"is_connected_to": {"ref": 1, "direction": "in", "connection_class": "Of",
                                            "constraints": {"w": ["==", 2]}},
                        "results": {"list": ["n"]}}},
        {"FindConnection": {"dst": 1, "results": {"list": ["_dst", "w"]}}},
    )  # fmt: skip
    assert sorted(entity["n"] for entity in found["entities"]) == [0, 1, 2]
    ends = {"_dst": hub["entities"][0]["_uniqueid"], "w": 2}
    assert edges["connections"] == [ends] * 3


def test_connected_to_all_or_any(ask: Client) -> None:
    """`all` is connected to something of every ref, `any` to something of at least one."""
    ask({"AddEntity": {"class": "L", "properties": {"n": 1}, "_ref": 1}},
        {"AddEntity": {"class": "R", "properties": {"n": 2}, "_ref": 2}},
        {"AddEntity": {"class": "M", "properties": {"n": 10}, "_ref": 3, "connect": {"ref": 1}}},
        {"AddEntity": {"class": "M", "properties": {"n": 20}, "_ref": 4, "connect": {"ref": 2}}},
        {"AddConnection": {"class": "Too", "src": 4, "dst": 1}})  # fmt: skip
    for how, expected in (("all", [20]), ("any", [10, 20])):
        *_, found = ask(
            {"FindEntity": {"with_class": "L", "_ref": 1}},
            {"FindEntity": {"with_class": "R", "_ref": 2}},
            {"FindEntity": {"with_class": "M", "is_connected_to": {how: [{"ref": 1}, {"ref": 2}]},
                            "results": {"list": ["n"]}}},
        )  # fmt: skip
        assert [entity["n"] for entity in found["entities"]] == expected, how


def test_add_if_a_ref_is_empty(ask: Client) -> None:
    """if_not_found takes the number of a ref: the object comes only if that found nothing."""
    find = {"FindEntity": {"with_class": "A", "_ref": 1}}
    add = {"AddEntity": {"class": "A", "if_not_found": 1}}
    assert ask(find, add)[1] == {"status": 0}
    assert ask(find, add)[1] == {"info": "Object Exists!", "status": 2}
