"""Addresses of searches in a real browser: the whole search, steps back, what is remembered."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app_server import AppServer
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.e2e.scenes import fill

Visit = Callable[..., Visitor]
NOTHING = "Nothing here matches"


@pytest.fixture(scope="module")
def app(server: AppServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AppServer:
    """Four videos, searchable."""
    return fill(server, browser, tmp_path_factory.mktemp("scenes"))


@pytest.fixture(scope="module")
def ids(app: AppServer, browser: Browser) -> list[str]:
    """The ids of "film 0" to "film 3"."""
    visitor = Visitor(browser.new_context())
    page = visitor.open(f"{app.url}/library")
    found = [str(screens.poster(page, f"film {at}").get_attribute("data-key")) for at in range(4)]
    visitor.leave()
    return found


def asked(page: Page) -> dict[str, str]:
    """The parameters of the address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def found(page: Page, words: str) -> None:
    """Wait until the line above the results says this."""
    expect(page.get_by_text(re.compile(words)).first).to_be_visible()


def keys(page: Page) -> list[str]:
    """The results, in their order."""
    return [str(tile.get_attribute("data-key")) for tile in screens.results(page).all()]


def more(page: Page) -> None:
    """Open what else can be asked for."""
    page.get_by_role("button", name="More", exact=True).click()


def fill_in(page: Page, label: str, text: str) -> None:
    """Type into a field and leave it, as by Enter."""
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(label, exact=True).press("Enter")


def test_what_is_asked_by_hand_is_in_the_address_and_back_undoes_it(
    app: AppServer, visit: Visit
) -> None:
    """What was asked by hand is the same in another browser; Back returns to what was before."""
    page = visit().open(f"{app.url}/search")
    screens.ask(page, "a star")
    found(page, "3 moments")
    more(page)
    fill_in(page, "But without", "white")
    found(page, "2 moments")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("Everywhere")).click()
    fill_in(page, "To", "0:03")
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


def test_what_follows_and_other_lines_are_in_the_address(app: AppServer, visit: Visit) -> None:
    """Typed under More, found again in another browser, and taken back step by step."""
    page = visit().open(f"{app.url}/search?q=a+red+square")
    follows = page.get_by_role("button", name=re.compile("then a white star within"))
    found(page, "1 moment,")
    more(page)
    fill_in(page, "And then", "a white star")
    expect(follows).to_be_visible()
    fill_in(page, "within seconds", "5")
    page.wait_for_url(re.compile("within="))
    lines = page.get_by_label("Or any of these, one in each line")
    lines.fill("a yellow circle")
    lines.press("Control+Enter")
    page.wait_for_url(re.compile("yellow"))
    said = asked(page)
    assert (said["q"], said["then"]) == ("a red square\na yellow circle", "a white star")
    assert float(said["within"]) == 5
    other = visit().open(page.url)
    expect(other.get_by_role("button", name="then a white star within 5 s")).to_be_visible()
    assert keys(other) == keys(page)
    more(other)
    expect(other.get_by_label("Or any of these, one in each line")).to_have_value("a yellow circle")
    page.go_back()
    expect(page.get_by_label("Or any of these, one in each line")).to_have_value("")
    page.go_back()
    expect(page.get_by_role("button", name="then a white star within 30 s")).to_be_visible()
    page.go_back()
    expect(follows).to_have_count(0)
    assert asked(page) == {"q": "a red square"}


def test_every_part_of_a_search_is_restored_from_an_address(
    app: AppServer, visit: Visit, ids: list[str]
) -> None:
    """Each parameter fills its own field, and the search is made of all of them."""
    params = {
        "q": "a star\na ring", "minus": "snow", "like": f"{ids[3]}@2", "blend": "0.3",
        "video": f"{ids[1]},{ids[3]}", "from": "0", "to": "14", "since": "2020-01-01",
        "until": "2100-12-31", "longer": "3", "shorter": "600", "height": "144", "all": "1",
        "pad": "2", "floor": "0.05", "exact": "1",
    }  # fmt: skip
    page = visit().open(f"{app.url}/search?{urlencode(params)}")
    names = " ".join(tile.inner_text() for tile in screens.results(page).all())
    assert "film 1" in names
    assert not re.search("film [02]", names)
    expect(page.get_by_label("What do you remember?").first).to_have_value("a star")
    for pill in ("without snow", re.compile("like film 3.* at 0:02")):
        expect(page.get_by_role("button", name=pill)).to_be_visible()
    expect(screens.how_sure(page)).to_have_attribute("aria-valuetext", "Weak, too · 5%")
    expect(page.get_by_role("switch", name="Exact edges")).to_be_checked()
    page.get_by_role("button", name=re.compile("Only in 2 videos")).click()
    for name in ("film 1", "film 3"):
        expect(page.get_by_test_id("stMultiSelect").get_by_text(name).first).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_have_value("0:14")
    for label, day in (("Added from", "2020-01-01"), ("Added until", "2100-12-31")):
        one = page.get_by_test_id("stDateInput").filter(has_text=label)
        expect(one.locator("input")).to_have_value(day)
    page.keyboard.press("Escape")
    more(page)
    expect(page.get_by_label("Or any of these, one in each line")).to_have_value("a ring")
    expect(page.get_by_role("slider", name="Words or picture")).to_have_value("0.3")
    padding = page.get_by_role("combobox", name=re.compile("Play before and after"))
    expect(padding).to_have_value("2 s more")
    assert asked(page) == params


def test_several_videos_are_chosen_by_hand(app: AppServer, visit: Visit, ids: list[str]) -> None:
    """Two in the field are two in the address; Back leads to one, and to all."""
    page = visit().open(f"{app.url}/search?q=a+star")
    found(page, "of 4 videos")
    page.get_by_role("button", name=re.compile("Everywhere")).click()
    box = page.get_by_role("combobox", name=re.compile("Videos"))
    for at, ending in ((0, "1 video "), (1, "2 videos")):
        box.fill(f"film {at}")
        box.press("Enter")
        found(page, f"of {ending}")
    assert asked(page)["video"] == f"{ids[0]},{ids[1]}"
    page.go_back()
    found(page, "of 1 video ")
    page.go_back()
    found(page, "of 4 videos")


def test_back_undoes_the_choice_of_strength(app: AppServer, visit: Visit) -> None:
    """Each move is in the address, and a step back is a step back of what is shown."""
    page = visit().open(f"{app.url}/search?q=qwzx+vbnm")
    expect(page.get_by_role("heading", name=NOTHING)).to_be_visible()
    screens.how_sure(page).press("Home")
    page.wait_for_url(re.compile("floor=0$"))
    screens.results(page)
    page.go_back()
    expect(page.get_by_role("heading", name=NOTHING)).to_be_visible()
    assert "floor" not in asked(page)
    page.go_forward()
    screens.results(page)


def test_back_undoes_exact_edges(app: AppServer, visit: Visit) -> None:
    """They are in the address, the same in another browser, and a step back is the plain ones."""
    page = visit().open(f"{app.url}/search?q=a+white+star")
    plain = edges(page).inner_text()
    page.get_by_text("Exact edges").click()
    page.wait_for_url(re.compile("exact=1$"))
    expect(edges(page)).not_to_have_text(plain)
    exact = edges(page).inner_text()
    other = visit().open(page.url)
    expect(edges(other)).to_have_text(exact)
    expect(other.get_by_role("switch", name="Exact edges")).to_be_checked()
    page.go_back()
    expect(edges(page)).to_have_text(plain)
    expect(page.get_by_role("switch", name="Exact edges")).not_to_be_checked()
    page.go_forward()
    expect(edges(page)).to_have_text(exact)
    expect(page.get_by_role("switch", name="Exact edges")).to_be_checked()


def edges(page: Page) -> Locator:
    """The line below the name of what plays: from when to when, and how sure it is."""
    return page.locator(".st-key-playing").get_by_text("strong match")


def test_the_choice_of_strength_is_remembered_and_said(app: AppServer, visit: Visit) -> None:
    """Chosen once, it holds for the next visit of the same browser, whose address says it.

    So that address is the same search in another browser, which remembers nothing.
    """
    visitor = visit()
    page = visitor.open(f"{app.url}/search?q=qwzx+vbnm")
    expect(page.get_by_role("heading", name=NOTHING)).to_be_visible()
    screens.how_sure(page).press("Home")
    screens.results(page)
    again = visitor.open(f"{app.url}/search?q=zzxq+plmk")
    again.wait_for_url(re.compile("floor=0"))
    there = keys(again)
    begun = visitor.open(f"{app.url}/search")
    screens.ask(begun, "zzxq plmk")
    assert asked(begun)["floor"] == "0"
    assert keys(visit().open(again.url)) == there
    another = visit().open(f"{app.url}/search?q=zzxq+plmk")
    expect(another.get_by_role("heading", name=NOTHING)).to_be_visible()


def test_somebody_elses_link_changes_nothing_that_is_remembered(
    app: AppServer, visit: Visit
) -> None:
    """A link that shows everything is followed; one's own next search is as it was."""
    visitor = visit()
    screens.results(visitor.open(f"{app.url}/search?q=qwzx+vbnm&floor=0.0"))
    own = visitor.open(f"{app.url}/search?q=zzxq+plmk")
    expect(own.get_by_role("heading", name=NOTHING)).to_be_visible()
    assert [one["name"] for one in visitor.context.cookies() if "floor" in one["name"]] == []
