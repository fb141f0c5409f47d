"""The database as the queue: every video is done once, whoever works and whoever dies."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.errors import DatabaseError, DiskFullError
from core.library.library import Library
from core.library.queue import MAX_ATTEMPTS
from core.model import IndexState, PlayState
from tests.library.conftest import FACTS, Clock, add, clips, index, info


@pytest.fixture(autouse=True)
def _set(library: Library) -> None:
    library.ensure_index(info())


def count(engine: Engine, command: str) -> int:
    response, _ = engine.query([{command: {"blobs": False, "results": {"count": True}}}])
    return int(response[0][command]["count"])


def test_the_oldest_is_claimed_first(library: Library, clock: Clock) -> None:
    """First come, first served; what is claimed is not claimed again."""
    for video_id in "abc":
        clock.now_s += 1
        add(library, video_id)
    claimed = [library.claim("w", lease_s=60) for _ in range(4)]
    assert [video and video.video_id for video in claimed] == ["a", "b", "c", None]
    assert claimed[0] is not None
    assert claimed[0].state is IndexState.INDEXING


def test_only_the_videos_asked_for_are_claimed(library: Library) -> None:
    """`video_ids` leaves the others waiting."""
    for video_id in "abc":
        add(library, video_id)
    video = library.claim("w", lease_s=60, video_ids=["b"])
    assert video is not None
    assert video.video_id == "b"
    assert library.claim("w", lease_s=60, video_ids=["b"]) is None
    assert library.has_waiting()
    assert not library.has_waiting(["b"])


def test_many_threads_claim_each_video_once(library: Library) -> None:
    """Eight threads on forty videos: forty claims, all different."""
    for number in range(40):
        add(library, f"v{number}")
    together = threading.Barrier(8)

    def claim_all(worker: int) -> list[str]:
        together.wait()
        found = []
        while (video := library.claim(f"w{worker}", lease_s=60)) is not None:
            found.append(video.video_id)
        return found

    with ThreadPoolExecutor(8) as threads:
        claimed = [one for found in threads.map(claim_all, range(8)) for one in found]
    assert sorted(claimed) == sorted(f"v{number}" for number in range(40))


def _claim_all(folder: Path, worker: str) -> list[str]:
    engine = Engine(folder, probe_video=lambda _: FACTS)
    library = Library(engine)
    found = []
    while (video := library.claim(worker, lease_s=60)) is not None:
        found.append(video.video_id)
    engine.close()
    return found


def test_several_processes_claim_each_video_once(library: Library, tmp_path: Path) -> None:
    """Three processes on one folder share thirty videos without doubles."""
    for number in range(30):
        add(library, f"v{number}")
    with multiprocessing.get_context("spawn").Pool(3) as processes:
        jobs = [(tmp_path / "database", f"p{number}") for number in range(3)]
        claimed = [one for found in processes.starmap(_claim_all, jobs) for one in found]
    assert sorted(claimed) == sorted(f"v{number}" for number in range(30))


def test_a_lease_that_ran_out_is_claimed_again(library: Library, clock: Clock) -> None:
    """A killed worker's video goes to another; a living one's does not."""
    add(library, "a")
    assert library.claim("first", lease_s=10)
    clock.now_s += 9
    assert library.claim("second", lease_s=10) is None
    assert library.heartbeat("a", "first", progress=0.5, lease_s=10)
    clock.now_s += 9
    assert library.claim("second", lease_s=10) is None
    clock.now_s += 1
    video = library.claim("second", lease_s=10)
    assert video is not None
    assert video.progress == 0.0


def test_who_lost_the_lease_can_change_nothing(
    library: Library, clock: Clock, engine: Engine
) -> None:
    """A worker that slept through its lease saves, finishes, fails and releases in vain."""
    add(library, "a")
    video = library.claim("first", lease_s=10)
    assert video is not None
    clock.now_s += 11
    assert library.claim("second", lease_s=10)
    assert not library.heartbeat("a", "first", progress=0.5, lease_s=10)
    assert not library.save_clips(video, clips("red"), worker="first")
    assert not library.finish("a", "first")
    assert not library.fail("a", "first", "no")
    assert not library.release("a", "first")
    assert library.video("a").state is IndexState.INDEXING
    assert count(engine, "FindClip") == 0
    assert library.save_clips(video, clips("red"), worker="second")
    assert library.finish("a", "second")
    assert library.video("a").n_clips == 1


def test_progress_is_what_the_worker_said_last(library: Library) -> None:
    """Anyone can read how far it is, within 0..1."""
    add(library, "a")
    library.claim("w", lease_s=10)
    for said, read in ((0.25, 0.25), (7.0, 1.0), (-1.0, 0.0)):
        assert library.heartbeat("a", "w", progress=said, lease_s=10)
        assert library.video("a").progress == read


def test_cancelling_what_waits_works_at_once(library: Library) -> None:
    """Nobody claims it any more, until it is asked for again."""
    add(library, "a")
    library.cancel("a")
    assert library.video("a").state is IndexState.CANCELLED
    assert library.claim("w", lease_s=10) is None
    library.requeue("a")
    assert library.claim("w", lease_s=10) is not None


def test_cancelling_what_is_under_way_stops_the_worker(library: Library, engine: Engine) -> None:
    """The next heartbeat says stop, what was saved is gone, and nothing more can be saved."""
    add(library, "a")
    video = library.claim("w", lease_s=10)
    assert video is not None
    library.save_clips(video, clips("red green"), worker="w")
    library.cancel("a")
    assert not library.heartbeat("a", "w", progress=0.5, lease_s=10)
    assert not library.save_clips(video, clips("blue", first_s=2), worker="w")
    assert [count(engine, f"Find{what}") for what in ("Clip", "Descriptor", "Image")] == [0, 0, 0]
    assert library.video("a").state is IndexState.CANCELLED


def test_cancelling_what_is_ready_changes_nothing(library: Library) -> None:
    """There is nothing to stop."""
    before = index(library, "a", "red")
    library.cancel("a")
    assert library.video("a") == before


def test_a_failure_keeps_its_sentence_and_no_clips(library: Library, engine: Engine) -> None:
    """Nothing half-done stays; asking again starts anew without the old sentence."""
    add(library, "a")
    video = library.claim("w", lease_s=10)
    assert video is not None
    library.save_clips(video, clips("red"), worker="w")
    assert library.fail("a", "w", "It broke. Mend it.")
    failed = library.video("a")
    assert (failed.state, failed.error) == (IndexState.FAILED, "It broke. Mend it.")
    assert count(engine, "FindDescriptor") == count(engine, "FindClip") == 0
    library.requeue("a")
    again = library.video("a")
    assert (again.state, again.error) == (IndexState.WAITING, None)


def test_a_released_video_is_claimed_at_once(library: Library) -> None:
    """A worker that is told to stop gives its video back."""
    add(library, "a")
    library.claim("first", lease_s=1000)
    assert library.release("a", "first")
    assert library.claim("second", lease_s=10) is not None


def test_a_worker_that_lost_its_claim_changes_no_poster(library: Library) -> None:
    """What it still had in hand does not take the place of its successor's."""
    add(library, "a")
    library.claim("first", lease_s=1000)
    library.save_poster("a", b"of the first", worker="first")
    library.release("a", "first")
    library.claim("second", lease_s=1000)
    library.save_poster("a", b"of the second", worker="second")
    library.save_poster("a", b"late", worker="first")
    assert library.poster("a") == b"of the second"


def test_clearing_removes_this_index_only(library: Library, engine: Engine) -> None:
    """The second attempt starts clean; the poster and another program's clips stay."""
    index(library, "a", "red green")
    library.save_poster("a", b"poster")
    find = {"FindVideo": {"_ref": 1, "blobs": False}}
    clip = {"video_ref": 1, "frame_number_range": {"start": 0, "stop": 9}}
    response, _ = engine.query([find, {"AddClip": clip}])
    assert isinstance(response, list), response
    library.clear_index("a")
    assert [count(engine, f"Find{what}") for what in ("Clip", "Descriptor", "Image")] == [1, 0, 1]


def test_a_video_that_kills_its_workers_is_given_up(library: Library, clock: Clock) -> None:
    """After some lost leases it fails with a sentence, and the next video gets its turn."""
    add(library, "deadly")
    clock.now_s += 1
    add(library, "harmless")
    for _ in range(MAX_ATTEMPTS):
        video = library.claim("w", lease_s=10, video_ids=["deadly"])
        assert video is not None
        clock.now_s += 11
    video = library.claim("w", lease_s=10)
    assert video is not None
    assert video.video_id == "harmless"
    dead = library.video("deadly")
    assert dead.state is IndexState.FAILED
    assert "broken off 3 times" in str(dead.error)


def test_a_worker_that_is_seen_to_be_dead_counts_as_a_lost_lease(
    library: Library, engine: Engine, clock: Clock
) -> None:
    """What it held waits again at once, three times; then it fails, and nothing of it is left."""
    add(library, "deadly")
    clock.now_s += 1
    add(library, "harmless")
    for n in range(MAX_ATTEMPTS):
        video = library.claim(f"here:{n}", lease_s=1000, video_ids=["deadly"])
        assert video is not None
        assert library.save_clips(video, clips("red", first_s=n), worker=f"here:{n}")
        assert library.release_dead("here:", lambda _: True) == 1
        assert library.video("deadly").state is IndexState.WAITING
    video = library.claim("here:9", lease_s=10)
    assert video is not None
    assert video.video_id == "harmless"
    dead = library.video("deadly")
    assert (dead.state, "broken off 3 times" in str(dead.error)) == (IndexState.FAILED, True)
    assert [count(engine, f"Find{what}") for what in ("Clip", "Descriptor", "Image")] == [0, 0, 0]


def test_a_stop_in_good_order_is_no_attempt(library: Library) -> None:
    """Whoever starts and stops the app often loses no video by that."""
    add(library, "a")
    for n in range(MAX_ATTEMPTS + 2):
        assert library.claim(f"w{n}", lease_s=10) is not None
        assert library.release("a", f"w{n}")


def test_copies_have_a_lane_of_their_own(library: Library, clock: Clock) -> None:
    """A playable copy is claimed, made and finished whatever the index does."""
    add(library, "direct")
    clock.now_s += 1
    add(library, "wanted", play=PlayState.WANTED)
    video = library.claim_play("w", lease_s=10)
    assert video is not None
    assert (video.video_id, video.play_state) == ("wanted", PlayState.MAKING)
    assert library.claim_play("w", lease_s=10) is None
    assert library.play_heartbeat("wanted", "w", progress=0.5, lease_s=10)
    assert library.video("wanted").play_progress == 0.5
    assert library.release_play("wanted", "w")
    assert library.claim_play("w2", lease_s=10) is not None
    assert not library.finish_play("wanted", "w")
    assert library.finish_play("wanted", "w2")
    done = library.video("wanted")
    assert (done.play_state, done.state) == (PlayState.READY, IndexState.WAITING)


def test_a_copy_that_cannot_be_made_says_why(library: Library) -> None:
    """The sentence is kept beside the index, which it does not touch; asking again clears it."""
    add(library, "a", play=PlayState.WANTED)
    library.claim_play("w", lease_s=10)
    assert library.fail_play("a", "w", "No room.")
    video = library.video("a")
    assert (video.play_state, video.play_error) == (PlayState.FAILED, "No room.")
    assert (video.state, video.error) == (IndexState.WAITING, None)
    library.requeue("a")
    assert library.video("a").play_state is PlayState.WANTED
    assert library.video("a").play_error is None


def test_a_refused_query_is_an_error_with_its_status(library: Library) -> None:
    """What the database answers instead of doing it reaches a person as a sentence."""
    add(library, "a")
    video = library.claim("w", lease_s=10)
    assert video is not None
    wrong = clips("red")[0]
    short = replace(wrong, vectors=wrong.vectors[:, :2])
    with pytest.raises(DatabaseError, match=r"refused a query of .*AddDescriptor") as caught:
        library.save_clips(video, [short], worker="w")
    assert caught.value.status == -1
    assert library.clips("a") == []


def test_a_full_disk_has_an_error_of_its_own(library: Library, engine: Engine) -> None:
    """SQLite's "disk is full" becomes a sentence about room, and nothing of the batch is kept."""
    add(library, "a")
    video = library.claim("w", lease_s=10)
    assert video is not None
    with engine._store.connection() as db:  # the only one so far, so the next query gets it too
        (n_pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count={n_pages + 2}")
    large = clips("red")[0]
    large = replace(large, jpeg=bytes(1 << 20))
    with pytest.raises(DiskFullError, match="Free some disk space"):
        library.save_clips(video, [large], worker="w")
    assert library.clips("a") == []


def test_all_that_is_on_its_way_is_cancelled_at_once(library: Library, engine: Engine) -> None:
    """What waits and what is under way; what is done stays."""
    index(library, "done", "red")
    add(library, "under way")
    video = library.claim("w", lease_s=10)
    assert video is not None
    library.save_clips(video, clips("green"), worker="w")
    add(library, "waits")
    library.cancel_all()
    states = {video.video_id: video.state.value for video in library.videos()}
    assert states == {"done": "ready", "under way": "cancelled", "waits": "cancelled"}
    assert count(engine, "FindClip") == 1


def test_what_is_put_off_is_tried_at_once_when_asked_for(library: Library) -> None:
    """Try again means now, without the sentence."""
    add(library, "a")
    library.claim("w", lease_s=10)
    assert library.postpone("a", "w", "The disk is full.", lambda _: 600.0) == 600.0
    assert library.claim("w", lease_s=10) is None
    put_off = library.video("a")
    assert (put_off.error, put_off.retry_at is not None) == ("The disk is full.", True)
    library.requeue("a")
    assert library.video("a").error is None
    assert library.claim("w", lease_s=10) is not None
