"""Which clips a stretch of time holds, whatever their lengths, and what the set notes for that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine.engine import Engine
from core.library import index_queries, schema
from core.library.library import Library, NewClip
from core.model import Span
from tests.fakes import COLOURS, ColourEncoder, vector_of
from tests.library.conftest import add

RED = vector_of(COLOURS["red"])


def save(library: Library, video_id: str, *spans: Span, worker: str = "w") -> None:
    """Save red clips of these stretches as a video's."""
    add(library, video_id)
    video = library.claim(worker, lease_s=30, video_ids=[video_id])
    assert video is not None
    clips = [NewClip(one, one.start_s, RED[np.newaxis], b"jpeg", one.end_s, 0) for one in spans]
    assert library.save_clips(video, clips, worker=worker)
    assert library.finish(video_id, worker)


def longest_s(engine: Engine) -> float | None:
    """What the set notes of its longest clip."""
    find = {"with_name": schema.INDEX, "results": {"list": [schema.LONGEST_CLIP_S]}}
    answer, _ = engine.query([{"FindDescriptorSet": find}])
    (found,) = answer[0]["FindDescriptorSet"]["entities"]  # type: ignore[index]
    return found[schema.LONGEST_CLIP_S]  # type: ignore[no-any-return]


def within(library: Library, span: Span) -> list[float]:
    """The starts of the clips that a search within the stretch finds, in their order."""
    return sorted(hit.span.start_s for hit in library.nearest(RED, 99, span=span))


def test_the_longest_clip_is_noted_and_only_grows(engine: Engine, library: Library) -> None:
    """A new set has none; a longer clip replaces what is noted, a shorter one does not."""
    library.ensure_index(ColourEncoder().info())
    assert longest_s(engine) == 0
    save(library, "a", Span(0, 1), Span(1, 4.5))
    assert longest_s(engine) == 3.5
    save(library, "b", Span(0, 2), worker="w2")
    assert longest_s(engine) == 3.5
    save(library, "c", Span(2, 7), worker="w3")
    assert longest_s(engine) == 5


def test_a_long_clip_is_found_by_a_stretch_near_its_end(library: Library) -> None:
    """However long before the stretch it began, and whoever saved it in whatever order."""
    library.ensure_index(ColourEncoder().info())
    save(library, "a", Span(0, 1), Span(100, 101))
    save(library, "b", Span(3, 100.5), worker="w2")
    assert within(library, Span(99, 99.5)) == [3]
    assert within(library, Span(100.25, 200)) == [3, 100]
    assert within(library, Span(100.5, float("inf"))) == [100]
    assert library.count_within(None, Span(99, 99.5)) == 1


def test_a_set_without_the_note_is_still_searched_whole(engine: Engine, library: Library) -> None:
    """One made before, or by another program, may hold clips that nobody measured."""
    library.ensure_index(ColourEncoder().info())
    save(library, "a", Span(0, 50))
    forget = {"with_name": schema.INDEX, "remove_props": [schema.LONGEST_CLIP_S]}
    engine.query([{"UpdateDescriptorSet": forget}])
    save(library, "b", Span(0, 1), worker="w2")
    assert longest_s(engine) is None
    assert within(library, Span(49, 50)) == [0]


def test_a_library_made_before_gets_the_index_when_it_is_opened(engine: Engine) -> None:
    """Opening makes what is missing, and once only."""
    older = [one for one in schema.INDEXED if one != ("_Descriptor", schema.START)]
    for class_, key in older:
        create = {"index_type": "entity", "class": class_, "property_key": key}
        engine.query([{"CreateIndex": create}])
    for _ in range(2):
        Library(engine).prepare()
        answer, _ = engine.query([{"GetIndexes": {}}])
        indexes = answer[0]["GetIndexes"]["indexes"]["entity"]  # type: ignore[index]
        assert set(indexes["_Descriptor"]) == {schema.VIDEO_ID, schema.START}


TIMES = st.floats(0, 100) | st.integers(0, 1000).map(lambda tenths: tenths / 10)
LENGTHS = st.floats(1e-3, 60) | st.integers(1, 300).map(lambda tenths: tenths / 10)
SPANS = st.tuples(TIMES, LENGTHS).map(lambda two: Span(two[0], two[0] + two[1]))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clips=st.lists(SPANS, min_size=1, max_size=8), asked=SPANS)
def test_the_bounds_leave_no_clip_out(clips: list[Span], asked: Span) -> None:
    """What shares an instant with the stretch meets the constraints, rounded or not."""
    longest = max(one.end_s - one.start_s for one in clips)
    scope = index_queries.within(None, asked, longest)
    _, least_s, _, most_s = scope[schema.START]
    _, after_s = scope[schema.END]
    for one in clips:
        is_inside = least_s <= one.start_s < most_s and one.end_s > after_s
        assert is_inside == one.overlaps(asked)


@pytest.mark.parametrize("longest", [None, 3.0])
def test_an_open_end_is_left_out(longest: float | None) -> None:
    """JSON has no endless number; what is known of the length bounds the start all the same."""
    scope = index_queries.within(None, Span(10, float("inf")), longest)
    assert scope[schema.END] == [">", 10.0]
    assert scope.get(schema.START) == (None if longest is None else [">=", pytest.approx(6.999)])
