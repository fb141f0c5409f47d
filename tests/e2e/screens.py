"""What a visitor does on Reelseek's screens, and what they can see; the handles of pages/parts.

Each function waits for a condition on the screen, never for a time.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

INDEXING_LIMIT_MS = 180_000  # on two busy cores, the model's loading included

_DROP = """(zone, files) => {
  const dropped = new DataTransfer();
  for (const file of files) {
    const bytes = Uint8Array.from(atob(file.base64), (c) => c.charCodeAt(0));
    dropped.items.add(new File([bytes], file.name));
  }
  const init = {dataTransfer: dropped, bubbles: true, cancelable: true};
  const event = (kind) => new DragEvent(kind, init);
  zone.dispatchEvent(event("dragover"));
  zone.dispatchEvent(event("drop"));
}"""
_IS_PLAYING = """v =>
  v.readyState >= 3 && !v.paused && v.played.length > 0 && v.currentTime > v.played.start(0) + 0.3
"""
_STATE = """v => ({
  first_s: v.played.length ? v.played.start(0) : null,
  now_s: v.currentTime,
  width_px: v.videoWidth,
  is_paused: v.paused,
})"""

_IS_FRAMED = """main => {
  const line = getComputedStyle(main, "::before");
  return line.content !== "none" && line.display !== "none";
}"""


@dataclass(frozen=True, slots=True)
class Playing:
    """What the <video> says of itself."""

    first_s: float | None  # where playing began
    now_s: float
    width_px: int
    is_paused: bool


def drop(page: Page, paths: Sequence[Path]) -> None:
    """Drop files on the drop zone, as a hand with a mouse does."""
    files = [
        {"name": path.name, "base64": base64.b64encode(path.read_bytes()).decode()}
        for path in paths
    ]
    page.get_by_test_id("dropzone").evaluate(_DROP, files)


def choose(page: Page, paths: Sequence[Path]) -> None:
    """Choose files in the drop zone's dialog."""
    page.get_by_test_id("dropzone-input").set_input_files(list(paths))


def uploads(page: Page, state: str) -> Locator:
    """The uploads in this state: waiting, sending, done or failed."""
    return page.locator(f"[data-testid=upload][data-state={state}]")


def rows(page: Page, words: str | re.Pattern[str]) -> Locator:
    """The rows of the Add page that say this."""
    return page.locator("[class*='st-key-job-']").filter(has_text=words)


def wait_until_searchable(page: Page, n_videos: int) -> None:
    """Wait on the Add page until this many videos are."""
    expect(rows(page, "Searchable")).to_have_count(n_videos, timeout=INDEXING_LIMIT_MS)


def ask(page: Page, words: str) -> Locator:
    """Type words into the search box of a page without results; the tiles that answer."""
    box = page.get_by_role("searchbox", name="What do you remember?").or_(
        page.get_by_role("textbox", name="What do you remember?")
    )
    box.fill(words)
    box.press("Enter")
    page.wait_for_url(re.compile(r"[?&]q="))
    return results(page)


def results(page: Page) -> Locator:
    """The tiles of the search page, once there are any."""
    tiles = page.get_by_role("group", name="Moments, best first").get_by_test_id("tile")
    tiles.first.wait_for()
    return tiles


def moment_of(tile: Locator) -> tuple[str, float]:
    """A result's video id and the second at which its moment starts."""
    video_id, _, _ = str(tile.get_attribute("data-key")).partition("@")
    return video_id, float(str(tile.get_attribute("data-start")))


def poster(page: Page, name: str) -> Locator:
    """The library's tile of the video with this name."""
    return page.get_by_role("group", name="Videos").get_by_test_id("tile").filter(has_text=name)


def wait_until_playing(page: Page) -> Playing:
    """Wait until the player has shown some frames."""
    player = page.get_by_test_id("player")
    player.wait_for()
    page.wait_for_function(_IS_PLAYING, arg=player.element_handle())
    return look(page)


def wait_until_at(page: Page, at_s: float, *, within_s: float = 0.2) -> Playing:
    """Wait until the player shows a frame less than `within_s` from this second."""
    player = page.get_by_test_id("player")
    player.wait_for()
    is_there = (
        "([v, at, by]) => v.readyState >= 2 && !v.seeking && Math.abs(v.currentTime - at) < by"
    )
    page.wait_for_function(is_there, arg=[player.element_handle(), at_s, within_s])
    return look(page)


def is_framed(page: Page) -> bool:
    """Whether Streamlit draws the line around the page by which it tells that it has the focus."""
    return bool(page.get_by_test_id("stMain").evaluate(_IS_FRAMED))


def tile_of(page: Page, name: str) -> Locator:
    """The first result of the video with this name, with what lies over it."""
    found = page.get_by_role("group", name="Moments, best first").locator(".cell")
    return found.filter(has_text=name).first


def strip_under(page: Page, name: str) -> Locator:
    """The strip of heat under the first result of the video with this name, once it is filled."""
    strip = tile_of(page, name).get_by_test_id("tile-heat")
    expect(strip).to_be_visible()
    return strip


def how_sure(page: Page) -> Locator:
    """The slider of the least strength."""
    return page.get_by_role("slider", name="How sure")


def wait_until_quiet(page: Page) -> None:
    """Wait until Streamlit has come to rest."""
    page.locator("[data-testid=stStatusWidget]").wait_for(state="detached")


def look(page: Page) -> Playing:
    """What the player says now."""
    return Playing(**page.get_by_test_id("player").evaluate(_STATE))
