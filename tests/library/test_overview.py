"""How the whole library stands, told by counts and a few videos."""

from __future__ import annotations

from core.engine.engine import Engine
from core.library.library import Library
from core.library.overview import Tally
from core.model import IndexState, PlayState
from tests.library.conftest import Clock, add, index, info


def _in_every_state(library: Library, clock: Clock) -> None:
    library.ensure_index(info())
    index(library, "ready", "red")
    for name in ("failed", "cancelled", "under way", "waits", "waits longer"):
        clock.now_s += 1
        add(library, name)
    library.claim("w", lease_s=60, video_ids=["failed"])
    library.fail("failed", "w", "It broke.")
    library.cancel("cancelled")
    library.claim("w", lease_s=60, video_ids=["under way"])
    clock.now_s += 1
    add(library, "copied", play=PlayState.WANTED)
    library.claim_play("w", lease_s=60)


def test_every_state_is_counted_and_what_runs_is_given(library: Library, clock: Clock) -> None:
    """Of what runs, the video itself; of the rest, how many."""
    _in_every_state(library, clock)
    tally, running = library.overview.now()
    assert tally == Tally(
        n_videos=7, n_waiting=3, n_indexing=1, n_failed=1, n_cancelled=1, n_copies=1
    )
    assert (tally.n_on_the_way, tally.is_busy) == (4, True)
    assert [video.video_id for video in running] == ["under way", "copied"]
    assert library.overview.n_unfinished(["ready", "failed", "under way", "waits"]) == 2
    assert library.overview.n_unfinished([]) == 0
    length_s = library.video("waits").facts.duration_s
    assert library.overview.waiting_s() == 3 * length_s


def test_an_empty_library_is_at_rest(library: Library) -> None:
    """There is nothing, and nothing to do."""
    tally, running = library.overview.now()
    assert (tally, running) == (Tally(0, 0, 0, 0, 0, 0), [])
    assert not tally.is_busy
    assert library.overview.waiting_s() == 0


def test_some_of_a_state_come_in_the_order_asked_for(library: Library, clock: Clock) -> None:
    """The next to be done are the oldest; of what is done, the newest are shown."""
    _in_every_state(library, clock)
    some = library.overview.some
    assert [v.video_id for v in some(IndexState.WAITING, 2, order="oldest")] == [
        "waits", "waits longer",
    ]  # fmt: skip
    assert [v.video_id for v in some(IndexState.WAITING, 1)] == ["copied"]
    assert [v.video_id for v in some(IndexState.READY, 9)] == ["ready"]


def test_these_and_no_others(library: Library, engine: Engine) -> None:
    """Also what another program put in, under the database's own id; what is gone is left out."""
    library.ensure_index(info())
    index(library, "ours", "red")
    response, _ = engine.query(
        [{"FindVideo": {"blobs": False, "results": {"list": ["_uniqueid"]}}}]
    )
    foreign = response[0]["FindVideo"]["entities"][0]["_uniqueid"]
    assert list(library.overview.these(["ours", "gone"])) == ["ours"]
    assert len(library.overview.these([foreign])) == 1
    assert library.overview.these([]) == {}
