"""Searching in a real browser: strength, heat, keys, addresses, pictures, what is saved."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.e2e.scenes import SCENE_S, fill


@pytest.fixture(scope="module")
def app(server: AppServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """Four videos, searchable."""
    return fill(server, browser, tmp_path_factory.mktemp("scenes"))


Visit = Callable[..., Visitor]


def found(page: Page, words: str) -> None:
    """Wait until the line above the results says this."""
    expect(page.get_by_text(re.compile(words)).first).to_be_visible()


def test_the_strip_of_heat_leads_to_each_match(app: AppServer, visit: Visit) -> None:
    """A red square is in one video twice: a click on the strip plays there, J and K go to either.

    The keys draw no frame around the page.
    """
    page = visit().open(f"{app.url}/search?q=a+red+square")
    first, second = (at_s + SCENE_S / 2 for at_s in (SCENE_S, 3 * SCENE_S))
    half_s = SCENE_S / 2 + 0.1
    screens.results(page)
    screens.wait_until_at(page, first, within_s=half_s)
    strip = page.get_by_test_id("heat")
    box = strip.bounding_box()
    assert box is not None
    strip.click(position={"x": box["width"] * 0.9, "y": box["height"] / 2})
    playing = screens.wait_until_playing(page)
    assert playing.first_s == pytest.approx(0.9 * 5 * SCENE_S, abs=0.4)
    page.get_by_test_id("player").evaluate("v => v.pause()")
    for press, there_s in (
        (lambda: page.keyboard.press("k"), second),
        (lambda: page.keyboard.press("k"), first),
        (lambda: page.keyboard.press("j"), second),
        (lambda: page.get_by_test_id("peak-before").click(), first),
    ):
        press()
        screens.wait_until_at(page, there_s, within_s=half_s)
        assert not screens.is_framed(page)


# What is asked within one task is one run: strips.js asks after this event, before what waits here.
_CLICKS_AT_THAT_INSTANT = """
document.addEventListener("reelseek-strips", () => queueMicrotask(() => {
    const within = (root) => [...root.querySelectorAll("*")].flatMap(
        (one) => [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])]);
    const found = "[aria-label='Moments, best first'] .tile";
    const tile = globalThis.isClicked ? null : within(document).find((one) => one.matches(found));
    globalThis.isClicked ||= Boolean(tile);
    tile?.click();
}));
"""


def test_a_click_in_the_instant_in_which_the_page_asks_for_more_plays(
    app: AppServer, visit: Visit
) -> None:
    """What a click asks for is done, though Streamlit takes it for a run of another part alone."""
    visitor = visit()
    visitor.context.add_init_script(_CLICKS_AT_THAT_INSTANT)
    page = visitor.open(f"{app.url}/search?q=a+red+square")
    _, start_s = screens.moment_of(screens.results(page).first)
    playing = screens.wait_until_playing(page)
    assert playing.first_s == pytest.approx(start_s, abs=0.4)


def test_the_strip_under_a_result_plays_from_where_it_is_clicked(
    app: AppServer, visit: Visit
) -> None:
    """Not the moment's start, and of another video than the one that stands there."""
    page = visit().open(f"{app.url}/search?q=a+star&floor=0.2")
    strip = screens.strip_under(page, "film 3")
    box = strip.bounding_box()
    assert box is not None
    assert box["height"] >= 16  # a finger has to hit it
    strip.click(position={"x": box["width"] * 0.9, "y": box["height"] / 2})
    playing = screens.wait_until_playing(page)
    assert playing.first_s == pytest.approx(0.9 * 4 * SCENE_S, abs=0.4)
    expect(screens.tile_of(page, "film 3").get_by_test_id("tile")).to_have_attribute(
        "aria-pressed", "true"
    )
    screens.tile_of(page, "film 3").get_by_test_id("tile").click()
    screens.wait_until_at(page, SCENE_S / 2, within_s=SCENE_S / 2 + 0.1)


def test_each_strip_comes_once(app: AppServer, visit: Visit) -> None:
    """However many there are: four videos, four strips on the wire, all of them painted."""
    visitor = visit()
    page = visitor.context.new_page()
    came: list[str] = []

    def read(frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        came.extend(re.findall(r'"bins"', text))

    page.on("websocket", lambda socket: socket.on("framereceived", read))
    page.goto(f"{app.url}/search?q=a+star&floor=0")
    for at in range(4):
        screens.strip_under(page, f"film {at}")
    screens.wait_until_quiet(page)
    assert len(came) == 4


def test_the_strip_under_a_result_is_walked_by_keys(app: AppServer, visit: Visit) -> None:
    """The arrows go from match to match, Enter plays there."""
    page = visit().open(f"{app.url}/search?q=a+red+square")
    strip = screens.strip_under(page, "film 0")
    strip.focus()
    strip.press("End")
    strip.press("ArrowLeft")
    first_s = float(str(strip.get_attribute("aria-valuenow")))
    strip.press("ArrowRight")
    second_s = float(str(strip.get_attribute("aria-valuenow")))
    assert SCENE_S <= first_s < 2 * SCENE_S
    assert 3 * SCENE_S <= second_s < 4 * SCENE_S
    strip.press("Enter")
    assert screens.wait_until_playing(page).first_s == pytest.approx(second_s, abs=0.3)


def test_every_result_tells_what_each_term_did(app: AppServer, visit: Visit) -> None:
    """In one line, cut where it is too long, in full where the mouse rests; not of one word."""
    page = visit().open(f"{app.url}/search?q=a+red+square+-cross&floor=0")
    n_tiles = screens.results(page).count()
    lines = page.get_by_role("group", name="Moments, best first").get_by_test_id("tile-why")
    expect(lines).to_have_count(n_tiles)
    for line in lines.all():
        expect(line).to_have_text(re.compile(r"^red \d+% · square \d+% · without cross \d+%$"))
        expect(line).to_have_attribute("title", re.compile(r"^a red square \d+% · red .*shows it"))
    page.goto(f"{app.url}/search?q=a+star&floor=0")
    screens.strip_under(page, "film 3")
    expect(lines.first).to_be_hidden()


def test_the_first_results_get_exact_edges_while_one_looks_on(app: AppServer, visit: Visit) -> None:
    """A click meanwhile plays; in the end each begins where its scene does, in the same order."""
    address = f"{app.url}/search?q=a+star&floor=0.2"
    page = visit().open(address)
    before = [screens.moment_of(tile) for tile in screens.results(page).all()]
    assert 2 < len(before) <= 5
    page.goto(f"{address}&exact=1")
    found(page, "looking closer at 2 of")
    last = screens.results(page).last
    last.click()
    screens.wait_until_playing(page)
    expect(last).to_have_attribute("aria-pressed", "true")
    found(page, " · with exact edges")
    after = [screens.moment_of(tile) for tile in screens.results(page).all()]
    assert [video for video, _ in after] == [video for video, _ in before]
    for _, start_s in after:
        assert start_s == pytest.approx(SCENE_S * round(start_s / SCENE_S), abs=0.1)
    page.get_by_text("Exact edges", exact=True).click()
    page.wait_for_url(re.compile(r"^(?!.*exact)"))
    expect(screens.results(page).last).to_have_attribute("data-start", f"{before[-1][1]:g}")
    assert [screens.moment_of(tile) for tile in screens.results(page).all()] == before


def test_a_moment_shows_its_best_picture_and_plays_from_its_start(
    app: AppServer, visit: Visit
) -> None:
    """Until it plays the player stands at the second that matches best; here 2 s are put before."""
    page = visit().open(f"{app.url}/search?q=a+white+star&pad=2")
    first = screens.results(page).first
    best_s = float(str(first.get_attribute("data-key")).partition("@")[2])
    screens.wait_until_at(page, best_s, within_s=0.05)
    page.get_by_test_id("player").evaluate("v => v.play()")
    start_s = 2 * SCENE_S - 2
    page.wait_for_function(
        "([v, from, to]) => !v.paused && v.currentTime > from && v.currentTime < to",
        arg=[page.get_by_test_id("player").element_handle(), start_s, best_s - 0.5],
    )


def test_what_no_video_shows_finds_nothing_and_says_where_was_looked(
    app: AppServer, visit: Visit
) -> None:
    """Letters by chance give the empty state, with the count of what was looked at."""
    page = visit().open(f"{app.url}/search?q=qwzx+vbnm")
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible()
    found(page, r"0 of 17 clips of 4 videos match")


def test_more_like_this_and_thumbs(app: AppServer, visit: Visit) -> None:
    """A moment becomes the query; a thumb moves the search, and is taken back with it."""
    page = visit().open(f"{app.url}/search?q=a+star&floor=0.2")
    before = [str(tile.get_attribute("data-key")) for tile in screens.results(page).all()]
    third = screens.results(page).nth(2)
    third.click()
    expect(page.get_by_role("heading", name=str(third.get_attribute("title")))).to_be_visible()
    thumb = page.get_by_role("button", name="More like this in this search")
    assert thumb.evaluate("(button) => button.offsetWidth") < 70  # its name is heard, not seen
    thumb.click()
    page.wait_for_url(re.compile("up="))
    expect(page.get_by_role("button", name="1 liked")).to_be_visible()
    tiles = page.get_by_role("group", name="Moments, best first").get_by_test_id("tile")
    expect(tiles.first).to_have_attribute("data-key", before[2])
    page.get_by_role("button", name="More like this", exact=True).click()
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
    other.get_by_role("button", name="Forget").click()
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
