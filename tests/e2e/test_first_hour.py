"""A newcomer's first hour: drop films in, type what they remember, watch the moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import bad_files
from tests.app_server import ROOT, AppServer
from tests.conftest import TINY_MODEL
from tests.e2e import screens
from tests.e2e.conftest import Visitor
from tests.films import draw_film
from tests.labelled_films import FILMS, QUERIES

BY_NAME = {film.name: film for film in FILMS}
DRAWN = (BY_NAME["hd"], BY_NAME["wide"], replace(BY_NAME["little"], codec="h264 mkv"))
IN_MATROSKA = DRAWN[2]
REAL = ROOT.parent / "shared/videos"
# The first and last scene of each; tests/test_main_job.py asks for all, without a browser.
ASKED = [
    label
    for film in DRAWN
    for label in QUERIES
    if label.film == film.name and (label.start_s == 0 or label.end_s == film.duration_s)
]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drawn")
    return [draw_film(film, folder) for film in DRAWN]


@pytest.fixture(scope="module")
def app(server: AppServer, browser: Browser, drawn: list[Path]) -> AppServer:
    """The app after the three films were dropped on its page and became searchable."""
    visitor = Visitor(browser.new_context())
    page = visitor.open(f"{server.url}/add")
    screens.drop(page, drawn)
    expect(screens.uploads(page, "done")).to_have_count(len(drawn))
    screens.wait_until_searchable(page, len(drawn))
    visitor.leave()
    assert visitor.elsewhere == []
    assert visitor.errors == []
    return server


@pytest.mark.parametrize("label", ASKED, ids=lambda label: label.text)
def test_the_first_result_plays_what_was_asked_for(
    app: AppServer, visit: Callable[..., Visitor], label: object
) -> None:
    """The first result's film plays, from its moment's start, inside the labelled stretch."""
    page = visit().open(f"{app.url}/search")
    first = screens.ask(page, label.text).first
    _, start_s = screens.moment_of(first)
    expect(first).to_contain_text(label.film)
    first.click()
    playing = screens.wait_until_playing(page)
    assert playing.first_s == pytest.approx(start_s, abs=0.2)
    # The film is drawn to the nearest frame, and at 29.97 a second none begins at 28 s.
    assert label.start_s - 0.02 <= playing.first_s < label.end_s
    assert label.start_s <= playing.now_s < label.end_s
    assert playing.width_px > 0


def test_a_film_in_matroska_plays_through_its_copy(
    app: AppServer, visit: Callable[..., Visitor]
) -> None:
    """The MKV is searchable like any other, and what the browser gets is an MP4 made of it."""
    label = next(label for label in ASKED if label.film == IN_MATROSKA.name)
    page = visit().open(f"{app.url}/search")
    first = screens.ask(page, label.text).first
    video_id, _ = screens.moment_of(first)
    first.click()
    assert screens.wait_until_playing(page).width_px == IN_MATROSKA.size_px[0]
    answer = page.request.get(f"{app.url}/api/video/{video_id}", headers={"Range": "bytes=0-99"})
    assert (answer.status, answer.headers["content-type"]) == (206, "video/mp4")
    (copy,) = (app.data / "proxies").glob("*.mp4")
    assert copy.name.startswith(video_id)


def test_a_search_address_works_as_the_first_request_of_a_server(
    app: AppServer, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    """`/search?q=a+blue+ring`, cold: the box holds the words, and the right film is first."""
    with AppServer(app.data, TINY_MODEL, tmp_path / "log.txt") as cold:
        visitor = visit()
        page = visitor.open(f"{cold.url}/search?q=a+blue+ring")
        expect(screens.results(page).first).to_contain_text("wide")
        box = page.get_by_label("What do you remember?").first
        expect(box).to_have_value("a blue ring")
        visitor.leave()
        assert "Traceback" not in cold.read_log()


def test_a_video_address_works_as_the_first_request_of_a_server(
    app: AppServer, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    """`/video?id=…&t=12.5`, cold: the player stands at 12.5 s of that film."""
    page = visit().open(f"{app.url}/library")
    video_id = screens.poster(page, "hd").get_attribute("data-key")
    with AppServer(app.data, TINY_MODEL, tmp_path / "log.txt") as cold:
        visitor = visit()
        page = visitor.open(f"{cold.url}/video?id={video_id}&t=12.5")
        assert screens.wait_until_at(page, 12.5).width_px == 1280
        visitor.leave()
        assert "Traceback" not in cold.read_log()


def test_a_broken_file_says_why_and_a_known_one_is_recognised(
    app: AppServer, visit: Callable[..., Visitor], drawn: list[Path], tmp_path: Path
) -> None:
    """A file that cannot be used says why; the same film again is not stored again."""
    page = visit(expect_errors=r"status of 4\d\d").open(f"{app.url}/add")
    screens.choose(page, [bad_files.sound_only(tmp_path), drawn[0]])
    failed, done = screens.uploads(page, "failed"), screens.uploads(page, "done")
    expect(failed).to_contain_text("sound")
    expect(done).to_contain_text("Already in your library")
    screens.wait_until_searchable(page, len(DRAWN))
    assert len(list((app.data / "videos").iterdir())) == len(DRAWN)
    assert list((app.data / "incoming").iterdir()) == []


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real films at {REAL}")
def test_real_films_become_searchable_and_play(
    app: AppServer, visit: Callable[..., Visitor]
) -> None:
    """Films from cameras, MP4 and Matroska: chosen in the dialog, searchable, found, played."""
    films = [*sorted(REAL.glob("*.mp4")), *sorted(REAL.glob("*/*.mkv"))]
    page = visit().open(f"{app.url}/add")
    screens.choose(page, films)
    screens.wait_until_searchable(page, len(DRAWN) + len(films))
    page.goto(f"{app.url}/library")
    for name in ("crepe_flambe", "again"):
        video_id = screens.poster(page, name).get_attribute("data-key")
        watching = page.context.new_page()
        watching.goto(f"{app.url}/search?q=something+white&floor=0&video={video_id}")
        screens.results(watching).first.click()
        assert screens.wait_until_playing(watching).width_px > 0
        watching.close()


def test_rename_and_delete(app: AppServer, visit: Callable[..., Visitor]) -> None:
    """A new name is everywhere at once; after a confirmed delete video and file are gone."""
    page = visit().open(f"{app.url}/library")
    screens.poster(page, "hd").click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Holiday *1* <b>")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Holiday *1* <b>")).to_be_visible()
    page.goto(f"{app.url}/library")
    renamed = screens.poster(page, "Holiday *1* <b>")
    video_id = str(renamed.get_attribute("data-key"))
    stored = [path for path in (app.data / "videos").iterdir() if path.stem == video_id]
    assert len(stored) == 1
    renamed.click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile("/library"))
    expect(screens.poster(page, "Holiday *1* <b>")).to_have_count(0)
    assert not stored[0].exists()
    page.goto(f"{app.url}/search?q=a+blue+ring")
    keys = [screens.moment_of(tile)[0] for tile in screens.results(page).all()]
    assert video_id not in keys
