"""What is easily got wrong about clips, sets, connections, urls and the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.contract.conftest import Client, vector

VIDEO = {"AddVideo": {"_ref": 1, "properties": {"name": "film"}}}


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
    ask.failing({"FindVideo": {"blobs": True}}, words=path.name)
    ask.failing({"AddVideo": {"url": "https://example.invalid/a"}}, words="file:///")


def test_an_answer_has_a_largest_size(ask: Client, tmp_path: Path) -> None:
    """More bytes than the server's own limit are status 4, before they are read."""
    path = tmp_path / "large.mp4"
    with path.open("wb") as out:
        out.truncate(257 * 2**20)  # a hole: takes no room
    ask({"AddVideo": {"url": path.as_uri()}})
    answer = ask.failing({"FindVideo": {"blobs": True}}, words="268435456 bytes")
    assert answer["status"] == 4


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
    ask.failing({"FindConnection": find}, words="_src")


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
