"""batch: a result in slices that stay as they were when the first was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Client, vector


@pytest.fixture
def eleven(ask: Client) -> Client:
    """Eleven entities, n from 0 to 10."""
    ask(*[{"AddEntity": {"class": "E", "properties": {"n": n}}} for n in range(11)])
    return ask


def _page(ask: Client, batch: dict[str, Any], **more: Any) -> dict[str, Any]:
    find = {"with_class": "E", "batch": batch, "results": {"list": ["n"]}, "sort": "n", **more}
    find.setdefault("constraints", {"n": ["!=", -ask.number]})  # unlike those of other tests
    return ask({"FindEntity": find})[0]


def _numbers(answer: dict[str, Any]) -> list[int]:
    return [one["n"] for one in answer.get("entities", [])]


def test_slices_of_a_size(eleven: Client) -> None:
    """Slices follow each other, and the last one's end reaches total_elements."""
    seen: list[int] = []
    for batch_id in range(99):
        answer = _page(eleven, {"batch_size": 4, "batch_id": batch_id})
        seen += _numbers(answer)
        assert answer["batch"]["batch_id"] == batch_id
        if answer["batch"]["end"] >= answer["batch"]["total_elements"]:
            break
    assert seen == list(range(11))
    assert batch_id == 2


def test_a_number_of_slices(eleven: Client) -> None:
    """Of three slices the last takes the remainder; a fourth is empty."""
    pages = [_numbers(_page(eleven, {"batches": 3, "batch_id": n})) for n in range(4)]
    assert pages == [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9, 10], []]


def test_a_range_and_the_total(eleven: Client) -> None:
    """A range is a slice; an empty batch tells how many there are, and returns none."""
    assert _numbers(_page(eleven, {"range": [9, 20]})) == [9, 10]
    total = _page(eleven, {})
    assert total["batch"]["total_elements"] == 11
    assert total["returned"] == 0
    assert "entities" not in total


def test_slices_do_not_shift_while_objects_change(eleven: Client) -> None:
    """Paging over what is not done while marking it done sees each object once."""
    seen = []
    for batch_id in range(6):
        find = {
            "with_class": "E",
            "constraints": {"done": ["!=", True]},
            "batch": {"batch_size": 2, "batch_id": batch_id},
            "results": {"list": ["_uniqueid", "n"]},
        }
        (found,) = eleven({"FindEntity": find})
        for one in found["entities"]:
            seen.append(one["n"])
            this = {"_uniqueid": ["==", one["_uniqueid"]]}
            done = {"with_class": "E", "constraints": this, "properties": {"done": True}}
            eleven({"UpdateEntity": done})
    assert sorted(seen) == list(range(11))


def test_what_was_deleted_meanwhile_is_not_there(eleven: Client) -> None:
    """A slice leaves out what is gone, and still counts it in the total."""
    _page(eleven, {"batch_size": 4, "batch_id": 0})
    eleven({"DeleteEntity": {"with_class": "E", "constraints": {"n": ["==", 5]}}})
    answer = _page(eleven, {"batch_size": 4, "batch_id": 1})
    assert _numbers(answer) == [4, 6, 7]
    assert answer["batch"]["total_elements"] == 11


def test_a_failed_query_keeps_no_slices(eleven: Client) -> None:
    """What a query saw that was undone is no snapshot for the next."""
    add = {"AddEntity": {"class": "E", "properties": {"n": 11}}}
    find = {"with_class": "E", "batch": {}, "uniqueids": True}
    eleven.failing(add, {"FindEntity": find}, {"AddEntity": {"class": "E", "connect": {"ref": 9}}})
    assert _page(eleven, {})["batch"]["total_elements"] == 11


def test_neighbours_in_slices(ask: Client) -> None:
    """Nearest neighbours keep their order and distances from slice to slice."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    adds = [{"AddDescriptor": {"set": "s", "properties": {"n": n}}} for n in range(5)]
    ask(*adds, blobs=[vector(n) for n in range(5)])
    seen = []
    for batch_id in range(3):
        find = {
            "set": "s", "k_neighbors": 5, "distances": True,
            "batch": {"batch_size": 2, "batch_id": batch_id}, "results": {"list": ["n"]},
        }  # fmt: skip
        (found,) = ask({"FindDescriptor": find}, blobs=[vector(4)])
        seen += [(one["n"], one["_distance"]) for one in found["entities"]]
    assert seen == [(4, 0.0), (3, 1.0), (2, 4.0), (1, 9.0), (0, 16.0)]


@pytest.mark.parametrize(
    "batch",
    [
        {"batch_size": 2},
        {"batch_id": 0},
        {"batch_size": 2, "batches": 2, "batch_id": 0},
        {"range": [3, 1]},
        {"batch_size": 0, "batch_id": 0},
    ],
)
def test_a_batch_that_means_nothing(eleven: Client, batch: dict[str, Any]) -> None:
    """Members that do not fit together fail the query."""
    find = {"with_class": "E", "batch": batch, "uniqueids": True}
    assert eleven.failing({"FindEntity": find})["status"] == -1


def test_grouping_excludes_slices(eleven: Client) -> None:
    """group_by_source and batch do not go together, as on the server."""
    find = {"is_connected_to": {"ref": 1}, "group_by_source": True, "uniqueids": True, "batch": {}}
    eleven.failing({"FindVideo": {"_ref": 1}}, {"FindVideo": find}, words="limit")
