"""What the shared parameters mean where an engine could easily get them wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Client, vector

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
        assert "_Clip" in ask.failing(clips, wrong)["info"]
    assert "objects" in ask.failing(clips, {"DeleteConnection": {"ref": 1}})["info"]
    assert ask({"FindClip": {"results": {"count": True}}})[0]["count"] == 1


def test_a_ref_is_spent_by_a_delete(ask: Client) -> None:
    """Neither the ref nor another name of the same object can be used after its deletion."""
    ask({"AddEntity": {"class": "A"}})
    find, again = {"FindEntity": {"_ref": 1}}, {"FindEntity": {"_ref": 2}}
    gone = {"DeleteEntity": {"ref": 1}}
    use = {"AddEntity": {"class": "B", "connect": {"ref": 1}}}
    assert "deleted" in ask.failing(find, gone, use)["info"]
    use["AddEntity"]["connect"] = {"ref": 2}  # type: ignore[index]
    assert "deleted" in ask.failing(find, again, gone, use)["info"]


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


# -- clips, sets, connections ------------------------------------------------------------------


def test_clips_by_range_and_label(ask: Client) -> None:
    """in_frame_number_range means fully inside; it joins with any constraints and with_label."""
    ask(VIDEO, *[{"AddClip": {"video_ref": 1, "label": "a" if n < 2 else "b",
                              "frame_number_range": {"start": n * 10, "stop": n * 10 + 9},
                              "properties": {"n": n}}} for n in range(4)],
        blobs=[b"film"])  # fmt: skip
    ask({"FindVideo": {"_ref": 1}},
        {"AddClip": {"video_ref": 1, "time_offset_range": {"start": "0", "stop": "1"},
                     "properties": {"n": 9}}})  # fmt: skip

    def found(**more: Any) -> list[int]:
        (clips,) = ask({"FindClip": {"results": {"list": ["n"]}, **more}})
        return [clip["n"] for clip in clips.get("entities", [])]

    assert found(in_frame_number_range={"start": 5, "stop": 29}) == [1, 2]
    assert found(in_frame_number_range={"stop": 8}) == []
    either = {"any": {"n": ["in", [0, 2]], "_range_start": ["==", 30]}}
    assert found(in_frame_number_range={"start": 1}, constraints=either) == [2, 3]
    assert found(with_label="a", constraints=either) == [0]
    assert found() == [0, 1, 2, 3, 9]


def test_a_clip_changes_its_range(ask: Client) -> None:
    """UpdateClip replaces the whole range, also by one of another kind, and the label."""
    ask(VIDEO, {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 1, "stop": 2}}},
        blobs=[b"film"])  # fmt: skip
    span = {"start": "1:00:01.5", "stop": "1:00:02"}
    assert ask({"UpdateClip": {"time_offset_range": span, "label": "x"}})[0]["count"] == 1
    (found,) = ask({"FindClip": {"results": {"all_properties": True}}})
    found["entities"][0].pop("_uniqueid")
    assert found["entities"] == [
        {"_label": "x", "_range_start": 3_601_500_000, "_range_stop": 3_602_000_000,
         "_range_type": 3, "_time_offset_range": span}
    ]  # fmt: skip


def test_a_search_within_one_set(ask: Client) -> None:
    """`set` without neighbours narrows before limit, count and unique do."""
    for name in ("s", "t"):
        ask({"AddDescriptorSet": {"name": name, "dimensions": 1}})
        ask(*[{"AddDescriptor": {"set": name, "label": name, "properties": {"n": n}}}
              for n in range(3)], blobs=[vector(n) for n in range(3)])  # fmt: skip
    find = {"set": "t", "limit": 2, "results": {"list": ["n"], "count": True}, "labels": True}
    (found,) = ask({"FindDescriptor": find})
    assert (found["count"], found["returned"]) == (3, 2)
    assert found["entities"] == [{"_label": "t", "n": 0}, {"_label": "t", "n": 1}]
    unique = {"set": "t", "unique": True, "_ref": 1}
    assert ask.failing({"FindDescriptor": unique})["status"] == 3
    ask({"FindDescriptor": {**unique, "constraints": {"n": ["==", 1]}}})
    ask({"UpdateDescriptor": {"set": "s", "label": "new", "properties": {"done": True}}})
    assert ask({"FindDescriptor": {"with_label": "new", "results": {"count": True}}})[0][
        "count"
    ] == 3  # fmt: skip
    assert ask({"DeleteDescriptor": {"set": "t", "constraints": {"n": ["<", 2]}}})[0]["count"] == 2
    assert ask({"FindDescriptorSet": {"sort": "_name", "counts": True}})[0]["entities"] == [
        {"_count": 3, "_name": "s"}, {"_count": 1, "_name": "t"},
    ]  # fmt: skip


def test_a_set_of_one_name(ask: Client) -> None:
    """A second set of the same name is not added; its ref names the first."""
    add = {"AddDescriptorSet": {"_ref": 1, "name": "s", "dimensions": 2, "properties": {"x": 1}}}
    ask(add)
    again, updated = ask(add, {"UpdateDescriptorSet": {"ref": 1, "properties": {"x": 2}}})
    assert again["status"] == 2
    assert updated == {"count": 1, "status": 0}
    find = {"with_name": "s", "results": {"list": ["_count", "x"]}}
    assert ask({"FindDescriptorSet": find})[0]["entities"] == [{"_count": 0, "x": 2}]
    assert ask({"FindDescriptorSet": {"with_name": "t", "counts": True}}) == [
        {"returned": 0, "status": 0}
    ]


def test_an_entity_command_without_a_class_spares_the_system(ask: Client) -> None:
    """DeleteEntity {} takes one's own entities; videos, sets and their links stay."""
    ask(VIDEO, {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 0, "stop": 1}}},
        {"AddEntity": {"class": "A", "connect": {"ref": 1}}}, blobs=[b"film"])  # fmt: skip
    assert ask({"FindEntity": {"results": {"count": True}}})[0]["count"] == 3
    assert ask({"DeleteConnection": {}}) == [{"count": 1, "status": 0}]
    assert ask({"DeleteEntity": {}}) == [{"count": 1, "status": 0}]
    _, clips = ask({"FindVideo": {"_ref": 1}}, {"FindClip": {"video_ref": 1, "uniqueids": True}})
    assert clips["returned"] == 1


def test_a_class_of_the_system_is_deleted_whole(ask: Client) -> None:
    """A set that is deleted as an entity takes its descriptors along, too."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    ask({"AddDescriptor": {"set": "s"}}, blobs=[vector(1)])
    assert ask({"DeleteEntity": {"with_class": "_DescriptorSet"}})[0]["count"] == 1
    assert ask({"GetSchema": {}}) == [{"connections": None, "entities": None, "status": 0}]


def test_connections_are_aggregated_and_unique(ask: Client) -> None:
    """FindConnection knows what the other Finds know: sort, count, aggregates, unique, refs."""
    ask({"AddEntity": {"class": "A", "_ref": 1}}, {"AddEntity": {"class": "B", "_ref": 2}},
        *[{"AddConnection": {"class": "E", "src": 1, "dst": 2, "properties": {"w": w}}}
          for w in (3, 1, 2)])  # fmt: skip
    find = {"with_class": "E", "sort": {"key": "w", "order": "descending"}, "limit": 2}
    results = {"list": ["w"], "count": True, "max": "w"}
    (found,) = ask({"FindConnection": {**find, "results": results}})
    assert found == {"_max": {"w": 3}, "connections": [{"w": 3}, {"w": 2}], "count": 3,
                     "returned": 2, "status": 0}  # fmt: skip
    assert ask.failing({"FindConnection": {**find, "unique": True, "_ref": 1}})["status"] == 3
    _, updated = ask({"FindConnection": {"_ref": 1, "constraints": {"w": [">", 1]}}},
                     {"UpdateConnection": {"ref": 1, "properties": {"seen": True}}})  # fmt: skip
    assert updated == {"count": 2, "status": 0}
    exists = {"class": "E", "src": 1, "dst": 2, "if_not_found": {"w": ["==", 3]}}
    *_, again = ask({"FindEntity": {"with_class": "A", "_ref": 1}},
                    {"FindEntity": {"with_class": "B", "_ref": 2}},
                    {"AddConnection": exists})  # fmt: skip
    assert again == {"info": "Object Exists!", "status": 2}
    assert ask({"DeleteConnection": {"with_class": "E"}}) == [{"count": 3, "status": 0}]
    assert ask({"FindEntity": {"results": {"count": True}}})[0]["count"] == 2


def test_ids_of_objects_and_connections_differ(ask: Client) -> None:
    """No connection has the _uniqueid of an object; each can be found by its own."""
    ask(
        {"AddEntity": {"class": "A", "_ref": 1}},
        {"AddEntity": {"class": "B", "connect": {"ref": 1}}},
    )
    objects, edges = ask(
        {"FindEntity": {"uniqueids": True}}, {"FindConnection": {"uniqueids": True}}
    )
    ids = [one["_uniqueid"] for one in objects["entities"] + edges["connections"]]
    assert len(set(ids)) == 3
    for name, one in (("FindEntity", ids[1]), ("FindConnection", ids[2])):
        (found,) = ask({name: {"constraints": {"_uniqueid": ["==", one]}, "uniqueids": True}})
        assert found["returned"] == 1


# -- videos by reference -----------------------------------------------------------------------


def test_videos_by_url(ask: Client, tmp_path: Path) -> None:
    """A url is given back and found by; the file stays where it is; other schemes are refused."""
    path = tmp_path / "my film é.mp4"
    path.write_bytes(b"bytes")
    ask({"AddVideo": {"url": path.as_uri(), "properties": {"n": 1}}})
    ask({"AddVideo": {"properties": {"n": 2}}}, blobs=[b"film"])
    (found,) = ask({"FindVideo": {"urls": True, "blobs": True, "sort": "n"}})
    assert [entity["_url"] for entity in found["entities"]] == [path.as_uri(), None]
    assert ask.blobs == [b"bytes", b"film"]
    (found,) = ask({"FindVideo": {"with_url": path.as_uri(), "results": {"list": ["n"]}}})
    assert found["entities"] == [{"n": 1}]
    path.unlink()
    assert path.name in ask.failing({"FindVideo": {"blobs": True}})["info"]
    assert "file:///" in ask.failing({"AddVideo": {"url": "https://example.invalid/a"}})["info"]


def test_an_answer_has_a_largest_size(ask: Client, tmp_path: Path) -> None:
    """More bytes than the server's own limit are status 4, before they are read."""
    path = tmp_path / "large.mp4"
    with path.open("wb") as out:
        out.truncate(257 * 2**20)  # a hole: takes no room
    ask({"AddVideo": {"url": path.as_uri()}})
    answer = ask.failing({"FindVideo": {"blobs": True}})
    assert answer["status"] == 4
    assert "268435456 bytes" in answer["info"]


def test_transactions_are_numbered(ask: Client) -> None:
    """_create_txn is one number for all that a query added, larger for a later query."""
    ask({"AddEntity": {"class": "E"}}, {"AddEntity": {"class": "E"}})
    ask({"AddEntity": {"class": "E"}})
    find = {"with_class": "E", "results": {"list": ["_create_txn"]}, "sort": "_create_txn"}
    numbers = [one["_create_txn"] for one in ask({"FindEntity": find})[0]["entities"]]
    assert numbers[0] == numbers[1] < numbers[2]
    newer = {"constraints": {"_create_txn": [">", numbers[0]]}, "results": {"count": True}}
    assert ask({"FindEntity": {"with_class": "E", **newer}})[0]["count"] == 1


def test_sets_by_how_many_they_hold(ask: Client) -> None:
    """_count is constrained like a property, and means nothing of what is no set."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    ask({"AddDescriptorSet": {"name": "empty", "dimensions": 1}})
    ask({"AddDescriptor": {"set": "s"}}, blobs=[vector(1)])
    find = {"constraints": {"_count": [">", 0]}, "results": {"list": ["_name", "_count"]}}
    assert ask({"FindDescriptorSet": find})[0]["entities"] == [{"_count": 1, "_name": "s"}]
    find = {"constraints": {"_count": ["<", 5]}, "results": {"count": True}}
    assert ask({"FindDescriptor": find})[0]["count"] == 0


def test_what_can_be_listed_only(ask: Client) -> None:
    """A connection's ends and a set's engines are listed, but no constraint knows them."""
    find = {"constraints": {"_src": ["==", "1.1.0"]}, "uniqueids": True}
    assert "_src" in ask.failing({"FindConnection": find})["info"]


def test_the_schema_of_a_ref(ask: Client) -> None:
    """With a ref, the schema is that of its objects and the connections that touch them."""
    ask(
        {"AddEntity": {"class": "A", "_ref": 1, "properties": {"x": 1}}},
        {"AddEntity": {"class": "B", "_ref": 2}},
        {"AddConnection": {"class": "AB", "src": 1, "dst": 2}},
        {"AddEntity": {"class": "A", "properties": {"y": "z"}}},
    )
    _, schema = ask(
        {"FindEntity": {"with_class": "A", "constraints": {"x": ["==", 1]}, "_ref": 1}},
        {"GetSchema": {"ref": 1}},
    )
    assert schema["entities"] == {
        "classes": {"A": {"matched": 1, "properties": {"x": [1, False, "Number"]}}},
        "returned": 1,
    }
    assert list(schema["connections"]["classes"]) == ["AB"]
