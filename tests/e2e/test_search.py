"""Searching in a real browser: strength, heat, keys, addresses, pictures, what is saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.data.tiny_clip.pictures import Picture, draw
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.films import Film, draw_film, scenes

SCENES = (
    "yellow circle/black, red square/black, white star/black, red square/black, green cross/black",
    "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
    "white cross/brown, blue square/brown, green triangle/brown, yellow ring/brown",
    "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
)
SCENE_S = 4.0


@pytest.fixture(scope="module")
def app(server: AppServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """Four videos, searchable."""
    folder = tmp_path_factory.mktemp("scenes")
    films = [
        Film(f"film {at}", scenes(line, seconds_each=SCENE_S), size_px=(320, 180))
        for at, line in enumerate(SCENES)
    ]
    visitor = Visitor(browser.new_context())
    page = visitor.open(f"{server.url}/add")
    screens.choose(page, [draw_film(film, folder) for film in films])
    screens.wait_until_searchable(page, len(films))
    visitor.leave()
    return server


Visit = Callable[..., Visitor]


def found(page: Page, words: str) -> None:
    """Wait until the line above the results says this."""
    expect(page.get_by_text(re.compile(words)).first).to_be_visible()


def test_the_strip_of_heat_leads_to_each_match(app: AppServer, visit: Visit) -> None:
    """A red square is in one video twice: a click on the strip, J and K go to either."""
    page = visit().open(f"{app.url}/search?q=a+red+square")
    screens.results(page)
    screens.wait_until_at(page, SCENE_S)
    strip = page.get_by_test_id("heat")
    box = strip.bounding_box()
    assert box is not None
    strip.click(position={"x": box["width"] * 0.7, "y": box["height"] / 2})
    screens.wait_until_at(page, 0.7 * 5 * SCENE_S)
    page.keyboard.press("k")
    second = screens.look(page)
    assert second.now_s == pytest.approx(3 * SCENE_S, abs=1.1)
    page.keyboard.press("k")
    page.wait_for_timeout(100)
    assert screens.look(page).now_s == pytest.approx(SCENE_S, abs=1.1)
    page.keyboard.press("j")
    screens.wait_until_at(page, second.now_s)
    page.get_by_test_id("peak-before").click()
    page.wait_for_timeout(100)
    assert screens.look(page).now_s == pytest.approx(SCENE_S, abs=1.1)


def test_an_address_restores_the_whole_search(app: AppServer, visit: Visit) -> None:
    """What was asked by hand is the same in another browser; Back returns to what was before."""
    page = visit().open(f"{app.url}/search")
    screens.ask(page, "a star")
    found(page, "3 moments")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("textbox", name="But without").fill("white")
    page.get_by_role("textbox", name="But without").press("Enter")
    found(page, "2 moments")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("Everywhere")).click()
    page.get_by_label("To", exact=True).fill("0:03")
    page.get_by_label("To", exact=True).press("Enter")
    found(page, "1 moment,")
    other = visit().open(page.url)
    found(other, "1 moment,")
    expect(other.get_by_role("button", name="without white")).to_be_visible()
    expect(other.get_by_role("button", name=re.compile("Only to 0:03"))).to_be_visible()
    other.get_by_role("button", name="without white").click()
    expect(other.get_by_role("button", name="without white")).to_have_count(0)
    page.go_back()
    found(page, "2 moments")
    page.go_back()
    found(page, "3 moments")


def test_what_no_video_shows_finds_nothing_and_says_where_was_looked(
    app: AppServer, visit: Visit
) -> None:
    """Letters by chance give the empty state, with the count of what was looked at."""
    page = visit().open(f"{app.url}/search?q=qwzx+vbnm")
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible()
    found(page, r"0 of 17 moments of 4 videos match")


def test_the_choice_of_strength_is_remembered(app: AppServer, visit: Visit) -> None:
    """Chosen once, it holds for the next visit of the same browser, and not for another's."""
    visitor = visit()
    page = visitor.open(f"{app.url}/search?q=qwzx+vbnm")
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible()
    slider = page.get_by_role("slider", name="How sure")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    screens.results(page)
    again = visitor.context.new_page()
    again.goto(f"{app.url}/search?q=zzxq+plmk")
    screens.results(again)
    another = visit().open(f"{app.url}/search?q=zzxq+plmk")
    expect(another.get_by_role("heading", name="Nothing here matches")).to_be_visible()


def test_a_picture_that_is_dropped_finds_its_scene(
    app: AppServer, visit: Visit, tmp_path: Path
) -> None:
    """Another drawing of the blue square, chosen as a file; more like it; taken away again."""
    drawn = tmp_path / "picture.png"
    draw(Picture("blue", "square", "brown", x=0.4), 300, 200).save(drawn)
    page = visit().open(f"{app.url}/search")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_test_id("picture-input").set_input_files(drawn)
    page.wait_for_url(re.compile("picture="))
    first = screens.results(page).first
    expect(first).to_contain_text("film 2")
    assert screens.moment_of(first)[1] == pytest.approx(SCENE_S, abs=0.6)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="like your picture").click()
    expect(page.get_by_role("heading", name="What do you remember?")).to_be_visible()


def test_more_like_this_and_thumbs(app: AppServer, visit: Visit) -> None:
    """A moment becomes the query; a thumb moves the search, and is taken back with it."""
    page = visit().open(f"{app.url}/search?q=a+star&floor=0.2")
    before = [screens.moment_of(tile) for tile in screens.results(page).all()]
    screens.results(page).nth(2).click()
    page.get_by_role("button", name="thumb_up").click()
    page.wait_for_url(re.compile("up="))
    expect(page.get_by_role("button", name="1 liked")).to_be_visible()
    tiles = page.get_by_role("group", name="Moments, best first").get_by_test_id("tile")
    expect(tiles.first).to_have_attribute("data-key", f"{before[2][0]}@{before[2][1]:.3f}")
    page.get_by_role("button", name="More like this").click()
    page.wait_for_url(re.compile("like="))
    expect(page.get_by_role("button", name=re.compile("like film"))).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="1 liked")).to_be_visible()


def test_a_saved_search_waits_on_the_first_page(app: AppServer, visit: Visit) -> None:
    """Saved under a name, it is there for everybody, leads back to the search, and can go."""
    page = visit().open(f"{app.url}/search?q=a+ring&minus=snow")
    screens.results(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Name").fill("Rings *2*")
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_role("button", name="Saved")).to_be_visible()
    other = visit().open(f"{app.url}/search")
    other.get_by_role("button", name="Rings *2*").click()
    expect(other.get_by_role("button", name="without snow")).to_be_visible()
    other.get_by_role("button", name="Saved").click()
    expect(other.get_by_role("button", name="Save", exact=True)).to_be_visible()


def test_tags_choose_where_is_looked(app: AppServer, visit: Visit) -> None:
    """A tag given on a video's page is a filter of the search."""
    page = visit().open(f"{app.url}/library")
    screens.poster(page, "film 3").click()
    box = page.get_by_role("combobox", name=re.compile("Tags"))
    box.fill("Holiday")
    box.press("Enter")
    expect(page.get_by_text("Holiday").first).to_be_visible()
    page.goto(f"{app.url}/search?q=a+star&tags=Holiday")
    found(page, "1 moment,.* of 1 video")
    expect(page.get_by_role("button", name=re.compile("Only tagged Holiday"))).to_be_visible()
