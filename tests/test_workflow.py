"""Libraries that ApertureDB's own workflow wrote, in the app: searched, played, listed.

Real films, the real engine and the tiny CLIP; see tests/workflow.py for who writes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core import shared
from core.bootstrap import App, connect, open_app
from core.encoders.clip import ClipEncoder
from core.errors import WeightsMissingError
from core.library import foreign
from core.media.probe import probe
from core.model import IndexState, Span
from core.query import Filters, Frame, Query, Wanted
from core.settings import Settings
from core.web.routes import routes
from tests import workflow
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.ingest.conftest import until
from tests.pages.conftest import MAIN, only, own_main_module

__all__ = ["own_main_module"]  # for the test that draws a page

FILMS = (
    Film("holiday", scenes("red star/black, blue circle/gray, green ring/brown", seconds_each=4)),
    Film(
        "camcorder",
        scenes("yellow cross/black, white triangle/cyan", seconds_each=4),
        codec="mpeg4 avi",
    ),
)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {film.name: draw_film(film, folder) for film in FILMS}


@pytest.fixture(scope="module")
def encoder() -> ClipEncoder:
    return ClipEncoder(str(TINY_MODEL))


@pytest.fixture
def app(settings: Settings, encoder: ClipEncoder) -> Iterator[App]:
    """The app, open before the workflow runs."""
    opened = open_app(settings, encoder=encoder)
    yield opened
    opened.close()


def _work(app: App, films: dict[str, Path], **made_by: str) -> None:
    """Ingest and index films in another program, through the client, while the app is open."""
    info = app.encoder.info()
    client = connect(app.settings)
    workflow.ingest(client, films)
    said = {"provider": "clip", "model": info.model, "pretrained": info.pretrained, **made_by}
    n = workflow.run(client, app.encoder, dimensions=info.dimensions, made_by=said)
    assert n == len(films)
    client.close()


def test_it_is_searched_at_once(app: App, films: dict[str, Path]) -> None:
    """The moment is the shot that was drawn, in seconds, though only frame numbers are stored."""
    _work(app, films)
    result = app.searcher.search("a blue circle")
    assert (result.n_videos, result.n_clips) == (2, 20)
    best = result.moments[0]
    assert best.score <= 1 + 1e-5
    assert 4 <= best.best_s < 8
    assert (best.span.start_s, best.span.end_s) == pytest.approx((4, 8), abs=0.51)
    (inside,) = app.searcher.search("a red star", video_ids=[best.video_id], limit=1).moments
    assert inside.span.start_s == 0


def test_each_second_of_a_film_is_reached(
    app: App, films: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The strip of heat, *More like this* and the reasons, where a film is a part by itself."""
    monkeypatch.setattr(foreign, "_TOGETHER_S", 1.0)
    _work(app, films)
    query = Query(text="a blue circle")
    best = app.searcher.search(query).moments[0]
    heat = app.searcher.heat(query, best.video_id)
    assert [span.start_s for span in heat.spans] == pytest.approx(range(12))
    assert 4 <= heat.spans[heat.strengths.index(max(heat.strengths))].start_s < 8
    assert app.searcher.why(query, best)
    alike = Query(frame=Frame(best.video_id, 10.5))
    filters = Filters(video_ids=(best.video_id,), span=Span(4, 8))
    alike = replace(alike, filters=filters)
    result = app.searcher.search(alike, wanted=Wanted(floor=0.0))
    assert result.moments
    assert all(4 <= moment.best_s < 8 for moment in result.moments)
    assert result.n_clips == 4, "one a second"


def test_it_is_listed(app: App, films: dict[str, Path]) -> None:
    """Ready, with length, size and clips, under the database's own id as it has no name."""
    _work(app, films)
    app.library.counts()
    videos = app.library.videos()
    assert {video.state for video in videos} == {IndexState.READY}
    assert sorted(video.n_clips for video in videos) == [8, 12]
    assert {round(video.facts.duration_s) for video in videos} == {8, 12}
    assert all(video.name == video.video_id and video.path is None for video in videos)
    for video in videos:
        assert [clip.span.start_s for clip in app.library.clips(video.video_id)] == pytest.approx(
            range(round(video.facts.duration_s))
        )


def test_its_pages_do_not_shift(app: App, films: dict[str, Path]) -> None:
    """It asks for two videos at a time that are not done, and does them: none is passed over."""
    _work(app, dict.fromkeys("abc", films["camcorder"]))
    app.library.counts()
    assert [video.n_clips for video in app.library.videos()] == [8, 8, 8]


def test_it_is_played(app: App, films: dict[str, Path]) -> None:
    """By range, over HTTP: an MP4 as it is, what browsers cannot play as a copy they can."""
    _work(app, films)
    videos = {round(video.facts.duration_s): video.video_id for video in app.library.videos()}
    with TestClient(Starlette(routes=routes(app)), base_url="http://127.0.0.1") as client:
        part = client.get(f"/api/video/{videos[12]}", headers={"Range": "bytes=100-199"})
        assert part.status_code == 206
        assert part.content == films["holiday"].read_bytes()[100:200]
        address = f"/api/video/{videos[8]}"
        until(lambda: client.get(address).status_code == 200, "the copy that browsers play")
        whole = client.get(address)
    copy = app.settings.data / "copy.mp4"
    copy.write_bytes(whole.content)
    assert probe(copy).video_codec == "h264"
    assert probe(copy).duration_s == pytest.approx(8, abs=0.2)


def test_its_page_shows_it(
    app: App, films: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library page has a poster for each, with a link to the page that plays it."""
    _work(app, films)
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: app))
    at = AppTest.from_file(MAIN, default_timeout=30).switch_page("library.py").run()
    assert not at.exception
    shown = only(at, "tiles")["tiles"]
    ids = {video.video_id for video in app.library.videos()}
    assert {tile["key"] for tile in shown} == ids


def test_another_model_is_said_plainly(
    app: App, films: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of another CLIP of the same length are not compared: that one has to search."""
    _work(app, films, model="ViT-B/16", pretrained="openai")
    monkeypatch.setenv("HOME", str(app.settings.data))
    with pytest.raises(WeightsMissingError, match=r"The weights of CLIP ViT-B/16 are not on this"):
        app.searcher.search("a blue circle")
    assert len(app.library.videos()) == 2


def test_the_workflow_leaves_ours_alone(app: App, films: dict[str, Path]) -> None:
    """A video that Reelseek indexed looks done to it, and its set is used for what is not."""
    ours = app.intake.add_file(films["holiday"]).video
    app.worker().drain([ours.video_id])
    before = app.library.video(ours.video_id)
    _work(app, {"camcorder": films["camcorder"]})
    assert app.library.video(ours.video_id) == before
    assert app.library.index_info() == app.encoder.info()
    found = {moment.video_id for moment in app.searcher.search("a yellow cross").moments}
    assert found != {ours.video_id}
    assert app.library.counts()[0] == 2


def test_its_programs_open_and_search_our_set(app: App, films: dict[str, Path]) -> None:
    """By the names in it they load the model, embed words, and find our clips with their times."""
    ours = app.intake.add_file(films["holiday"]).video
    app.worker().drain([ours.video_id])
    client = connect(app.settings)
    info = app.encoder.info()
    named = {"provider": "clip", "model": info.model, "pretrained": info.pretrained}
    assert workflow.opened(client, workflow.SET) == named
    best, *_ = workflow.find_similar(client, app.encoder, workflow.SET, "a blue circle", 5)
    client.close()
    assert best["video_id"] == ours.video_id
    assert 4 <= best["timestamp"] < 8


def test_a_library_of_before_is_used_as_it_is(app: App, films: dict[str, Path]) -> None:
    """Its set names a provider that only Reelseek knew: it is searched, and right once added to."""
    first = app.intake.add_file(films["holiday"]).video
    app.worker().drain([first.video_id])
    before = app.library.video(first.video_id)
    _name_as_before(app)
    assert app.searcher.search("a blue circle").moments[0].video_id == first.video_id
    client = connect(app.settings)
    with pytest.raises(AssertionError, match="Unsupported provider: openai-clip"):
        workflow.opened(client, workflow.SET)
    second = app.intake.add_file(films["camcorder"]).video
    app.worker().drain([second.video_id])
    assert [status.n_videos for status in app.library.indexes.all()] == [2]
    assert app.library.video(first.video_id) == before
    assert workflow.opened(client, workflow.SET)["provider"] == "clip"
    client.close()


def _name_as_before(app: App) -> None:
    """Let the set be as earlier versions made it."""
    client = connect(app.settings)
    update = {
        "with_name": workflow.SET,
        "properties": {"embeddings_provider": "openai-clip"},
        "remove_props": ["embeddings"],
    }
    answer, _ = client.query([{"UpdateDescriptorSet": update}], [])
    assert answer[0]["UpdateDescriptorSet"]["count"] == 1
    client.close()


def test_another_model_indexes_what_the_workflow_has(app: App, films: dict[str, Path]) -> None:
    """Its videos have no file here and no id of ours: they are fetched, and then found."""
    _work(app, films)
    second = replace(app.settings, model=str(TINY_MODEL.with_name("second_clip.pt")))
    other = open_app(second)
    worker = other.worker()
    while worker.index_next(threading.Event()):
        pass
    (_, made) = other.library.indexes.all()
    assert (made.n_videos, made.n_failed, made.is_whole) == (2, 0, True)
    other.library.indexes.use(made.name)
    assert 4 <= app.searcher.search("a blue circle").moments[0].best_s < 8
    assert all(video.n_clips for video in app.library.videos())
    other.close()
