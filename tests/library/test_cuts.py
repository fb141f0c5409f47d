"""The times at which shots begin: kept with each index of a video, and gone with it."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.engine import Engine
from core.library import schema
from core.library.library import Library
from core.library.records import Version
from core.model import PlayState
from tests.library.conftest import FACTS, add, clips, index
from tests.library.test_indexes import OTHER, count, second

CUTS_S = [1.28, 2.0, 3.033333, 7.96]


def cut(library: Library, video_id: str, cuts_s: list[float]) -> None:
    """Index the video, which waits, with cuts at these times."""
    video = library.claim("w", lease_s=30, video_ids=[video_id])
    assert video is not None
    library.clear_index(video_id, worker="w")
    assert library.save_clips(video, clips("red"), worker="w")
    assert library.save_clips(video, clips("blue", first_s=1), worker="w", cuts_s=cuts_s)
    assert library.finish(video_id, "w")


def test_cuts_are_kept_to_the_microsecond(library: Library, engine: Engine) -> None:
    """As one blob that anybody can read, in the order of time."""
    index(library, "a", "red")
    assert library.cuts("a") == []
    library.reindex(["a"])
    cut(library, "a", CUTS_S)
    assert library.cuts("a") == CUTS_S
    find = {"constraints": {schema.VIDEO_ID: ["==", "a"]}, "blobs": True}
    _, (blob,) = engine.query([{"FindBlob": find}])
    assert np.frombuffer(blob, "<i8").tolist() == [1280000, 2000000, 3033333, 7960000]


def test_indexing_again_forgets_the_cuts(library: Library, engine: Engine) -> None:
    """Others take their place; a video that fails then, or has one shot, has none."""
    index(library, "a", "red")
    for cuts_s in (CUTS_S, [4.0], []):
        library.reindex(["a"])
        cut(library, "a", cuts_s)
        assert library.cuts("a") == cuts_s
        assert count(engine, "FindBlob") == bool(cuts_s)
    library.reindex(["a"])
    cut(library, "a", CUTS_S)
    library.reindex(["a"])
    assert library.claim("w", lease_s=30) is not None
    assert library.fail("a", "w", "It broke. Mend it.")
    assert count(engine, "FindBlob") == 0


def test_whoever_lost_the_claim_saves_no_cuts(library: Library, engine: Engine) -> None:
    """Another worker has the video now."""
    add(library, "a")
    video = library.claim("w", lease_s=30)
    assert video is not None
    assert library.release("a", "w")
    assert not library.save_clips(video, clips("red"), worker="w", cuts_s=CUTS_S)
    assert count(engine, "FindBlob") == 0


def test_each_index_has_its_own_cuts(library: Library, engine: Engine) -> None:
    """They may be sampled otherwise; indexing again and removing one leave those of the other."""
    index(library, "a", "red")
    library.reindex(["a"])
    cut(library, "a", CUTS_S)
    other = second(library)
    cut(other, "a", [5.0])
    assert (library.cuts("a"), other.cuts("a")) == (CUTS_S, [5.0])
    library.reindex(["a"])
    cut(library, "a", [6.0])
    assert (library.cuts("a"), other.cuts("a")) == ([6.0], [5.0])
    library.indexes.begin_to_remove(OTHER)
    while library.indexes.remove_some():
        pass
    assert (library.cuts("a"), count(engine, "FindBlob")) == ([6.0], 1)


@pytest.mark.parametrize("is_deleted", [True, False])
def test_cuts_of_every_index_go_with_the_content(
    library: Library, engine: Engine, is_deleted: bool
) -> None:
    """Where a video is deleted, or other content lies in the place of its file."""
    index(library, "a", "red")
    library.reindex(["a"])
    cut(library, "a", CUTS_S)
    cut(second(library), "a", [5.0])
    assert count(engine, "FindBlob") == 2
    if is_deleted:
        library.delete("a")
    else:
        library.replace(
            library.video("a"), content_sha256="other", facts=FACTS, play_state=PlayState.DIRECT,
            version=Version(1, 1),
        )  # fmt: skip
    assert count(engine, "FindBlob") == 0
