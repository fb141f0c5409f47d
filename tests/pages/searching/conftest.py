"""Three videos of a few real scenes behind the search page, and what is read off it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import shared
from core.bootstrap import App, open_app
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.pages.conftest import drawn, only, tell

SCENES = (
    "yellow circle/black, red square/black, white star/black, red square/black, green cross/black",
    "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
    "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
)
SCENE_S = 3.0


@pytest.fixture(scope="package")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Three videos, searchable with the tiny CLIP."""
    folder = tmp_path_factory.mktemp("scenes")
    app = open_app(Settings(data=folder / "reelseek", model=str(TINY_MODEL)))
    films = [
        Film(f"film {at}", scenes(line, seconds_each=SCENE_S), size_px=(320, 180), fps=8)
        for at, line in enumerate(SCENES)
    ]
    added = [app.intake.add_file(draw_film(film, folder)) for film in films]
    app.worker().drain([one.video.video_id for one in added])
    yield app
    app.close()


@pytest.fixture
def app(opened: App, monkeypatch: pytest.MonkeyPatch) -> App:
    """The app behind the pages."""
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: opened))
    return opened


@pytest.fixture
def everything() -> bool:
    """The tiny CLIP is sure of what it knows."""
    return False


@pytest.fixture
def ids(app: App) -> list[str]:
    """The videos, in the order of their names."""
    return [one.video_id for one in sorted(app.library.videos(), key=lambda one: one.name)]


def n_tiles(at: AppTest) -> int:
    return sum(len(one["tiles"]) for one in drawn(at, "tiles") if one["label"].startswith("Mom"))


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def ask_for_more(at: AppTest, *, answers: bool = True) -> dict[str, Any]:
    """Ask for what is missing as strips.js does; what the browser is told then."""
    told = only(at, "strips")
    got = [*told["strips"], *told["reasons"]]
    tell(at, "strips", "next", {"n": told["n"], "named": told["named"], "got": got})
    return only(at, "strips") if answers else {}
