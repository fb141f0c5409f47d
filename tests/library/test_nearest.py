"""The nearest clips: ranked, scoped, joined to their videos; in sets of the workflow, too."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.engine import Engine
from core.errors import LibraryError
from core.library.library import Library, NewClip
from core.library.schema import INDEX
from core.model import IndexState, Span
from tests.fakes import COLOURS, ColourEncoder, vector_of
from tests.library.conftest import add, index, info

RED, GREEN, BLUE = (vector_of(COLOURS[name]) for name in ("red", "green", "blue"))


def found(library: Library, vector: np.ndarray, k: int = 10, **scope: object) -> list[str]:
    """The nearest clips as "video second", best first."""
    hits = library.nearest(vector, k, **scope)  # type: ignore[arg-type]
    return [f"{hit.video_id} {hit.best_s:g}" for hit in hits]


def test_the_nearest_come_first_with_all_that_a_person_needs(library: Library) -> None:
    """Each hit knows its video, its name, its stretch, its instant and its cosine."""
    index(library, "a", "red green")
    index(library, "b", "blue red", worker="w2")
    library.rename("b", "holiday")
    hits = library.nearest(GREEN, 10)
    assert (hits[0].video_id, hits[0].span, hits[0].best_s) == ("a", Span(1, 2), 1)
    assert (hits[0].seen_until_s, hits[0].shot) == (2, 0)
    assert hits[0].similarity == pytest.approx(1, abs=1e-6)
    similar = [hit.similarity for hit in hits]
    assert similar == sorted(similar, reverse=True)
    assert {hit.name for hit in hits} == {"a.mp4", "holiday"}
    assert len(hits) == 4


def test_no_more_than_k(library: Library) -> None:
    """At most k clips; none asked for, none found."""
    index(library, "a", "red green blue")
    assert found(library, BLUE, 1) == ["a 2"]
    assert found(library, BLUE, 0) == []


def test_a_search_within_videos(library: Library) -> None:
    """Only clips of the videos named, even if all others are nearer; no videos, no hits."""
    index(library, "a", "red red red")
    index(library, "b", "blue", worker="w2")
    assert found(library, RED, 2, video_ids=["b"]) == ["b 0"]
    assert found(library, RED, 9, video_ids=["a", "b"])[-1] == "b 0"
    assert found(library, RED, 2, video_ids=[]) == []
    assert found(library, RED, 2, video_ids=["unknown"]) == []


def test_a_search_within_a_stretch(library: Library) -> None:
    """Only clips that share an instant with it: its borders are half-open."""
    index(library, "a", "red red red red red")
    assert sorted(found(library, RED, span=Span(1, 3))) == ["a 1", "a 2"]
    assert sorted(found(library, RED, span=Span(1.5, 2.001))) == ["a 1", "a 2"]
    assert found(library, RED, span=Span(99, 100)) == []


def test_three_views_of_a_clip_are_one_hit_by_the_best(library: Library) -> None:
    """With the framing thirds, a clip is found by whichever part of its picture matches."""
    encoder = ColourEncoder(n_views=3)
    library.ensure_index(encoder.info())
    add(library, "a")
    video = library.claim("w", lease_s=30)
    assert video is not None
    views = [np.stack([RED, GREEN, BLUE]), np.stack([BLUE, BLUE, BLUE])]
    new = [NewClip(Span(n, n + 1), n, rows, b"jpeg", n + 0.5, 0) for n, rows in enumerate(views)]
    assert library.save_clips(video, new, worker="w")
    library.finish("a", "w")
    assert library.counts() == (1, 2)
    hits = library.nearest(GREEN, 2)
    assert [hit.best_s for hit in hits] == [0, 1]
    assert hits[0].similarity == pytest.approx(1, abs=1e-6)
    assert library.index_info() == encoder.info()


def test_before_anything_is_indexed_nothing_is_found(library: Library) -> None:
    """No set yet: an empty answer, no error."""
    add(library, "a")
    assert found(library, RED) == []


def test_an_index_stays_with_its_model(library: Library) -> None:
    """Another model, framing or dimension is refused in words that name both; the same is not."""
    library.ensure_index(info())
    library.ensure_index(info())
    library.ensure_index(info(provider="another packager of the same model"))
    for changed in ({"model": "other"}, {"framing": "centre"}, {"dimensions": 5}):
        with pytest.raises(LibraryError, match=r"mean colour .*but the model that was loaded is"):
            library.ensure_index(info(**changed))
    assert library.index_info() == info()


def test_a_vector_of_other_dimensions_is_refused(library: Library) -> None:
    """Before the database is asked."""
    index(library, "a", "red")
    with pytest.raises(LibraryError, match=r"4 numbers.*shape \(5,\)"):
        library.nearest(np.ones(5, np.float32), 3)


# -- what ApertureDB's own workflow wrote --------------------------------------------------------


def write_as_the_workflow(
    engine: Engine, names: dict[str, str], edge_to: str = "descriptor",
    *, to: str = INDEX, n_frames: int = 200, add: bool = True,
) -> None:  # fmt: skip
    """Write the set as apps/embeddings-extraction/app/videos.py does, without a property of ours.

    A video of each name, 25 fps, with a clip of a second for each colour; a stop is the next start.
    One version of it joins the video with the descriptor, another with the clip. Without `add` the
    videos are there.
    """
    set_properties = {
        "embeddings_provider": "clip", "embeddings_model": "mean colour",
        "embeddings_pretrained": "computed", "type": "video",
    }  # fmt: skip
    add_set = {
        "name": to, "dimensions": 4, "engine": "HNSW", "metric": "CS",
        "properties": set_properties,
    }  # fmt: skip
    _ask(engine, [{"AddDescriptorSet": add_set}])  # no failure where it is there
    for name, colours in names.items():
        if add:
            video = {"AddVideo": {"properties": {"name": name}}}
            _ask(engine, [video], [b"bytes of " + name.encode()])
        find = {"_ref": 1, "constraints": {"name": ["==", name]}}
        commands: list[dict[str, object]] = [{"FindVideo": find}]
        blobs = []
        for i, colour in enumerate(colours.split()):
            frames = {"start": i * 25, "stop": min((i + 1) * 25, n_frames)}
            clip, descriptor = 2 * i + 2, 2 * i + 3
            commands += [
                {"AddClip": {"_ref": clip, "video_ref": 1, "frame_number_range": frames}},
                {"AddDescriptor": {"_ref": descriptor, "set": to,
                                   "connect": {"ref": clip, "class": "ClipHasDescriptor"}}},
                {"AddConnection": {"src": 1, "dst": clip if edge_to == "clip" else descriptor,
                                   "class": "VideoHasDescriptor", "properties": frames}},
            ]  # fmt: skip
            blobs.append((vector_of(COLOURS[colour]) * 7).astype("<f4").tobytes())
        done = {"properties": {f"{to}_extraction_done": True}, "ref": 1}
        _ask(engine, [*commands, {"UpdateVideo": done}], blobs)


def _ask(
    engine: Engine, commands: list[dict[str, object]], blobs: list[bytes] | None = None
) -> None:
    response, _ = engine.query(commands, blobs or [])  # type: ignore[arg-type]
    assert isinstance(response, list), response


@pytest.fixture(params=["descriptor", "clip"])
def workflow(engine: Engine, library: Library, request: pytest.FixtureRequest) -> Library:
    """A library whose first videos came from the official workflow, of either version."""
    films = {"crepes": "red green blue", "soup": "yellow red"}
    write_as_the_workflow(engine, films, edge_to=request.param)
    library.prepare()  # as the next start does
    return library


def test_the_workflows_videos_are_searchable(workflow: Library) -> None:
    """Times come from the clips' frames, ids from the database."""
    hits = workflow.nearest(GREEN, 3)
    assert (hits[0].name, hits[0].span, hits[0].best_s) == ("crepes", Span(1, 2), 1)
    assert hits[0].similarity == pytest.approx(1, abs=1e-6)
    assert workflow.video(hits[0].video_id).name == "crepes"
    assert workflow.counts() == (2, 5)


def test_the_workflows_videos_are_shown(workflow: Library) -> None:
    """They are ready, have their facts and clips, and no file of ours."""
    videos = {video.name: video for video in workflow.videos()}
    crepes = videos["crepes"]
    assert (crepes.state, crepes.n_clips, crepes.path) == (IndexState.READY, 3, None)
    assert (crepes.facts.fps, crepes.facts.duration_s) == (25, 8)
    assert [clip.span for clip in workflow.clips(crepes.video_id)] == [
        Span(0, 1), Span(1, 2), Span(2, 3),
    ]  # fmt: skip
    assert workflow.picture(crepes.video_id, 1) is None
    assert workflow.claim("w", lease_s=1) is None


def test_the_workflows_videos_can_be_searched_within(workflow: Library) -> None:
    """By video and by stretch, though their descriptors carry nothing to constrain."""
    soup = next(video for video in workflow.videos() if video.name == "soup")
    hits = workflow.nearest(RED, 5, video_ids=[soup.video_id])
    assert [(hit.name, hit.best_s) for hit in hits] == [("soup", 1), ("soup", 0)]
    hits = workflow.nearest(RED, 5, span=Span(1, 2))
    assert [(hit.name, hit.best_s) for hit in hits] == [("soup", 1), ("crepes", 1)]
    assert workflow.counts([soup.video_id]) == (1, 2)


def test_the_workflows_videos_and_ours_live_in_one_set(workflow: Library) -> None:
    """Vectors of the same model, whoever wrote them, are ranked together."""
    index(workflow, "ours", "green")
    hits = workflow.nearest(GREEN, 2)
    assert {hit.name for hit in hits} == {"ours.mp4", "crepes"}
    both = [hit.video_id for hit in hits]
    assert len(workflow.nearest(GREEN, 9, video_ids=both)) == 4
    assert workflow.counts() == (3, 6)


def test_the_workflows_video_can_be_deleted(workflow: Library, engine: Engine) -> None:
    """With its clips and vectors; the other stays."""
    crepes = next(video for video in workflow.videos() if video.name == "crepes")
    workflow.delete(crepes.video_id)
    assert workflow.counts() == (1, 2)
    response, _ = engine.query([{"FindDescriptor": {"set": INDEX, "results": {"count": True}}}])
    assert response[0]["FindDescriptor"]["count"] == 2


def test_what_another_program_left_unindexed_says_so(library: Library, engine: Engine) -> None:
    """A bare video is listed, never claimed, and says what to do."""
    _ask(engine, [{"AddVideo": {"properties": {"name": "bare"}}}], [b"bytes"])
    (video,) = library.videos()
    assert video.state is IndexState.FAILED
    assert "add its file to Reelseek" in str(video.error)
    assert library.claim("w", lease_s=1) is None
