"""One search, three ways in: the pages' App, the command line, and an assistant's protocol."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import shared
from core.bootstrap import App, open_app
from core.cli.main import main
from core.media.probe import probe
from core.model import Span
from core.query import Right
from core.settings import Settings
from pages.parts.marking import labels
from tests.conftest import TINY_MODEL
from tests.data.tiny_clip.pictures import Picture, draw
from tests.films import Film, draw_film, scenes
from tests.pages.conftest import MAIN, own_main_module  # noqa: F401 - a fixture
from tests.ways_in import LIMIT, by_protocol, on_the_command_line, on_the_page, tiles_of

SCENES = (
    "yellow circle/black, red square/black, white star/black, red square/black, green cross/black",
    "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
    "white cross/brown, blue square/brown, green triangle/brown, yellow ring/brown",
    "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
)
SIZES_PX = ((256, 144), (200, 256), (144, 256), (256, 200))
ASKED: list[dict[str, Any]] = [
    {"text": "a star"},
    {"text": "a star", "minus": "white"},
    {"text": "a square\na ring"},
    {"text": "a red square", "then": "a green cross", "within_s": 2.0},
    {"text": "something blue", "floor": 0.0},
    {"text": "qwzx vbnm"},
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A library that every way in is pointed at."""
    folder = tmp_path_factory.mktemp("library")
    films = [
        Film(f"film {at}", scenes(line, seconds_each=3), size_px=size_px)
        for at, (line, size_px) in enumerate(zip(SCENES, SIZES_PX, strict=True))
    ]
    settings = {"REELSEEK_DATA": str(folder / "data"), "REELSEEK_MODEL": str(TINY_MODEL)}
    app = open_app(Settings(data=folder / "data", model=str(TINY_MODEL)))
    paths = [draw_film(film, folder) for film in films]
    ids = [app.intake.add_file(path).video.video_id for path in paths]
    app.worker().drain(ids)
    for video_id in ids[::3]:
        app.library.tags.add(video_id, "holiday")
    app.close()
    return {**os.environ, **settings}


@pytest.fixture
def app(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The app behind the pages; the command line opens its own on the same folder."""
    for name in ("REELSEEK_DATA", "REELSEEK_MODEL"):
        monkeypatch.setenv(name, environment[name])
    data, model = (environment[name] for name in ("REELSEEK_DATA", "REELSEEK_MODEL"))
    app = open_app(Settings(data=Path(data), model=model))
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: app))
    yield app
    app.close()


def questions(app: App, folder: Path) -> list[dict[str, Any]]:
    """Words, pictures, filters and limits, each in at least one question."""
    ids = {video.name: video.video_id for video in app.library.videos()}
    star = app.searcher.search("a white star").moments[0]
    picture = folder / "picture.png"
    draw(Picture("red", "square", "black", x=0.4, size=0.45), 200, 160).save(picture)
    today = app.library.videos()[0].added_at.astimezone().date()
    return [
        *ASKED,
        {"like": star.moment_id, "floor": 0.0},
        {"image": str(picture), "floor": 0.0},
        {"text": "a star", "image": str(picture), "blend": 0.3, "floor": 0.0},
        {"text": "a square", "video_ids": [ids["film 0.mp4"], ids["film 3.mp4"]]},
        {"text": "a square", "from_s": 4.0, "to_s": 11.0},
        {"text": "a square", "from_s": 4.0, "per_video": 0, "floor": 0.0},
        {"text": "a star", "tags": ["holiday"]},
        {"text": "a star", "added_from": str(today), "added_until": str(today)},
        {"text": "a star", "added_until": str(today - timedelta(days=1))},
        {"text": "a star", "min_duration_s": 13.0},
        {"text": "a star", "max_duration_s": 13.0, "min_height_px": 200, "floor": 0.0},
        {"text": 'a star -"blue star"', "padding_s": 2.0},
    ]


def test_the_same_moments_in_the_same_order_everywhere(
    environment: dict[str, str], app: App, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Ids, order, names and strength do not depend on the way in: page, command line, assistant."""
    asked = questions(app, tmp_path)
    calls = [("search_moments", {**one, "limit": LIMIT}) for one in asked]
    tools, *answers = by_protocol(environment, calls)
    assert tools == ["get_clip", "list_videos", "search_moments"]
    n_found = []
    for one, answer in zip(asked, answers, strict=True):
        moments = answer["moments"]
        assert on_the_command_line(one, capsys) == moments, one
        shown = tiles_of(on_the_page(one, app))
        assert [tile["key"] for tile in shown] == [each["moment_id"] for each in moments], one
        assert [tile["title"] for tile in shown] == [each["name"] for each in moments]
        assert [tile["bar"] for tile in shown] == [each["strength"] for each in moments]
        folded = [f"+{each['n_similar']} similar" if each["n_similar"] else "" for each in moments]
        assert [tile["badge"] for tile in shown] == folded
        n_found.append(len(moments))
    assert sum(n_found) > 30
    nothing = [one for one, n in zip(asked, n_found, strict=True) if not n]
    assert [one["text"] for one in nothing] == ["qwzx vbnm", "a star"]
    assert "added_until" in nothing[1]  # before anything was added


def test_what_the_page_does_not_show_at_once_can_be_asked_for(
    environment: dict[str, str], app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each by itself, as many of a video as there are, exact edges, padding: both say the same."""
    usual: dict[str, Any] = {"text": "a square", "floor": 0.0}
    asked = [
        usual, {**usual, "folds": False}, {**usual, "folds": False, "per_video": 0},
        {"text": "a red square", "exact": True, "padding_s": 1.5},
    ]  # fmt: skip
    _, *answers = by_protocol(
        environment, [("search_moments", {**one, "limit": LIMIT}) for one in asked]
    )
    for one, answer in zip(asked, answers, strict=True):
        assert on_the_command_line(one, capsys) == answer["moments"]
    folded, unfolded, everything, exact = (answer["moments"] for answer in answers)
    assert any(one["similar"] for one in folded)
    assert not any(one["similar"] for one in unfolded)
    of_first = {one["moment_id"] for best in folded for one in (best, *best["similar"])}
    assert len(everything) > len(unfolded)
    assert of_first <= {one["moment_id"] for one in everything}
    for one in exact:
        assert one["start_s"] == pytest.approx(round(one["start_s"] / 3) * 3, abs=0.1)
        assert one["play_start_s"] == pytest.approx(one["start_s"] - 1.5)
        assert one["play_end_s"] == pytest.approx(one["end_s"] + 1.5)
    shown = tiles_of(on_the_page(asked[-1], app))
    assert [tile["key"] for tile in shown] == [one["moment_id"] for one in exact]
    assert shown[0]["span"] == [exact[0]["start_s"], exact[0]["end_s"]]  # of what plays


def test_thumbs_move_every_way_in_alike(
    environment: dict[str, str], app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    """One or two frames liked, disliked, or both, beside words and a picture: ids and order."""
    plain: list[dict[str, Any]] = [
        {"text": "a star", "floor": 0.0}, {"like": ids_of("a white star", app)[0], "floor": 0.0},
    ]  # fmt: skip
    star, square, cross = (ids_of(said, app)[0] for said in ("a star", "red square", "green cross"))
    thumbs: list[dict[str, Any]] = [
        {"liked": [cross]}, {"disliked": [star]}, {"liked": [square, cross], "disliked": [star]},
    ]  # fmt: skip
    asked = [{**one, **moved} for one in plain for moved in ({}, *thumbs)]
    _, *answers = by_protocol(
        environment, [("search_moments", {**one, "limit": LIMIT}) for one in asked]
    )
    orders = []
    for one, answer in zip(asked, answers, strict=True):
        moments = answer["moments"]
        assert on_the_command_line(one, capsys) == moments, one
        orders.append([each["moment_id"] for each in moments])
        assert [tile["key"] for tile in tiles_of(on_the_page(one, app))] == orders[-1], one
    assert all(order != orders[0] for order in orders[1:4])
    assert all(order != orders[4] for order in orders[5:])


def ids_of(text: str, app: App) -> list[str]:
    return [one.moment_id for one in app.searcher.search(text).moments]


@pytest.mark.parametrize("templates", ["off", "on"])
def test_words_in_templates_are_measured_alike(
    app: App, templates: str, marked: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """On the Measure page and by `evaluate`, as the setting says, which makes a difference here."""
    monkeypatch.setenv("REELSEEK_TEMPLATES", templates)
    own = open_app(replace(app.settings, templates=templates == "on"))
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: own))
    at = AppTest.from_file(MAIN, default_timeout=120).switch_page("measure.py").run()
    assert not at.exception
    rows = at.table[0].value.to_dict("records")
    shown = {row["Figure"]: row["As it is"].split()[0] for row in rows}
    own.close()
    assert main(["evaluate", str(marked), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert shown["Right answer first"] == f"{said['recall_at_1']:.0%}"
    assert shown["Mean overlap of the first"] == f"{said['miou']:.0%}"
    assert (said["recall_at_1"] == 1) == (templates == "on")


@pytest.fixture
def marked(app: App, tmp_path: Path) -> Iterator[Path]:
    """Right answers of the first scenes to words that are found only in templates; as labels."""
    videos = {video.video_id: video for video in app.library.videos()}
    ids = {video.name: video.video_id for video in videos.values()}
    rights = [
        Right(f"{line.split('/')[0]} now", ids[f"film {at}.mp4"], Span(0, 3))
        for at, line in enumerate(SCENES)
    ]
    for right in rights:
        app.library.rights.add(right)
    path = tmp_path / "labels.csv"
    path.write_text(labels(rights, videos), "utf-8")
    yield path
    for right in rights:
        app.library.rights.remove(right)


def test_more_like_this_is_the_same_everywhere(
    environment: dict[str, str], app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    """The button under a moment, `similar`, and `like` with its id, or its picture's address."""
    at = on_the_page({"text": "a red square"}, app)
    first = tiles_of(at)[0]["key"]
    next(button for button in at.button if button.label == "More like this").click().run()
    shown = [tile["key"] for tile in tiles_of(at)]
    video_id, _, at_s = first.rpartition("@")
    link = f"http://localhost:8501/api/video/{video_id}/picture?t={at_s}"
    floor = {"limit": LIMIT, "floor": float("".join(at.query_params.get("floor", "0.5")))}
    calls = [("search_moments", {"like": like, **floor}) for like in (first, link)]
    _, *answers = by_protocol(environment, calls)
    for answer in answers:
        assert [one["moment_id"] for one in answer["moments"]] == shown
    least = str(floor["floor"])
    assert main(["similar", first, "--json", "-k", str(LIMIT), "--floor", least]) == 0
    assert json.loads(capsys.readouterr().out) == answers[0]["moments"]


def test_an_assistant_lists_videos_and_gets_a_clip_as_a_file(environment: dict[str, str]) -> None:
    """Names, lengths, and a file that lasts as long as was asked; a mistake is a sentence."""
    _, listed, one, found = by_protocol(
        environment,
        [
            ("list_videos", {}),
            ("list_videos", {"name": "FILM 2", "limit": 1}),
            ("search_moments", {"text": "a blue square"}),
        ],
    )
    assert listed["n_videos"] == len(SCENES)
    assert {video["name"] for video in listed["videos"]} == {f"film {n}.mp4" for n in range(4)}
    assert [video["name"] for video in one["videos"]] == ["film 2.mp4"]
    moment = found["moments"][0]
    stretch = {name: moment[name] for name in ("video_id", "start_s", "end_s")}
    _, clip, like, *wrong = by_protocol(
        environment,
        [
            ("get_clip", stretch),
            ("search_moments", {"like": moment["moment_id"], "floor": 0}),
            ("get_clip", {**stretch, "end_s": 0}),
            ("get_clip", {**stretch, "video_id": "nobody"}),
            ("search_moments", {"like": "nonsense"}),
            ("search_moments", {"text": "a star", "video_ids": ["nobody"]}),
            ("search_moments", {"text": "a star", "added_from": "yesterday"}),
        ],
    )
    assert Path(clip["path"]).stat().st_size == clip["size_bytes"]
    length_s = moment["end_s"] - moment["start_s"]
    assert probe(Path(clip["path"])).duration_s == pytest.approx(length_s, abs=0.1)
    assert moment["moment_id"] not in [one["moment_id"] for one in like["moments"]]
    said = ("no clip", "No video", "names no moment", "No video has the id", "is no day")
    for sentence, words in zip(wrong, said, strict=True):
        assert words in sentence
