"""What batched queries found: kept for its minute whatever else is asked, and within bounds."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine.batches import KEPT_S, Snapshot, Snapshots
from core.engine.engine import Engine
from core.engine.messages import QueryFailedError

FOUND = Snapshot.of([(7, None), (3, None)])


def _keep(kept: Snapshots, key: bytes, found: Snapshot = FOUND) -> None:
    kept.take_room(found)
    kept.keep(key, found)


def test_rows_and_distances_come_back_in_their_order() -> None:
    """A slice names its rows in the order they were found in; numbers lose nothing."""
    ids = [2**62 + 1, 5, 3]
    assert list(Snapshot.of_ids(ids).cut(0, 9).items()) == [(i, None) for i in ids]
    near = [(9, 0.1), (2, 1e300), (4, -0.25)]
    assert list(Snapshot.of(near).cut(1, 3).items()) == near[1:]


def test_what_was_found_takes_little_memory() -> None:
    """8 bytes for a row, and 8 for its distance."""
    few, many = Snapshot.of_ids(range(10)), Snapshot.of_ids(range(1010))
    assert many.n_bytes - few.n_bytes == 8000
    assert many.ids.itemsize == 8
    assert Snapshot.of((i, 0.5) for i in range(1010)).n_bytes - many.n_bytes == 8080


def test_a_snapshot_lasts_a_minute_after_its_last_use() -> None:
    """Each use gives it another minute; then it is gone."""
    now = [0.0]
    kept = Snapshots(lambda: now[0])
    _keep(kept, b"k")
    for _ in range(3):
        now[0] += KEPT_S - 1
        assert kept.get(b"k") is FOUND
    now[0] += KEPT_S + 1
    assert kept.get(b"k") is None


def test_what_has_no_room_is_refused_and_drops_nothing() -> None:
    """A full store names its limit and keeps everything in it; in a minute there is room."""
    now = [0.0]
    kept = Snapshots(lambda: now[0], most_bytes=3 * FOUND.n_bytes)
    for key in (b"a", b"b", b"c"):
        _keep(kept, key)
    with pytest.raises(QueryFailedError, match=rf"{3 * FOUND.n_bytes} bytes .*2 objects"):
        kept.take_room(FOUND)
    assert all(kept.get(key) is FOUND for key in (b"a", b"b", b"c"))
    now[0] += KEPT_S + 1
    for key in (b"d", b"e", b"f"):
        _keep(kept, key)


def test_two_that_asked_the_same_at_once_take_one_room() -> None:
    """The second takes the place of the first, and with it its room."""
    kept = Snapshots(most_bytes=2 * FOUND.n_bytes)
    kept.take_room(FOUND)
    kept.take_room(FOUND)
    kept.keep(b"k", FOUND)
    kept.keep(b"k", FOUND)
    kept.take_room(FOUND)


# -- by the engine -------------------------------------------------------------------------------


def _page(engine: Engine, batch_id: int, **more: Any) -> Any:
    find = {
        "with_class": "E", "sort": "n", "results": {"list": ["n"]},
        "batch": {"batch_size": 2, "batch_id": batch_id}, **more,
    }  # fmt: skip
    answer, _ = engine.query([{"FindEntity": find}])
    return answer


@pytest.fixture
def ten(engine: Engine) -> Engine:
    """Ten entities, n from 0 to 9."""
    engine.query([{"AddEntity": {"class": "E", "properties": {"n": n}}} for n in range(10)])
    return engine


def test_many_other_batches_do_not_move_the_next_page(ten: Engine) -> None:
    """Who pages over what is not done, and marks it done, misses none, whoever else pages."""
    mine = {"constraints": {"done": ["!=", True]}}
    seen = []
    for batch_id in range(5):
        ((found,),) = (one.values() for one in _page(ten, batch_id, **mine))
        numbers = [one["n"] for one in found["entities"]]
        seen += numbers
        done = {"constraints": {"n": ["in", numbers]}, "properties": {"done": True}}
        ten.query([{"UpdateEntity": {"with_class": "E", **done}}])
        for n in range(70):
            _page(ten, 0, constraints={"n": [">", -1 - n]}, limit=1 + batch_id)
    assert seen == list(range(10))


def test_a_batch_without_room_fails_and_others_go_on(ten: Engine) -> None:
    """The failing answer says what to do; who pages already is not disturbed."""
    ten._snapshots = Snapshots(most_bytes=Snapshot.of_ids(range(10)).n_bytes)
    assert [one["n"] for one in _page(ten, 0)[0]["FindEntity"]["entities"]] == [0, 1]
    refused = _page(ten, 0, limit=9)
    assert refused["status"] == -1
    assert "ask again in a minute" in refused["info"]
    assert [one["n"] for one in _page(ten, 1)[0]["FindEntity"]["entities"]] == [2, 3]


def test_a_query_that_fails_takes_no_room(ten: Engine) -> None:
    """What it would have kept is given back, however often it fails."""
    ten._snapshots = Snapshots(most_bytes=Snapshot.of_ids(range(10)).n_bytes)
    find = {"with_class": "E", "batch": {"batch_size": 2, "batch_id": 0}, "uniqueids": True}
    for _ in range(3):
        answer, _ = ten.query([{"FindEntity": find}, {"DeleteEntity": {"ref": 9}}])
        assert "No earlier command" in answer["info"]
    assert isinstance(_page(ten, 0), list)
