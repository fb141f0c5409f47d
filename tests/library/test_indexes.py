"""Indexes of two models beside each other: each with its own account, one of them serving."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.engine.engine import Engine
from core.errors import LibraryError
from core.library import schema
from core.library.library import Library
from core.library.records import Version
from core.model import IndexState, Sheet, Video
from tests.fakes import COLOURS, ColourEncoder, vector_of
from tests.library.conftest import FACTS, add, clips, index, info

OTHER = "wf_embeddings_clip_video_2"
RED = vector_of(COLOURS["red"])


def second(library: Library) -> Library:
    """The library with an empty index of another model."""
    name = library.indexes.add(info(model="other"), "other.pt")
    library.indexes.queue(name)
    return library.at(name)


def work(library: Library, colours: str) -> Video:
    """Index the next video that waits, with these colours, and a sheet for its storyboard."""
    video = library.claim("w2", lease_s=30)
    assert video is not None
    library.clear_index(video.video_id, worker="w2")
    assert library.save_clips(video, clips(colours), worker="w2")
    library.save_sheets(video, [Sheet(0, 1, 2, 2, 8, 8, b"of other")], worker="w2")
    assert library.finish(video.video_id, "w2")
    return library.video(video.video_id)


def count(engine: Engine, command: str, **constraints: list[object]) -> int:
    """How many objects of a kind the database holds."""
    body = {"constraints": constraints, "blobs": False, "results": {"count": True}}
    response, _ = engine.query([{command: body}])
    return int(response[0][command]["count"])


def test_another_index_is_made_while_the_first_is_searched(library: Library) -> None:
    """What is in the making changes neither hits, counts, pictures nor the state of a video."""
    first = index(library, "a", "red blue")
    other = second(library)
    hits = library.nearest(RED, 9)
    assert other.video("a").state is IndexState.WAITING
    claimed = other.claim("w2", lease_s=30)
    assert claimed is not None
    assert other.save_clips(claimed, clips("green green green", first_s=0.5), worker="w2")
    assert library.video("a") == first
    assert library.nearest(RED, 9) == hits
    assert library.counts() == (1, 2)
    assert other.counts() == (0, 0)
    assert library.picture("a", 1.9) == b"jpeg of blue 1.0"
    assert other.finish("a", "w2")
    assert (library.counts(), other.counts()) == ((1, 2), (1, 3))
    assert library.nearest(RED, 9) == hits
    assert [clip.best_s for clip in library.clips("a")] == [0, 1]
    assert [clip.best_s for clip in other.clips("a")] == [0.5, 1.5, 2.5]
    assert other.picture("a", 1.9) == b"jpeg of green 1.5"


def test_only_what_can_be_found_waits_for_another_index(library: Library) -> None:
    """A video that waits for the serving index comes first there, and is then queued for both."""
    add(library, "new")
    other = second(library)
    assert not other.has_waiting()
    index(library, "a", "red")
    other.indexes.queue(other.index_name)
    other.indexes.queue(other.index_name)
    assert other.has_waiting(["a"])
    assert not other.has_waiting(["new"])


def test_how_far_an_index_is(library: Library) -> None:
    """Counted are the videos that can be found now; progress goes by their length."""
    index(library, "a", "red")
    index(library, "b", "blue")
    other = second(library)
    claimed = other.claim("w2", lease_s=30)
    assert claimed is not None
    assert other.heartbeat(claimed.video_id, "w2", progress=0.5, lease_s=30)
    first, status = library.indexes.all()
    assert (first.name, first.is_serving, first.n_videos, first.n_clips) == (
        schema.INDEX,
        True,
        2,
        2,
    )
    assert first.is_whole
    assert (status.name, status.is_serving, status.source) == (OTHER, False, "other.pt")
    assert (status.n_videos, status.n_left, status.is_whole) == (0, 2, False)
    assert status.progress == pytest.approx(0.25)
    assert other.fail(claimed.video_id, "w2", "It cannot be read.")
    work(other, "red")
    (_, status) = library.indexes.all()
    assert (status.n_videos, status.n_failed, status.n_left) == (1, 1, 0)
    assert status.is_whole


def test_one_change_lets_another_index_serve_and_there_is_a_way_back(library: Library) -> None:
    """Everybody who holds the library sees it; the index that served stays as it is."""
    index(library, "a", "red blue")
    other = second(library)
    with pytest.raises(LibraryError, match="still lacks 1 of the videos"):
        library.indexes.use(OTHER)
    work(other, "green red red")
    begun, elsewhere = library.serving(), Library(library._database)
    assert library.indexes.use(OTHER).is_serving
    assert [hit.best_s for hit in elsewhere.nearest(RED, 1)] == [1]
    assert elsewhere.counts() == (1, 3)
    assert elsewhere.index_info() == info(model="other")
    assert begun.counts() == (1, 2), "a search that has begun ends where it began"
    library.indexes.use(schema.INDEX)
    assert elsewhere.counts() == (1, 2)


def test_what_is_added_meanwhile_waits_for_the_index_that_serves(library: Library) -> None:
    """After the way back, too: what the older index lacks is said, then queued for it."""
    index(library, "a", "red")
    work(second(library), "red")
    library.indexes.use(OTHER)
    add(library, "b")
    assert library.has_waiting(["b"])
    assert library.claim("w", lease_s=30, video_ids=["b"]) is not None
    assert library.finish("b", "w")
    with pytest.raises(LibraryError, match="still lacks 1 of the videos"):
        library.indexes.use(schema.INDEX)
    library.indexes.use(schema.INDEX, even_if_incomplete=True)
    assert library.video("b").state is IndexState.WAITING
    assert library.has_waiting(["b"])
    assert not library.has_waiting(["a"])


def test_other_content_is_indexed_anew_everywhere(library: Library, engine: Engine) -> None:
    """Replacing a video's content leaves nothing of the old in any index."""
    index(library, "a", "red blue")
    work(second(library), "green red red")
    video = library.video("a")
    again = library.replace(
        video, content_sha256="new", facts=FACTS, play_state=video.play_state,
        version=Version(1, 2),
    )  # fmt: skip
    assert again.state is IndexState.WAITING
    assert (count(engine, "FindDescriptor"), count(engine, "FindClip")) == (0, 0)
    assert not library.at(OTHER).has_waiting(), "not before it can be found"
    assert library.at(OTHER).counts() == (0, 0)


def test_a_deleted_video_leaves_every_index(library: Library, engine: Engine) -> None:
    """Its clips, vectors, pictures and storyboards of both models go with it."""
    index(library, "a", "red blue")
    work(second(library), "green red red")
    library.delete("a")
    for command in ("FindDescriptor", "FindClip", "FindImage", "FindVideo"):
        assert count(engine, command) == 0


def test_indexing_again_is_of_one_index(library: Library, engine: Engine) -> None:
    """Clips and storyboard of the other one stay as they are, and nothing is doubled."""
    index(library, "a", "red blue")
    other = second(library)
    work(other, "green red red")
    library.reindex(["a"])
    work(library, "blue")
    assert (library.counts(), other.counts()) == ((1, 1), (1, 3))
    assert (len(library.storyboard("a")), len(other.storyboard("a"))) == (1, 1)
    assert count(engine, "FindDescriptor") == 4


@pytest.mark.parametrize("gone", [schema.INDEX, OTHER])
def test_an_index_is_removed_with_all_that_belongs_to_it(
    library: Library, engine: Engine, gone: str
) -> None:
    """The other one serves on; nothing of the removed is left but the videos."""
    stays = OTHER if gone == schema.INDEX else schema.INDEX
    index(library, "a", "red blue green")
    library.background().keep(b"of the first")
    other = second(library)
    work(other, "red red red")
    other.background().keep(b"of the other")
    library.indexes.use(stays)
    before = library.video("a"), library.nearest(RED, 9), library.storyboard("a")
    library.indexes.begin_to_remove(gone)
    while library.indexes.remove_some():
        pass
    assert (library.video("a"), library.nearest(RED, 9), library.storyboard("a")) == before
    assert [status.name for status in library.indexes.all()] == [stays]
    assert count(engine, "FindDescriptor") == 3
    assert count(engine, "FindClip") == 3
    assert count(engine, "FindImage") == 3 + len(before[2])
    assert count(engine, "FindBlob") == 1
    body, _ = engine.query([{"FindVideo": {"blobs": False, "results": {"all_properties": True}}}])
    assert not set(body[0]["FindVideo"]["entities"][0]) & set(schema.Account(gone).all)


def test_what_serves_or_is_going_cannot_be_chosen_otherwise(library: Library) -> None:
    """The serving index is not removed, and one that goes can serve no more."""
    index(library, "a", "red")
    other = second(library)
    work(other, "red")
    with pytest.raises(LibraryError, match="is the index that serves"):
        library.indexes.begin_to_remove(schema.INDEX)
    with pytest.raises(
        LibraryError, match=rf"no index nowhere. There are: {schema.INDEX}, {OTHER}"
    ):
        library.indexes.use("nowhere")
    library.indexes.begin_to_remove(OTHER)
    with pytest.raises(LibraryError, match="is being removed"):
        library.indexes.use(OTHER)
    other.indexes.queue(OTHER)
    assert not other.has_waiting()
    with pytest.raises(LibraryError, match="is being removed"):
        library.indexes.add(info(model="other"), "")


def test_a_worker_loses_its_claim_on_an_index_that_goes(library: Library) -> None:
    """It cannot save a clip any more, so nothing is left behind in a removed index."""
    index(library, "a", "red")
    other = second(library)
    video = other.claim("w2", lease_s=30)
    assert video is not None
    library.indexes.begin_to_remove(OTHER)
    while library.indexes.remove_some():
        pass
    assert not other.heartbeat("a", "w2", progress=0.1, lease_s=30)
    assert not other.save_clips(video, clips("red"), worker="w2")


def test_one_index_for_a_model_whoever_asks_first(library: Library) -> None:
    """Asking again gives the same; a third model, and another framing, get numbers of their own."""
    library.ensure_index(info(), "first.pt")
    one, another = info(model="other"), info(framing="centre")
    assert library.indexes.add(info(), "elsewhere.pt") == schema.INDEX
    assert library.indexes.add(one, "") == OTHER == library.indexes.add(one, "")
    assert library.indexes.add(another, "") == f"{schema.INDEX}_3"
    assert library.indexes.of_model("mean colour", "computed", "centre") == f"{schema.INDEX}_3"
    assert replace(another, framing="whole") == ColourEncoder().info()
    assert library.at(schema.INDEX).made_by() == (info(), "first.pt")


def said_of(engine: Engine) -> dict[str, object]:
    """What the first set says of its model."""
    find = {"with_name": schema.INDEX, "results": {"all_properties": True}}
    response, _ = engine.query([{"FindDescriptorSet": find}])
    (found,) = response[0]["FindDescriptorSet"]["entities"]
    return {key: value for key, value in found.items() if key.startswith("embeddings")}


PUBLISHED = {"provider": "clip", "model": "ViT-B/32", "pretrained": "openai"}


def test_a_set_says_its_model_as_others_do(library: Library, engine: Engine) -> None:
    """The names of its workflow; no fingerprint, which only its own arithmetic gives."""
    library.ensure_index(info(**PUBLISHED))
    assert said_of(engine) == {
        "embeddings": "clip ViT-B/32 openai",
        "embeddings_provider": "clip",
        "embeddings_model": "ViT-B/32",
        "embeddings_pretrained": "openai",
    }


@pytest.mark.parametrize(
    ("there", "then"), [("openai-clip", "clip"), ("openclip", "openclip"), ("", "")]
)
def test_only_the_provider_that_nobody_else_knows_is_renamed(
    library: Library, engine: Engine, there: str, then: str
) -> None:
    """A set of before gets the name when it is next added to; those of others keep theirs."""
    library.ensure_index(info(**{**PUBLISHED, "provider": there}))
    library.ensure_index(info(**PUBLISHED))
    assert said_of(engine)["embeddings_provider"] == then
    assert said_of(engine)["embeddings"] == f"{then} ViT-B/32 openai"
