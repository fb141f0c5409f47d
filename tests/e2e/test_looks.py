"""What stands where in a real browser: on one line, beside its label, whole, and still."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.app_server import AppServer
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.e2e.scenes import SCENE_S, fill
from tests.e2e.test_progress import resting
from tests.films import Film, draw_film, scenes

Visit = Callable[..., Visitor]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 400, "height": 850}
# Notes, until the page is left, where the player stands and how faded it is.
_WATCH = """() => {
  window.seen = [];
  const look = () => {
    const stage = document.querySelector(".st-key-stage .stElementContainer");
    if (stage) window.seen.push([
      Math.round(stage.getBoundingClientRect().y + document.querySelector(".stMain").scrollTop),
      Number(getComputedStyle(stage).opacity),
    ]);
    setTimeout(look, 50);
  };
  look();
}"""


@pytest.fixture(scope="module")
def app(server: AppServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """Four videos, searchable."""
    return fill(server, browser, tmp_path_factory.mktemp("scenes"))


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return {**found, "middle": found["y"] + found["height"] / 2}


def baseline(locator: Locator) -> float:
    """Where the words of an element stand."""
    return float(
        locator.evaluate("""e => {
          const mark = document.createElement("span");
          mark.style.cssText = "display: inline-block; width: 0; height: 0";
          e.append(mark);
          const y = mark.getBoundingClientRect().bottom;
          mark.remove();
          return y;
        }""")
    )


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_controls_stand_with_their_labels(
    app: AppServer, visit: Visit, size: dict[str, int]
) -> None:
    """The switch on the line of its words; the help of How sure beside it; its words only once."""
    page = visit(viewport=size).open(f"{app.url}/search?q=a+star&floor=0")
    screens.results(page)
    exact = page.locator(".st-key-exact")
    switch = box(exact.locator("label > div:not([data-testid])"))
    assert switch["middle"] == pytest.approx(box(exact.locator("p"))["middle"], abs=1)
    sure = page.locator(".st-key-floor")
    words, help_ = box(sure.locator("p").first), box(sure.get_by_role("button"))
    assert 0 < help_["x"] - (words["x"] + words["width"]) < 16
    sure.hover()
    expect(sure.get_by_text("Everything").locator("visible=true")).to_have_count(1)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_exact_edges_leave_the_page_where_it_is(
    app: AppServer, visit: Visit, size: dict[str, int]
) -> None:
    """The player neither jumps nor fades while they are looked for; the line above says so."""
    page = visit(viewport=size).open(f"{app.url}/search?q=a+ring&floor=0.2")
    screens.results(page)
    screens.wait_until_quiet(page)
    page.evaluate(_WATCH)
    page.get_by_text("Exact edges", exact=True).click()
    expect(page.get_by_text(re.compile("with exact edges"))).to_be_visible()
    seen = page.evaluate("() => window.seen")
    assert len({y for y, _ in seen}) == 1
    assert min(opacity for _, opacity in seen) > 0.9


def test_a_video_says_what_its_heat_shows(app: AppServer, visit: Visit) -> None:
    """Opened from a search; its buttons are as wide as the column below them."""
    page = visit(viewport=WIDE).open(f"{app.url}/search?q=a+star&minus=snow")
    screens.results(page)
    page.get_by_role("link", name="Open video").click()
    said = page.get_by_test_id("heat-of")
    expect(said).to_have_text("How well each instant matches “a star”, without snow")
    buttons, below = (
        box(page.locator(".st-key-heading-buttons")),
        box(page.locator(".st-key-inside")),
    )
    for side in ("x", "width"):
        assert buttons[side] == pytest.approx(below[side], abs=1)
    page.goto(re.sub(r"&q=.*|q=[^&]*&", "", page.url))
    screens.wait_until_at(page, 0, within_s=60)
    expect(said).to_be_hidden()


def test_what_can_be_done_with_all_stands_on_the_line_of_the_heading(
    app: AppServer, visit: Visit
) -> None:
    """By the words of both, while two videos are on their way."""
    page = visit(viewport=WIDE).open(f"{app.url}/add")
    with resting(app):
        for name in ("film 0", "film 1"):
            screens.rows(page, name).get_by_role("button", name="Index again").click()
            screens.rows(page, name).get_by_role("button", name="Cancel").wait_for()
        heading = page.get_by_role("heading", name="2 videos on the way").locator("span").first
        words = page.get_by_role("button", name="Cancel all").locator("p")
        assert baseline(words) == pytest.approx(baseline(heading), abs=1.5)
    screens.wait_until_searchable(page, 4)


def test_upright_films_stand_whole(app: AppServer, visit: Visit, tmp_path: Path) -> None:
    """On the Add page, and in the strip of the clips of the film, as in the library."""
    line = scenes("red star/black, blue ring/gray", seconds_each=SCENE_S)
    page = visit(viewport=WIDE).open(f"{app.url}/add")
    screens.choose(page, [draw_film(Film("upright", line, size_px=(180, 320)), tmp_path)])
    screens.wait_until_searchable(page, 5)
    row = screens.rows(page, "upright").filter(has_text="Searchable")
    expect(row.locator(".picture")).to_have_class(re.compile("tall"))
    expect(row.locator("img")).to_have_css("object-fit", "contain")
    frame, picture = box(row.locator(".picture")), box(row.locator("img"))
    assert picture["height"] == pytest.approx(frame["height"], abs=1)  # as high, it is not cut off
    row.get_by_role("button", name="Open").click()
    clips = page.get_by_role("group", name="Clips of this video")
    for at in (0, 1):
        expect(clips.locator(".picture").nth(at)).to_have_class(re.compile("tall"))
        expect(clips.locator("img").nth(at)).to_have_css("object-fit", "contain")
