"""Answers recorded from real servers, replayed: keys, types, order, and absence of keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.contract.conftest import Client, vector

VIDEO = {"AddVideo": {"properties": {"name": "crepe_flambe", "category": "food"}}}


def test_status_names_the_system(ask: Client) -> None:
    """GetStatus answers OK, ApertureDB, and a version."""
    (status,) = ask({"GetStatus": {}})
    assert {k: status[k] for k in ("info", "status", "system")} == {
        "info": "OK",
        "status": 0,
        "system": "ApertureDB",
    }
    assert list(status) == sorted(status)


def test_a_video_carries_what_the_file_says(ask: Client) -> None:
    """all_properties of a video lists the recorded system properties, whole numbers as such."""
    ask(VIDEO, blobs=[b"film"])
    (found,) = ask(
        {
            "FindVideo": {
                "constraints": {"name": [">=", "crepe"]},
                "blobs": False,
                "results": {"all_properties": True},
            }
        }
    )
    entity = found["entities"][0]
    assert entity.pop("_uniqueid").count(".") == 2
    assert entity == {
        "_duration_us": 5500000,
        "_fps": 30,
        "_frame_count": 165,
        "_frame_height": 480,
        "_frame_width": 852,
        "category": "food",
        "name": "crepe_flambe",
    }
    assert isinstance(entity["_fps"], int)
    assert (found["returned"], found["status"]) == (1, 0)


def test_nothing_found_has_no_entities(ask: Client) -> None:
    """No match is status 0 with returned 0 and no key entities or blobs_start."""
    query = {
        "FindVideo": {
            "constraints": {"name": ["==", "no"]},
            "blobs": True,
            "results": {"all_properties": True},
        }
    }
    assert ask(query) == [{"returned": 0, "status": 0}]


def test_only_a_ref_returns_nothing(ask: Client) -> None:
    """A Find that only names a ref has returned 0; deleting by it says how many."""
    ask(VIDEO, blobs=[b"film"])
    found, deleted = ask({"FindVideo": {"_ref": 1}}, {"DeleteVideo": {"ref": 1}})
    assert found == {"returned": 0, "status": 0}
    assert deleted == {"count": 1, "status": 0}


def test_a_count_returns_nothing(ask: Client) -> None:
    """A count has returned 0 and no entities."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 2}})
    query = {"FindDescriptorSet": {"with_name": "s", "results": {"count": True}}}
    assert ask(query) == [{"count": 1, "returned": 0, "status": 0}]


def test_blobs_without_results_have_no_entities(ask: Client) -> None:
    """Blobs alone: blobs_start and returned, no entities; the bytes are those that came."""
    ask(VIDEO, blobs=[b"film"])
    assert ask({"FindVideo": {"blobs": True}}) == [{"blobs_start": 0, "returned": 1, "status": 0}]
    assert ask.blobs == [b"film"]


def test_blob_indexes_count_through_the_whole_answer(ask: Client) -> None:
    """blobs_start and _blob_index are absolute over all commands of a query."""
    ask(
        {"AddImage": {"properties": {"n": 1}}},
        {"AddImage": {"properties": {"n": 2}}},
        blobs=[b"one", b"two"],
    )
    listed = {"blobs": True, "results": {"list": ["n"]}}
    first, second = ask(
        {"FindImage": {"constraints": {"n": ["==", 2]}, **listed}},
        {"FindImage": {"constraints": {"n": ["==", 1]}, **listed}},
    )
    assert (first["blobs_start"], second["blobs_start"]) == (0, 1)
    assert second["entities"] == [{"_blob_index": 1, "n": 1}]
    assert ask.blobs == [b"two", b"one"]


def test_a_clip_of_frames(ask: Client) -> None:
    """A clip lists its range in three keys and type 1, and no _label and no _blob_index."""
    ask(VIDEO, blobs=[b"film"])
    ask(
        {"FindVideo": {"_ref": 1}},
        {
            "AddClip": {
                "video_ref": 1,
                "frame_number_range": {"start": 10, "stop": 150},
                "properties": {"label": "active flames"},
            }
        },
    )
    (found,) = ask({"FindClip": {"blobs": False, "results": {"all_properties": True}}})
    entity = found["entities"][0]
    entity.pop("_uniqueid")
    assert entity == {
        "_frame_number_range": {"start": 10, "stop": 150},
        "_range_start": 10,
        "_range_stop": 150,
        "_range_type": 1,
        "label": "active flames",
    }


def test_a_clip_of_times_counts_in_microseconds(ask: Client) -> None:
    """A clip by time offsets has type 3 and its range in microseconds."""
    ask(
        {"AddVideo": {"_ref": 1}},
        {"AddClip": {"video_ref": 1, "time_offset_range": {"start": "21:23.0", "stop": "22:10.0"}}},
        blobs=[b"film"],
    )
    (found,) = ask(
        {"FindClip": {"results": {"list": ["_range_type", "_range_start", "_range_stop"]}}}
    )
    assert found["entities"] == [
        {"_range_start": 1283000000, "_range_stop": 1330000000, "_range_type": 3}
    ]


def test_a_descriptor_with_everything(ask: Client) -> None:
    """The recorded answer of the Embeddings notebook, key by key."""
    ask(
        {
            "AddDescriptorSet": {
                "name": "recipe_search",
                "dimensions": 3,
                "engine": "FaissFlat",
                "metric": "L2",
            }
        }
    )
    ask(
        {"AddDescriptor": {"set": "recipe_search", "label": "dinner", "properties": {"id": 75}}},
        blobs=[vector(1, 2, 3)],
    )
    (found,) = ask(
        {
            "FindDescriptor": {
                "set": "recipe_search",
                "k_neighbors": 1,
                "distances": True,
                "labels": True,
                "blobs": True,
                "results": {"all_properties": True},
            }
        },
        blobs=[vector(1, 2, 3)],
    )
    entity = found["entities"][0]
    assert entity.pop("_uniqueid")
    assert entity == {
        "_blob_index": 0,
        "_distance": 0.0,
        "_label": "dinner",
        "_set_name": "recipe_search",
        "id": 75,
    }
    assert (found["blobs_start"], found["returned"], found["status"]) == (0, 1, 0)
    assert ask.blobs == [vector(1, 2, 3)]


@pytest.mark.parametrize("metric", ["L2", "IP", "CS"])
def test_best_first(ask: Client, metric: str) -> None:
    """L2 is squared and ascending; IP and CS are similarities, descending; CS a true cosine."""
    rows = np.random.default_rng(3).normal(size=(40, 8)).astype("<f4") * 3
    query = np.random.default_rng(4).normal(size=8).astype("<f4")
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 8, "engine": "Flat", "metric": metric}})
    ask(
        *[{"AddDescriptor": {"set": "s", "properties": {"n": n}}} for n in range(40)],
        blobs=[row.tobytes() for row in rows],
    )
    (found,) = ask(
        {
            "FindDescriptor": {
                "set": "s",
                "k_neighbors": 7,
                "distances": True,
                "results": {"list": ["n"]},
            }
        },
        blobs=[query.tobytes()],
    )
    expected = {
        "L2": ((rows - query) ** 2).sum(1),
        "IP": rows @ query,
        "CS": rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query),
    }[metric]
    order = np.argsort(expected if metric == "L2" else -expected)[:7]
    assert [e["n"] for e in found["entities"]] == order.tolist()
    assert [e["_distance"] for e in found["entities"]] == pytest.approx(
        expected[order].tolist(), rel=1e-4
    )


def test_constraints_come_before_the_neighbours(ask: Client) -> None:
    """Filter, then nearest: k matching ones come although nearer ones do not match."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 2, "engine": "Flat", "metric": "CS"}})
    ask(
        *[{"AddDescriptor": {"set": "s", "properties": {"n": n}}} for n in range(20)],
        blobs=[vector(np.cos(n / 20), np.sin(n / 20)) for n in range(20)],
    )
    find: dict[str, Any] = {
        "set": "s",
        "k_neighbors": 3,
        "constraints": {"n": [">=", 10]},
        "results": {"list": ["n"]},
    }
    (found,) = ask({"FindDescriptor": find}, blobs=[vector(1, 0)])
    assert [e["n"] for e in found["entities"]] == [10, 11, 12]
    assert ask({"FindDescriptor": find | {"knn_first": True}}, blobs=[vector(1, 0)]) == [
        {"returned": 0, "status": 0}
    ]


def test_grouped_by_source(ask: Client) -> None:
    """Entities become an object from each source's _uniqueid to what it is connected to."""
    ask(
        {"AddEntity": {"class": "Dish", "properties": {"name": "soup"}, "_ref": 1}},
        {"AddEntity": {"class": "Dish", "properties": {"name": "cake"}, "_ref": 2}},
        {"AddImage": {"_ref": 3, "properties": {"n": 1}}},
        {"AddImage": {"_ref": 4, "properties": {"n": 2}}},
        {"AddConnection": {"class": "Shows", "src": 3, "dst": 1}},
        {"AddConnection": {"class": "Shows", "src": 3, "dst": 2}},
        {"AddConnection": {"class": "Shows", "src": 4, "dst": 2}},
        blobs=[b"1", b"2"],
    )
    dishes, images = ask(
        {
            "FindEntity": {
                "with_class": "Dish",
                "_ref": 1,
                "uniqueids": True,
                "results": {"list": ["name"]},
            }
        },
        {
            "FindImage": {
                "is_connected_to": {"ref": 1, "direction": "in"},
                "group_by_source": True,
                "blobs": False,
                "results": {"list": ["n"]},
            }
        },
    )
    ids = {entity["name"]: entity["_uniqueid"] for entity in dishes["entities"]}
    assert images == {
        "entities": {ids["soup"]: [{"n": 1}], ids["cake"]: [{"n": 1}, {"n": 2}]},
        "group_by_source": True,
        "returned": 2,
        "status": 0,
    }


def test_grouped_by_two_sources(ask: Client) -> None:
    """With `all`, the keys of both refs appear together; an object of both is listed under each."""
    ask(
        {"AddEntity": {"class": "Dish", "_ref": 1}},
        {"AddEntity": {"class": "Cook", "_ref": 2}},
        {"AddImage": {"_ref": 3, "properties": {"n": 1}}},
        {"AddImage": {"_ref": 4, "properties": {"n": 2}}},
        {"AddConnection": {"class": "Shows", "src": 3, "dst": 1}},
        {"AddConnection": {"class": "By", "src": 3, "dst": 2}},
        {"AddConnection": {"class": "Shows", "src": 4, "dst": 1}},
        blobs=[b"1", b"2"],
    )
    both = {"all": [{"ref": 1, "direction": "in"}, {"ref": 2, "direction": "in"}]}
    dish, cook, images = ask(
        {"FindEntity": {"with_class": "Dish", "_ref": 1, "uniqueids": True}},
        {"FindEntity": {"with_class": "Cook", "_ref": 2, "uniqueids": True}},
        {
            "FindImage": {
                "is_connected_to": both,
                "group_by_source": True,
                "blobs": False,
                "results": {"list": ["n"]},
            }
        },
    )
    sources = [found["entities"][0]["_uniqueid"] for found in (dish, cook)]
    assert images == {
        "entities": {source: [{"n": 1}] for source in sorted(sources)},
        "group_by_source": True,
        "returned": 1,
        "status": 0,
    }


def test_a_delete_without_a_choice_takes_all(ask: Client) -> None:
    """DeleteImage {} deletes every image and says how many."""
    ask(*[{"AddImage": {}}] * 10, blobs=[b"i"] * 10)
    assert ask({"DeleteImage": {}}) == [{"count": 10, "status": 0}]


def test_direction_is_seen_from_the_ref(ask: Client) -> None:
    """`out` is an edge that leaves the ref'd object, `in` one that arrives at it."""
    ask(
        {"AddEntity": {"class": "A", "_ref": 1, "properties": {"n": 1}}},
        {"AddEntity": {"class": "B", "_ref": 2, "properties": {"n": 2}}},
        {"AddConnection": {"class": "Edge", "src": 1, "dst": 2}},
    )
    for direction, n_found in (("out", 1), ("in", 0), ("any", 1)):
        _, found = ask(
            {"FindEntity": {"with_class": "A", "_ref": 1}},
            {
                "FindEntity": {
                    "with_class": "B",
                    "results": {"count": True},
                    "is_connected_to": {"ref": 1, "direction": direction},
                }
            },
        )
        assert found["count"] == n_found, direction


def test_connect_leads_from_the_new_object(ask: Client) -> None:
    """`connect` on a descriptor makes an edge descriptor to clip, whatever its class is called."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    ask(
        {"AddEntity": {"class": "Thing", "_ref": 1}},
        {"AddDescriptor": {"set": "s", "_ref": 2, "connect": {"ref": 1, "class": "Has"}}},
        blobs=[vector(1)],
    )
    _, found = ask(
        {"FindDescriptor": {"_ref": 1}},
        {
            "FindEntity": {
                "is_connected_to": {"ref": 1, "direction": "out"},
                "with_class": "Thing",
                "results": {"count": True},
            }
        },
    )
    assert found["count"] == 1


def test_an_existing_object_is_found_not_added(ask: Client) -> None:
    """if_not_found answers status 2 in the array; its ref is the old one, its blob is spent."""
    add = {"AddImage": {"_ref": 1, "properties": {"n": 1}, "if_not_found": {"n": ["==", 1]}}}
    ask(add, blobs=[b"old"])
    again, connected, other = ask(
        add,
        {"AddEntity": {"class": "Note", "connect": {"ref": 1, "class": "Of"}}},
        {"AddImage": {"properties": {"n": 2}}},
        blobs=[b"new", b"second"],
    )
    assert again == {"info": "Image exists!", "status": 2}
    assert (connected, other) == ({"status": 0}, {"status": 0})
    ask({"FindImage": {"blobs": True, "sort": "n"}})
    assert ask.blobs == [b"old", b"second"]


def test_connections_are_listed_and_absent(ask: Client) -> None:
    """FindConnection lists under `connections`, with ends if asked; none found has no such key."""
    ask(
        {"AddEntity": {"class": "A", "_ref": 1}},
        {"AddEntity": {"class": "B", "_ref": 2}},
        {"AddConnection": {"class": "E", "src": 1, "dst": 2, "properties": {"best_image": True}}},
    )
    a, b, found = ask(
        {"FindEntity": {"with_class": "A", "_ref": 1, "uniqueids": True}},
        {"FindEntity": {"with_class": "B", "uniqueids": True}},
        {
            "FindConnection": {
                "with_class": "E",
                "src": 1,
                "results": {"list": ["best_image", "_src", "_dst"]},
            }
        },
    )
    assert found["connections"] == [
        {
            "_dst": b["entities"][0]["_uniqueid"],
            "_src": a["entities"][0]["_uniqueid"],
            "best_image": True,
        }
    ]
    assert ask({"FindConnection": {"with_class": "F", "uniqueids": True}}) == [
        {"returned": 0, "status": 0}
    ]


def test_aggregates_and_groups(ask: Client) -> None:
    """Aggregates come as _avg, _min, _max objects; groups in ascending order with counts."""
    ask(
        *[
            {"AddEntity": {"class": "Meal", "properties": {"kind": kind, "kcal": kcal}}}
            for kind, kcal in (("soup", 100), ("cake", 500), ("soup", 300))
        ]
    )
    meals = {"with_class": "Meal"}
    (found,) = ask(
        {
            "FindEntity": {
                **meals,
                "results": {"average": "kcal", "min": ["kcal"], "max": "kcal", "sum": "kcal"},
            }
        }
    )
    assert {k: found[k] for k in ("_avg", "_min", "_max", "_sum", "returned")} == {
        "_avg": {"kcal": 300},
        "_min": {"kcal": 100},
        "_max": {"kcal": 500},
        "_sum": {"kcal": 900},
        "returned": 0,
    }
    (found,) = ask({"FindEntity": {**meals, "results": {"group": ["kind"]}}})
    assert found["groups"] == [
        {"_group_count": 1, "kind": "cake"},
        {"_group_count": 2, "kind": "soup"},
    ]


def test_an_index_shows_in_the_schema(ask: Client) -> None:
    """The schema's triple is count, indexed, type; everything is null when all is gone."""
    create = {"index_type": "entity", "class": "_Video", "property_key": "name"}
    ask(VIDEO, blobs=[b"film"])
    assert ask({"CreateIndex": create}) == [{"status": 0}]
    assert ask({"CreateIndex": create})[0]["status"] == 2
    (schema,) = ask({"GetSchema": {}})
    assert schema["entities"]["classes"]["_Video"]["properties"]["name"] == [1, True, "String"]
    ask({"DeleteVideo": {}})
    (schema,) = ask({"GetSchema": {}})
    assert (schema["entities"], schema["connections"]) == (None, None)


def test_a_listed_property_that_is_not_set_is_null(ask: Client) -> None:
    """results.list gives null for what an object lacks."""
    ask({"AddEntity": {"class": "A", "properties": {"x": 1}}})
    (found,) = ask({"FindEntity": {"with_class": "A", "results": {"list": ["x", "y"]}}})
    assert found["entities"] == [{"x": 1, "y": None}]


def test_update_adds_overwrites_and_removes(ask: Client) -> None:
    """Update* answers a count, sets properties and takes others away."""
    ask({"AddEntity": {"class": "A", "properties": {"x": 1, "y": "old"}}})
    update = {"with_class": "A", "properties": {"x": 2, "z": True}, "remove_props": ["y"]}
    assert ask({"UpdateEntity": update}) == [{"count": 1, "status": 0}]
    (found,) = ask({"FindEntity": {"with_class": "A", "results": {"all_properties": True}}})
    found["entities"][0].pop("_uniqueid")
    assert found["entities"] == [{"x": 2, "z": True}]
    assert ask({"UpdateEntity": {**update, "constraints": {"x": ["==", 9]}}})[0]["count"] == 0


def test_a_set_takes_its_descriptors_along(ask: Client) -> None:
    """DeleteDescriptorSet removes its descriptors; one that is not there is no failure."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    ask({"AddDescriptor": {"set": "s"}}, blobs=[vector(1)])
    (found,) = ask(
        {
            "FindDescriptorSet": {
                "with_name": "s",
                "counts": True,
                "engines": True,
                "metrics": True,
                "dimensions": True,
            }
        }
    )
    assert found["entities"] == [
        {"_count": 1, "_dimensions": 1, "_engines": ["FaissFlat"], "_metrics": ["L2"], "_name": "s"}
    ]
    assert ask({"DeleteDescriptorSet": {"with_name": "s"}}) == [{"count": 1, "status": 0}]
    assert ask({"DeleteDescriptorSet": {"with_name": "s"}}) == [{"count": 0, "status": 0}]
    assert ask({"FindDescriptor": {"results": {"count": True}}})[0]["count"] == 0
