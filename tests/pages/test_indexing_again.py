"""Videos are indexed again from the pages: one, those that match, those of a folder, all."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1.element_tree import Button

from core.bootstrap import App
from core.model import IndexState, Work
from tests.ingest.conftest import draw
from tests.pages.conftest import Show, only, texts


@pytest.fixture
def three(app: App, tmp_path: Path) -> dict[str, str]:
    """Three searchable videos in two folders: their ids by their names."""
    ids = {}
    for name, colour in (("one/red", "red"), ("one/deep/blue", "blue"), ("two/green", "green")):
        path = tmp_path / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        ids[path.stem] = app.intake.add_file(draw(path, colour)).video.video_id
    app.worker().drain(list(ids.values()))
    return ids


def folder_of(app: App, video_id: str) -> Path:
    return Path(app.library.video(video_id).path or "").parent


def waiting(app: App) -> set[str]:
    return {v.name for v in app.library.videos() if v.state is IndexState.WAITING}


def test_one_from_its_own_page(show: Show, app: App, three: dict[str, str]) -> None:
    """It waits then, and that can be cancelled there, too."""
    at = show("video", id=three["red"])
    at = next(b for b in at.button if b.label == "Index again").click().run()
    assert waiting(app) == {"red.mp4"}
    assert "Waiting for its turn" in texts(at)
    next(b for b in at.button if b.label == "Cancel").click().run()
    assert app.library.video(three["red"]).state is IndexState.CANCELLED


def test_its_page_says_how_fast_it_goes(show: Show, app: App, three: dict[str, str]) -> None:
    """As the Add page does."""
    app.library.reindex([three["red"]])
    app.library.claim("me", lease_s=60)
    work = Work("me", speed=12.0, left_s=3.0, bottleneck="model", device="cuda")
    app.library.heartbeat(three["red"], "me", progress=0.5, lease_s=60, work=work)
    told = texts(show("video", id=three["red"]))
    assert "12× real time · 3 s left · the model sets the pace · on the GPU" in told


@pytest.mark.parametrize(
    ("typed", "choice", "again"),
    [
        ("", "All 3 videos", {"red.mp4", "blue.mp4", "green.mp4"}),
        ("re", "The 2 videos that match", {"red.mp4", "green.mp4"}),
        ("re", "Those of a folder", {"red.mp4", "blue.mp4"}),
    ],
)
def test_many_from_the_library(
    show: Show, app: App, three: dict[str, str], typed: str, choice: str, again: set[str]
) -> None:
    """Those that the filter shows, a folder with those below it, or all; what it takes is said."""
    at = show("library", name=typed)

    def press(label: str) -> Button:
        return next(b for b in at.button if b.label == label).click()

    press("Index again").run()
    for kind, value in ((at.radio, choice), (at.selectbox, str(folder_of(app, three["red"])))):
        if kind:
            kind[0].set_value(value)
            press("Index again").run()  # AppTest runs no fragment alone, and dialogs are fragments
    press("Index again")
    press(f"Index {len(again)} videos again").run()
    assert not at.exception
    assert waiting(app) == again
    assert only(at, "go")["href"] == "/add"
