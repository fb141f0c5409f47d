"""Which videos a filter chooses, and which are new since somebody looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.library import schema
from core.library.library import Library
from core.library.records import Version
from core.model import PlayState
from tests.library.conftest import FACTS, Clock, clips, index, info


def since(library: Library, clock: Clock) -> list[str]:
    """What can be found that could not a second ago."""
    return library.searchable(indexed_after=datetime.fromtimestamp(clock.now_s - 1, UTC))


def again(library: Library, video_id: str, colours: str = "green") -> None:
    """Index a video that waits."""
    assert library.claim("w", lease_s=30, video_ids=[video_id]) is not None
    library.clear_index(video_id, worker="w")
    assert library.save_clips(library.video(video_id), clips(colours), worker="w")
    assert library.finish(video_id, "w")


def test_what_is_indexed_again_is_not_new(library: Library, clock: Clock) -> None:
    """New when it is found for the first time, and never again."""
    index(library, "a", "red")
    assert since(library, clock) == ["a"]
    clock.now_s += 60
    library.reindex(["a"])
    again(library, "a")
    assert since(library, clock) == []
    index(library, "b", "blue")
    assert since(library, clock) == ["b"]


def test_another_model_makes_nothing_new(library: Library, clock: Clock) -> None:
    """What both have found is as old as the first; what only the other found is new."""
    index(library, "a", "red")
    other = library.at(library.indexes.add(info(model="other"), "other.pt"))
    library.indexes.queue(other.index_name)
    clock.now_s += 60
    again(other, "a")
    library.indexes.use(other.index_name)
    assert library.index_name == other.index_name
    assert since(library, clock) == []
    assert library.searchable() == ["a"]


def test_what_was_added_long_ago_and_is_found_now_is_new(library: Library, clock: Clock) -> None:
    """The day of adding does not count; nor what failed before."""
    index(library, "old", "red")
    library.add_video(
        "late", name="late.mp4", path=Path("/films/late.mp4"), content_sha256="late", facts=FACTS,
        play_state=PlayState.DIRECT,
    )  # fmt: skip
    clock.now_s += 3600
    assert library.claim("w", lease_s=30) is not None
    assert library.fail("late", "w", "Not today.")
    library.requeue("late")
    again(library, "late")
    assert since(library, clock) == ["late"]


def test_other_content_is_new(library: Library, clock: Clock) -> None:
    """A file that was replaced shows other things, under the same id."""
    index(library, "a", "red")
    clock.now_s += 60
    library.replace(
        library.video("a"), content_sha256="other", facts=FACTS, play_state=PlayState.DIRECT,
        version=Version(1000, 1),
    )  # fmt: skip
    again(library, "a")
    assert since(library, clock) == ["a"]


def test_a_library_of_before_remembers_when_it_was_indexed(
    library: Library, engine: Engine, clock: Clock
) -> None:
    """Where nobody noted when a video was found first, its last indexing is as good."""
    index(library, "a", "red")
    engine.query([{"UpdateVideo": {"remove_props": [schema.FOUND_US]}}])
    assert since(library, clock) == ["a"]
    clock.now_s += 60
    library.reindex(["a"])
    again(library, "a")
    assert since(library, clock) == []


@pytest.mark.parametrize("size_px", [(1920, 1080), (1080, 1920)])
def test_lines_are_those_of_the_short_side(library: Library, size_px: tuple[int, int]) -> None:
    """An upright video of a phone has as many as the same one lying."""
    width_px, height_px = size_px
    index(library, "small", "red")
    library.add_video(
        "a", name="a.mp4", path=Path("/films/a.mp4"), content_sha256="a",
        facts=replace(FACTS, width_px=width_px, height_px=height_px), play_state=PlayState.DIRECT,
    )  # fmt: skip
    again(library, "a")
    assert library.searchable(min_height_px=1080) == ["a"]
    assert library.searchable(min_height_px=1081) == []
