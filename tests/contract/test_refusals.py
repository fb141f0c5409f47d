"""What is not of the language fails the whole query with a sentence, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Client, vector

BAD: dict[str, tuple[list[Any], list[bytes], str]] = {
    "unknown command": ([{"MakeCoffee": {}}], [], "MakeCoffee"),
    "unknown parameter": ([{"FindVideo": {"blobs": True, "colour": 1}}], [], "colour"),
    "wrong type": ([{"FindVideo": {"blobs": "yes"}}], [], "FindVideo.blobs"),
    "required parameter": ([{"AddEntity": {}}], [], "class"),
    "two commands in one": ([{"GetStatus": {}, "FindVideo": {}}], [], "one key"),
    "asks for nothing": ([{"FindVideo": {}}], [], "results, blobs or _ref"),
    "unknown ref": ([{"FindClip": {"video_ref": 7, "_ref": 1}}], [], "7"),
    "ref twice": ([{"FindVideo": {"_ref": 1}}, {"FindClip": {"_ref": 1}}], [], "twice"),
    "no blob": ([{"AddImage": {}}], [], "needs a blob"),
    "operator": ([{"FindVideo": {"_ref": 1, "constraints": {"a": ["~", 1]}}}], [], "'~'"),
    "constraint": ([{"FindVideo": {"_ref": 1, "constraints": {"a": 3}}}], [], "operator, value"),
    "member of results": ([{"FindVideo": {"results": {"liste": ["a"]}}}], [], "liste"),
    "reserved class": ([{"AddEntity": {"class": "_Video"}}], [], "reserved"),
    "reserved property": ([{"AddEntity": {"class": "A", "properties": {"_x": 1}}}], [], "_x"),
    "nested property": ([{"AddEntity": {"class": "A", "properties": {"x": [1]}}}], [], "[1]"),
    "url": ([{"AddVideo": {"url": "http://example.invalid/a.mp4"}}], [], "file:///"),
    "H.263 in MP4 to store": (
        [{"AddVideo": {"codec": "h263", "container": "mp4"}}], [b"film"], "mov or avi",
    ),
    "video as H.263 in MP4": (
        [{"FindVideo": {"blobs": True, "as_codec": "h263", "as_container": "mp4"}}], [],
        "FindVideo asks for h263 in mp4",
    ),
    "clip as H.263 in MP4": (
        [{"FindClip": {"blobs": True, "as_codec": "h263", "as_container": "mp4"}}], [],
        "FindClip asks for h263 in mp4",
    ),
    "level of a log's line": (
        [{"UserLogMessage": {"text": "x", "type": "DEBUG"}}], [], "INFO, WARNING, ERROR",
    ),
    "unknown set": ([{"AddDescriptor": {"set": "none"}}], [vector(1)], "'none'"),
    "length of vector": ([{"AddDescriptor": {"set": "s"}}], [vector(1, 2, 3)], "12 bytes"),
    "endless vector": ([{"AddDescriptor": {"set": "s"}}], [vector(1, float("nan"))], "finite"),
    "neighbours without set": ([{"FindDescriptor": {"k_neighbors": 1, "_ref": 1}}], [], "set"),
    "neighbours without blob": (
        [{"FindDescriptor": {"set": "s", "k_neighbors": 1, "_ref": 1}}], [], "needs a blob",
    ),
    "metric of set": (
        [{"FindDescriptor": {"set": "s", "k_neighbors": 1, "metric": "CS", "_ref": 1}}],
        [vector(1, 2)], "L2",
    ),
    "clip of no video": (
        [{"FindVideo": {"_ref": 1, "constraints": {"no": ["==", 1]}}},
         {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 0, "stop": 1}}}], [],
        "0 videos",
    ),
    "grouped count": (
        [{"FindVideo": {"_ref": 1}},
         {"FindClip": {"video_ref": 1, "group_by_source": True, "results": {"count": True}}}], [],
        "group_by_source",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_query_changes_nothing(ask: Client, name: str) -> None:
    """The failing answer is one object with a sentence; the good command before it is undone."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": "L2"}})
    commands, blobs, words = BAD[name]
    good = {"AddEntity": {"class": "Before", "properties": {"x": 1}}}
    answer = ask.failing(good, *commands, blobs=blobs, words=words)
    assert answer["status"] == -1
    assert ask({"FindEntity": {"with_class": "Before", "results": {"count": True}}}) == [
        {"count": 0, "returned": 0, "status": 0}
    ]


def test_more_than_one_is_not_unique(ask: Client) -> None:
    """Unique with several matches fails the query with status 3."""
    ask({"AddEntity": {"class": "A"}}, {"AddEntity": {"class": "A"}})
    answer = ask.failing({"FindEntity": {"with_class": "A", "unique": True, "uniqueids": True}})
    assert answer == {"info": "JSON Command 0: expecting 1 but got 2", "status": 3}


def test_the_first_value_fixes_a_type(ask: Client) -> None:
    """A property of another type than its class and key had first is refused."""
    ask({"AddEntity": {"class": "A", "properties": {"x": 1}}})
    ask.failing({"AddEntity": {"class": "A", "properties": {"x": "1"}}}, words="numbers")


def test_a_vector_that_was_rolled_back_is_no_neighbour(ask: Client) -> None:
    """A query that adds, searches and then fails leaves nothing in the caches of vectors."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": "L2"}})
    nearest = {"FindDescriptor": {"set": "s", "k_neighbors": 5, "distances": True}}
    add = {"AddDescriptor": {"set": "s"}}
    blobs = [vector(1, 0), vector(1, 0)]
    ask.failing(add, nearest, {"DeleteEntity": {"ref": 9}}, blobs=blobs)  # fails as it runs
    ask(add, blobs=[vector(0, 3)])
    (found,) = ask(nearest, blobs=[vector(0, 3)])
    assert found["entities"] == [{"_distance": 0.0}]
