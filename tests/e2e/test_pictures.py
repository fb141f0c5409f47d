"""Searching by a picture in a real browser: dropped, pasted, by a link, more like a moment."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_server import AppServer
from tests.data.tiny_clip.pictures import Picture, draw
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.e2e.scenes import SCENE_S, fill

Visit = Callable[..., Visitor]
_TRANSFER = """const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], "picture.png", {type: "image/png"}));
  const init = {bubbles: true, cancelable: true, composed: true};
"""
_DROP = (
    f"(on, base64) => {{ {_TRANSFER}"
    """for (const kind of ["dragenter", "dragover", "drop"])
    on.dispatchEvent(new DragEvent(kind, {...init, dataTransfer: held})); }"""
)
_PASTE = (
    f"(on, base64) => {{ {_TRANSFER}"
    """on.dispatchEvent(new ClipboardEvent("paste", {...init, clipboardData: held})); }"""
)

# Whether the browser may go on with the paste.
_PASTE_WITH_TEXT = (
    f"(on, base64) => {{ {_TRANSFER}"
    """held.items.add("a ring", "text/plain");
    return on.dispatchEvent(new ClipboardEvent("paste", {...init, clipboardData: held})); }"""
)


@pytest.fixture(scope="module")
def app(server: AppServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """Four videos, searchable."""
    return fill(server, browser, tmp_path_factory.mktemp("scenes"))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Another drawing of the blue square of film 2."""
    path = tmp_path / "picture.png"
    draw(Picture("blue", "square", "brown", x=0.4), 300, 200).save(path)
    return path


def base64_of(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def expect_the_blue_square(page: Page) -> None:
    page.wait_for_url(re.compile("(picture|like)="))
    first = screens.results(page).first
    expect(first).to_contain_text("film 2")
    assert screens.moment_of(first)[1] == pytest.approx(SCENE_S, abs=0.6)


def test_a_picture_that_is_chosen_finds_its_scene(
    app: AppServer, visit: Visit, picture: Path
) -> None:
    """From a file; and taken away again."""
    page = visit().open(f"{app.url}/search")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_test_id("picture-input").set_input_files(picture)
    expect_the_blue_square(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="like your picture").click()
    expect(page.get_by_role("heading", name="What do you remember?")).to_be_visible()


def test_the_place_for_a_picture_is_reached_by_keys(app: AppServer, visit: Visit) -> None:
    """Tab leads from the field above it there, and an outline shows that it did."""
    page = visit().open(f"{app.url}/search")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_label("within seconds").focus()
    field = page.get_by_test_id("picture-input")
    for _ in range(4):  # the number has buttons of its own
        page.keyboard.press("Tab")
        if field.evaluate("(e) => e.getRootNode().activeElement === e"):
            break
    expect(field).to_be_focused()
    expect(page.get_by_test_id("picture-drop")).to_have_css("outline-style", "solid")


@pytest.mark.parametrize("where", ["in its place", "on the page"])
def test_a_picture_that_is_dropped_finds_its_scene(
    app: AppServer, visit: Visit, picture: Path, where: str
) -> None:
    """On the place under More, and on anything else of the page."""
    page = visit().open(f"{app.url}/search")
    if where == "in its place":
        page.get_by_role("button", name="More", exact=True).click()
        onto = page.get_by_test_id("picture-drop")
    else:
        onto = page.get_by_role("heading", name="What do you remember?")
        page.get_by_test_id("pasting").wait_for(state="attached")  # from then on it listens
    onto.evaluate(_DROP, base64_of(picture))
    expect_the_blue_square(page)


def test_a_picture_is_pasted_without_opening_anything(
    app: AppServer, visit: Visit, picture: Path
) -> None:
    """With the caret in the search box, as one would."""
    page = visit().open(f"{app.url}/search?q=a+ring")
    screens.results(page)
    page.get_by_label("What do you remember?").first.evaluate(_PASTE, base64_of(picture))
    page.wait_for_url(re.compile("picture="))
    expect(page.get_by_role("button", name="like your picture")).to_be_visible()
    page.get_by_label("What do you remember?").first.fill("")
    page.get_by_label("What do you remember?").first.press("Enter")
    expect(page.get_by_label("What do you remember?").first).to_have_value("")
    expect(screens.results(page).first).to_contain_text("film 2")


def test_text_with_a_picture_beside_it_is_pasted_as_text(
    app: AppServer, visit: Visit, picture: Path
) -> None:
    """As Office programs put it on the clipboard; only where no field is, the picture counts."""
    page = visit().open(f"{app.url}/search")
    page.get_by_test_id("pasting").wait_for(state="attached")  # from then on it listens
    heading = page.get_by_role("heading", name="What do you remember?")
    box = page.get_by_label("What do you remember?").first
    assert box.evaluate(_PASTE_WITH_TEXT, base64_of(picture))
    assert not heading.evaluate(_PASTE_WITH_TEXT, base64_of(picture))
    expect_the_blue_square(page)


@pytest.mark.parametrize("kind", ["page", "picture"])
def test_a_link_to_a_frame_finds_what_is_like_it(app: AppServer, visit: Visit, kind: str) -> None:
    """The address of a video's page at a time, or of a tile's picture as "copy image address"."""
    page = visit().open(f"{app.url}/search?q=a+red+square")
    first = screens.results(page).first
    video_id, start_s = screens.moment_of(first)
    before = str(first.get_attribute("data-key"))
    if kind == "page":
        link = f"{app.url}/video?id={video_id}&t={start_s + 1}"
    else:
        link = str(first.locator("img").evaluate("image => image.src"))
        assert "/picture?t=" in link
    box = page.get_by_label("What do you remember?").first
    box.fill(link)
    box.press("Enter")
    page.wait_for_url(re.compile("like="))
    expect(page.get_by_role("button", name=re.compile("like film 0"))).to_be_visible()
    other = screens.results(page).first  # the same square, further on in the same video
    expect(other).not_to_have_attribute("data-key", before)
    assert screens.moment_of(other) == (video_id, pytest.approx(4 * SCENE_S - start_s, abs=0.6))


def test_more_like_this_on_a_tile(app: AppServer, visit: Visit) -> None:
    """Every tile has it, also one that does not play; Back leads to the words."""
    page = visit().open(f"{app.url}/search?q=a+star&floor=0.2")
    tile = screens.tile_of(page, "film 3")
    tile.hover()
    tile.get_by_test_id("tile-like").click()
    page.wait_for_url(re.compile("like="))
    expect(page.get_by_role("button", name=re.compile("like film 3"))).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What do you remember?").first).to_have_value("a star")


def test_more_like_the_frame_that_a_video_shows(app: AppServer, visit: Visit) -> None:
    """On a video's page: like the instant at which the player stands, wherever that is."""
    page = visit().open(f"{app.url}/library")
    screens.poster(page, "film 0").click()
    screens.wait_until_at(page, 0)
    page.get_by_test_id("player").evaluate("v => { v.currentTime = 5; }")
    screens.wait_until_at(page, 5)
    page.get_by_test_id("player-like").click()
    page.wait_for_url(re.compile("/search.*like="))
    expect(page.get_by_role("button", name=re.compile("like film 0.* at 0:05"))).to_be_visible()
    assert screens.moment_of(screens.results(page).first)[1] == pytest.approx(3 * SCENE_S, abs=0.6)
