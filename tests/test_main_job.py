"""The main job on ten drawn films, the whole way: file, ffmpeg, model, database, search.

Every part is the real one; the model is the tiny CLIP of tests/data/tiny_clip, trained on drawn
pictures and never on these films.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.bootstrap import App, connect, open_app
from core.model import IndexState, Span
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.films import LabelledQuery
from tests.labelled_films import FILMS, QUERIES

if TYPE_CHECKING:  # importing it in earnest calls home; connect() imports it so that it does not
    from aperturedb.Connector import Connector

# The id that ApertureDB's page on video embeddings uses in its second snippet.
COOKING = "cooking-tutorial-001"


@pytest.fixture(scope="module")
def app(labelled_films: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with all ten films added and indexed; one of them under a name of its own."""
    data = tmp_path_factory.mktemp("main job") / "reelseek"
    app = open_app(Settings(data=data, model=str(TINY_MODEL)))
    try:
        added = [
            app.intake.add_file(path, video_id=COOKING if name == "hd" else None)
            for name, path in labelled_films.items()
        ]
        app.worker().drain([one.video.video_id for one in added])
        yield app
    finally:
        app.close()


@pytest.fixture(scope="module")
def client(app: App) -> Iterator[Connector]:
    """What `connect()` gives on a machine that names no server, on the same data."""
    client = connect(app.settings)
    yield client
    client.close()


def test_all_ten_films_become_searchable(app: App) -> None:
    """Every film is ready, none has an error, and each knows its clips."""
    videos = {video.name: video for video in app.library.videos()}
    assert len(videos) == len(FILMS)
    assert {video.state for video in videos.values()} == {IndexState.READY}
    assert all(video.error is None and video.n_clips > 0 for video in videos.values())


@pytest.mark.parametrize("label", QUERIES, ids=lambda label: label.text)
def test_the_first_result_shows_what_was_asked_for(app: App, label: LabelledQuery) -> None:
    """The first moment is of the labelled film, overlaps its stretch, and starts a player in it."""
    first = app.searcher.search(label.text).moments[0]
    assert Path(first.name).stem == label.film
    assert first.span.overlaps(Span(label.start_s, label.end_s))
    assert label.start_s <= first.best_s < label.end_s


def test_a_moment_is_the_same_however_many_are_asked_for(app: App) -> None:
    """Asking for one moment must not cut its edges: they come from the film, not from the limit."""
    for text in ("something on a gray background", "a star", "something red", "a black background"):
        many = app.searcher.search(text, limit=24).moments
        assert app.searcher.search(text, limit=1).moments == many[:1]


def test_a_search_within_one_film_finds_only_that_film(app: App) -> None:
    """Scoped to one film, nothing of another comes back, and its own scene is still first."""
    label = next(label for label in QUERIES if label.film == "wide")
    video = next(v for v in app.library.videos() if Path(v.name).stem == label.film)
    moments = app.searcher.search(label.text, video_ids=[video.video_id]).moments
    assert {moment.video_id for moment in moments} == {video.video_id}
    assert moments[0].span.overlaps(Span(label.start_s, label.end_s))


def test_a_search_within_a_stretch_finds_only_that_stretch(app: App) -> None:
    """Scoped to a stretch of time, every moment touches it."""
    stretch = Span(5, 9)
    moments = app.searcher.search("a red star", span=stretch).moments
    assert moments
    assert all(moment.span.overlaps(stretch) for moment in moments)


def test_aperturedbs_own_query_runs_unchanged(app: App, client: Connector) -> None:
    """The query of ApertureDB's page on video embeddings answers with the right clips."""
    text_embedding = app.encoder.encode_texts(["a red star"])[0]

    q = [{"FindDescriptor": {"set": "wf_embeddings_clip_video", "k_neighbors": 5,
                             "distances": True, "_ref": 1}},
         {"FindClip": {"is_connected_to": {"ref": 1}, "blobs": False,
                       "results": {"all_properties": True}}}]  # fmt: skip
    response, _ = client.query(q, [text_embedding.astype("float32").tobytes()])

    assert client.last_query_ok(), response
    found, clips = response[0]["FindDescriptor"], response[1]["FindClip"]
    distances = [entity["_distance"] for entity in found["entities"]]
    assert found["returned"] == len(distances) == 5
    assert distances == sorted(distances, reverse=True)
    assert 0 < clips["returned"] <= 5
    assert len(clips["entities"]) == clips["returned"]


def test_aperturedbs_own_query_within_one_video_runs_unchanged(app: App, client: Connector) -> None:
    """With the page's constraint on `video_id`, only that video's descriptors come back."""
    text_embedding = app.encoder.encode_texts(["a red star"])[0]

    q = [{"FindDescriptor": {"set": "wf_embeddings_clip_video", "k_neighbors": 5,
                             "distances": True, "_ref": 1,
                             "constraints": {"video_id": ["==", "cooking-tutorial-001"]}}},
         {"FindClip": {"is_connected_to": {"ref": 1}, "blobs": False,
                       "results": {"all_properties": True}}}]  # fmt: skip
    response, _ = client.query(q, [text_embedding.astype("float32").tobytes()])

    assert client.last_query_ok(), response
    assert response[1]["FindClip"]["returned"] > 0
    everything = [{"FindDescriptor": {"set": "wf_embeddings_clip_video", "k_neighbors": 5,
                                      "constraints": {"video_id": ["==", "cooking-tutorial-001"]},
                                      "results": {"list": ["video_id"]}}}]  # fmt: skip
    response, _ = client.query(everything, [np.asarray(text_embedding, "float32").tobytes()])
    video_ids = [entity["video_id"] for entity in response[0]["FindDescriptor"]["entities"]]
    assert set(video_ids) == {COOKING}
