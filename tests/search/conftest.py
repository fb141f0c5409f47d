"""Drawn videos whose scenes are known, indexed with two models of other scales."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bootstrap import App, open_app
from core.model import Moment
from core.query import Query, Wanted
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes

SCENES = [
    [one.strip() for one in line.split(",")]
    for line in (
        "yellow circle/black, red square/black, white star/black, green cross/black",
        "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
        "white cross/brown, blue square/brown, green triangle/brown, yellow ring/brown",
        "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
        "green ring/gray, blue cross/gray, red star/gray, white circle/gray",
        "pink cross/black, blue circle/black, purple square/black, yellow triangle/black",
    )
]  # fmt: skip
SCENE_S = 4.0
EVERYTHING = [one for line in SCENES for one in line]
MODELS = (TINY_MODEL, TINY_MODEL.with_name("second_clip.pt"))


@pytest.fixture(scope="session")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("scenes")
    films = [
        Film(f"film {at}", scenes(",".join(line), seconds_each=SCENE_S), size_px=(256, 144))
        for at, line in enumerate(SCENES)
    ]
    return [draw_film(film, folder) for film in films]


@pytest.fixture(scope="session", params=MODELS, ids=lambda path: path.stem)
def app(
    request: pytest.FixtureRequest, paths: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """All of them indexed, with one model or the other."""
    data = tmp_path_factory.mktemp("data")
    app = open_app(Settings(data=data, model=str(request.param)))
    app.worker().drain([app.intake.add_file(path).video.video_id for path in paths])
    yield app
    app.close()


def scene(moment: Moment) -> str:
    """What is drawn in the middle of a moment."""
    line = SCENES[int(moment.name.removeprefix("film ")[0])]
    return line[int((moment.span.start_s + moment.span.end_s) / 2 // SCENE_S)]


def shown(app: App, query: Query) -> set[str]:
    found = app.searcher.search(query, wanted=Wanted(per_video=None)).moments
    return {scene(moment) for moment in found}


def said(drawn: str) -> str:
    """The words for a scene, without its background: "a red ring"."""
    return f"a {drawn.split('/')[0]}"


def colour(drawn: str) -> str:
    return drawn.split()[0]
