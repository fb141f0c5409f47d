"""Answers recorded from real servers, replayed: keys, types, order, and absence of keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.contract.conftest import Client, picture, vector

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
        blobs=[picture(1), picture(2)],
    )
    listed = {"blobs": True, "results": {"list": ["n"]}}
    first, second = ask(
        {"FindImage": {"constraints": {"n": ["==", 2]}, **listed}},
        {"FindImage": {"constraints": {"n": ["==", 1]}, **listed}},
    )
    assert (first["blobs_start"], second["blobs_start"]) == (0, 1)
    assert second["entities"] == [{"_blob_index": 1, "n": 1}]
    assert ask.blobs == [picture(2), picture(1)]


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
