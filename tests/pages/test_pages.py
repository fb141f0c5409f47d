"""What each page says in each state of the library, the model and the database."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from core.bootstrap import App
from core.errors import DatabaseAwayError
from core.ingest.files import SUFFIXES
from core.library.overview import Overview
from core.model import IndexState, PlayState
from pages.parts import dropzone
from tests.fakes import ColourEncoder
from tests.pages.conftest import Show, drawn, only, texts

HOSTILE = "<img src=x onerror=alert(1)> **\"'` 🎬 $x$ :red[no] www.example.com &lt;"
PAGES = ("search", "library", "video", "add", "settings")


@pytest.fixture
def video_id(app: App, film: Path) -> str:
    """A video that is searchable."""
    added = app.intake.add_file(film, name=HOSTILE)
    app.worker().drain([added.video.video_id])
    assert app.library.video(added.video.video_id).state is IndexState.READY
    return added.video.video_id


@pytest.fixture
def waiting_id(app: App, film: Path) -> str:
    """A video that waits for a worker."""
    return app.intake.add_file(film).video.video_id


# -- every page ------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_library(show: Show, page: str) -> None:
    """An empty library is explained, with the way to fill it."""
    at = show(page)
    if page in ("search", "library"):
        assert "Add videos" in [button.label for button in at.button]


@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_name_is_only_text(show: Show, video_id: str, page: str) -> None:
    """A name with markup, quotes and emoji reaches no Markdown unescaped, and components whole."""
    at = show(page, id=video_id, **({"q": "red", "video": video_id} if page == "search" else {}))
    said = re.sub(r"\\.", "", texts(at))  # without what is escaped
    for markup in (":red[no]", "$x$", "<img", "**\"'", "www.example", "&lt;"):
        assert markup not in said
    shown = [str(element.proto.json) for element in at.get("bidi_component")]
    if page != "settings":
        assert any("onerror=alert(1)" in one for one in shown)


def test_the_bare_address_leads_to_the_search_and_leaves_no_step_behind(show: Show) -> None:
    """`/` is replaced by /search with its parameters, or Back would lead here again and again."""
    at = show(None, q="a red star")
    assert only(at, "go")["href"] == "/search?q=a+red+star"
    assert only(at, "go")["replace"]
    assert only(show(None, replace="1", q="a"), "go")["href"] == "/search?q=a"


@pytest.mark.parametrize("page", PAGES)
def test_a_database_that_is_away_is_one_sentence(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """When the database does not answer, every page says so instead of failing."""

    def away(*_: object) -> None:
        raise DatabaseAwayError("The server cannot be reached. Check that it runs.")

    monkeypatch.setattr(app._database, "query", away)
    assert [e.icon for e in show(page, id="x").error] == [":material/cloud_off:"]


def test_a_bug_shows_no_traceback(
    show: Show, app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody foresaw is a calm sentence on the page and a traceback in the log."""
    monkeypatch.setattr(app.library, "videos", lambda: 1 / 0)
    at = show("library")
    assert "Something went wrong" in at.error[0].value
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("page", ["library", "add", "video"])
def test_a_part_that_runs_again_on_its_own_fails_calmly(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """A fragment is not inside the page's boundary when it polls; it has one of its own."""
    of = app.library if page == "video" else Overview
    asks = {"library": "these", "add": "now", "video": "video"}[page]
    real = getattr(of, asks)
    n_free = {"library": 0, "add": 1, "video": 1}[page]

    def answer_at_first(*arguments: object) -> object:
        nonlocal n_free
        n_free -= 1
        if n_free >= 0:
            return real(*arguments)
        raise DatabaseAwayError("The server cannot be reached")

    monkeypatch.setattr(of, asks, answer_at_first)
    at = show(page, id=waiting_id)
    assert [e.icon for e in at.error] == [":material/cloud_off:"]
    what_stands_beside_it = {"library": "text_input", "add": "bidi_component", "video": "button"}
    assert at.get(what_stands_beside_it[page])


def test_a_narrow_screen_has_every_listed_page_at_its_foot(show: Show) -> None:
    """The bar at the foot links the pages that the navigation lists."""
    links = [element.proto.label for element in show("library").get("page_link")]
    assert links == ["Search", "Library", "Add", "Measure", "Settings"]


# -- search ----------------------------------------------------------------------------------


def test_a_search_from_an_address_finds_plays_and_says_how_much_it_looked_at(
    show: Show, video_id: str
) -> None:
    """The best moment is the red one; the player has its exact stretch and waits for a click."""
    at = show("search", q="red")
    assert at.text_input(key="q").value == "red"
    assert "best first · looked at 2 clips of 1 video" in texts(at)
    best, player = only(at, "tiles")["tiles"][0], only(at, "player")
    assert best["key"] == f"{video_id}@0"
    assert (player["src"], player["start"]) == (f"/api/video/{video_id}", 0.0)
    assert player["end"] == pytest.approx(2.0, abs=0.5)
    assert not player["autoplay"]


def test_a_search_has_the_names_of_now(show: Show, app: App, video_id: str) -> None:
    """A video that was renamed since the search has its new name on the tile and at the player."""
    at = show("search", q="red")
    app.library.rename(video_id, "Another name")
    at.run()
    assert {tile["title"] for tile in only(at, "tiles")["tiles"]} == {"Another name"}


def test_typing_changes_the_address(show: Show, video_id: str) -> None:
    """Enter puts the words into the address, and clearing the box takes them out."""
    at = show("search", q="red")
    at.text_input(key="q").set_value("  blue ").run()
    assert at.query_params["q"] == "blue"
    assert only(at, "tiles")["tiles"][0]["key"] == f"{video_id}@2"
    at.text_input(key="q").set_value("").run()
    assert "q" not in at.query_params
    assert at.title[0].value == "What do you remember?"


def test_nothing_typed_shows_what_to_type_and_what_there_is(show: Show, video_id: str) -> None:
    """The start has examples to click and the newest posters; an example is a search."""
    at = show("search")
    assert "Looks inside 1 video" in texts(at)
    (poster,) = only(at, "tiles")["tiles"]
    assert poster["href"] == f"/video?id={video_id}"
    example = next(button for button in at.button if button.label == "a red car at night")
    example.click().run()
    assert at.query_params["q"] == "a red car at night"


def test_a_scope_comes_from_the_address_and_is_said(show: Show, video_id: str) -> None:
    """A video and times in the address limit the search, fill the fields and name the button."""
    at = show("search", **{"q": "red", "video": video_id, "from": "2.5", "to": "1:05"})
    assert all(float(t["key"].split("@")[1]) >= 2 for t in only(at, "tiles")["tiles"])
    assert at.multiselect(key="video").value == [video_id]
    assert (at.text_input(key="from").value, at.text_input(key="to").value) == ("0:02.5", "1:05")


def test_a_scope_can_be_typed_and_taken_away(show: Show, video_id: str) -> None:
    """Times are typed as people write them, and stand in the address in seconds."""
    at = show("search", q="red")
    at.text_input(key="from").set_value("1:00:01").run()
    assert at.query_params["from"] == "3601"
    assert "Nothing here matches" in texts(at)
    next(button for button in at.button if button.label == "Look everywhere").click().run()
    assert "from" not in at.query_params
    assert drawn(at, "tiles")


@pytest.mark.parametrize("typed", ["soon", "-3", "inf", "1:2:3:4", "9" * 400])
def test_what_is_no_time_is_explained(show: Show, video_id: str, typed: str) -> None:
    """A slip in a time limits nothing and says how times are typed; so does one in an address."""
    at = show("search", q="red")
    at.text_input(key="to").set_value(typed).run()
    assert "Type a time such as" in texts(at)
    assert "to" not in at.query_params
    assert drawn(show("search", q="red", to=typed), "tiles")


def test_a_stretch_that_ends_before_it_starts_is_a_sentence(show: Show, video_id: str) -> None:
    """The search's own sentence is shown."""
    at = show("search", **{"q": "red", "from": "5", "to": "3"})
    assert "holds nothing" in at.error[0].value


def test_a_scope_of_a_deleted_video_says_so(show: Show, video_id: str) -> None:
    """A shared search that was limited to a video of old looks everywhere, and says it."""
    at = show("search", q="red", video="gone")
    assert "no longer in your library" in texts(at)
    assert drawn(at, "tiles")


def test_nothing_searchable_yet_is_explained(show: Show, waiting_id: str) -> None:
    """A search while everything still waits says where to see how far it is."""
    assert "Nothing is searchable yet" in texts(show("search", q="red"))


def test_a_missing_model_is_one_sentence(show: Show, video_id: str, encoder: ColourEncoder) -> None:
    """Without weights the pages open; search says what is missing and how to supply it."""
    encoder.missing = "The weights are missing: do this, or that"
    for page in PAGES:
        show(page, id=video_id)
    for at in (show("search", q="red"), show("search"), show("add")):
        assert [w.icon for w in at.warning] == [":material/model_training:"]
        assert "do this, or that" in at.warning[0].value


# -- library and video -----------------------------------------------------------------------


def test_the_library_shows_posters_with_what_keeps_them_from_search(
    show: Show, app: App, waiting_id: str
) -> None:
    """A tile leads to its video; while a video waits, its tile says so and asks for no picture."""
    (tile,) = only(show("library"), "tiles")["tiles"]
    assert tile["href"] == f"/video?id={waiting_id}"
    assert (tile["corner"], tile["badge"], tile["image"]) == ("0:04", "Waiting", "")
    app.worker().drain([waiting_id])
    (tile,) = only(show("library"), "tiles")["tiles"]
    assert (tile["badge"], tile["image"]) == ("", f"/api/video/{waiting_id}/poster")


def test_the_library_filters_by_name(show: Show, video_id: str) -> None:
    """The filter finds any part of a name in any case; nothing found is explained."""
    at = show("library")
    at.text_input(key="name").set_value("ONERROR").run()
    assert len(only(at, "tiles")["tiles"]) == 1
    at.text_input(key="name").set_value("nowhere").run()
    assert "No name matches" in texts(at)


def test_a_video_page_says_what_it_is_and_shows_its_moments(
    show: Show, video_id: str, film: Path
) -> None:
    """The name, the facts, and one tile per moment; the one that plays is marked."""
    at = show("video", id=video_id, t="2.5")
    heading, details = drawn(at, "facts")
    assert heading["title"] == HOSTILE
    assert dict(details["rows"])["Picture"].startswith("64 × 36, ")
    assert ["File", str(film)] in details["rows"]
    strip, player = only(at, "tiles"), only(at, "player")
    assert [tile["words"] for tile in strip["tiles"]] == ["0:00", "0:02"]
    assert (strip["selected"], player["start"], player["end"]) == ("2.0", 2.5, None)


def test_each_moment_of_a_video_has_its_own_picture_and_place(
    show: Show, app: App, tmp_path: Path
) -> None:
    """Times between milliseconds, as at 29.97 frames a second, are not rounded to a neighbour."""
    path = tmp_path / "ntsc.mp4"
    source = "testsrc2=s=64x36:r=30000/1001:d=8,hue=h=t*40"
    command = [get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, "-g", "25"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", str(path)], check=True)
    video_id = app.intake.add_file(path).video.video_id
    app.worker().drain([video_id])
    clips = app.library.clips(video_id)
    assert any(round(clip.span.start_s, 3) < clip.span.start_s for clip in clips)
    for clip in clips:
        strip = only(show("video", id=video_id, t=str(clip.span.start_s)), "tiles")
        (tile,) = (one for one in strip["tiles"] if one["key"] == strip["selected"])
        assert float(tile["key"]) == clip.span.start_s
        at_s = float(tile["image"].partition("?t=")[2])
        assert app.library.picture(video_id, at_s) == app.library.picture(video_id, clip.best_s)


def test_a_search_inside_a_video_leads_to_the_search(show: Show, video_id: str) -> None:
    """It is sent with the video as its scope, and coming back does not send it again."""
    at = show("video", id=video_id)
    at.text_input(key="inside").set_value("blue").run()
    assert only(at, "go")["href"] == f"/search?q=blue&video={video_id}"
    at.run()
    assert not drawn(at, "go")


def test_a_video_that_is_not_there(show: Show) -> None:
    """An unknown id is a sentence and a way back."""
    at = show("video", id="no-such-id")
    assert "No such video" in texts(at)
    assert [b.label for b in at.button] == ["Open the library"]


@pytest.mark.parametrize(
    ("t", "start_s"), [("nan", 0.0), ("-5", 0.0), ("1e99", 4.0), ("soon", 0.0), ("1.25", 1.25)]
)
def test_any_time_in_an_address_is_taken_or_ignored(
    show: Show, video_id: str, t: str, start_s: float
) -> None:
    """A deep link's time may be nonsense."""
    assert only(show("video", id=video_id, t=t), "player")["start"] == pytest.approx(start_s)


def test_a_video_that_browsers_cannot_play_says_what_is_made(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of the player stands what is going on; when the copy failed, why."""
    monkeypatch.setattr(app, "playable", lambda _: None)
    assert "no longer where it was" in texts(show("video", id=waiting_id))
    video = app.library.video(waiting_id)
    for state, said in (
        (PlayState.WANTED, "A copy that they can play is being made"),
        (PlayState.FAILED, "No copy that browsers can play could be made"),
    ):
        other = replace(video, play_state=state)
        monkeypatch.setattr(app.library, "video", lambda _, other=other: other)
        assert said in texts(show("video", id=waiting_id))


def test_a_sentence_of_failure_is_only_text(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold the video's name, which anyone may have chosen; so with the playable copy's."""
    failed = replace(
        app.library.video(waiting_id),
        state=IndexState.FAILED, error=f"{HOSTILE} is gone.",
        play_state=PlayState.FAILED, play_error=f"{HOSTILE} is odd.",
    )  # fmt: skip
    monkeypatch.setattr(app.library, "video", lambda _: failed)
    said = texts(show("video", id=waiting_id))
    assert "is gone" in said
    assert "is odd" in said
    for markup in (":red[no]", "$x$", "**\"'", "www.example"):
        assert markup not in said


def test_renaming_starts_from_the_name(show: Show, video_id: str) -> None:
    """The dialog holds the whole name as it is; what Save does is for tests/e2e."""
    at = show("video", id=video_id)
    next(b for b in at.button if b.label == "Rename").click().run()
    assert at.text_input[-1].value == HOSTILE


def test_deleting_asks_first(show: Show, app: App, video_id: str) -> None:
    """Delete names the video and what becomes of its file, and deletes nothing yet."""
    at = show("video", id=video_id)
    next(b for b in at.button if b.label == "Delete").click().run()
    asked = drawn(at, "facts")[-1]
    assert asked["title"] == HOSTILE
    assert "stays where it is" in asked["below"]
    assert app.library.video(video_id)


def test_a_dropped_folder_gives_every_file_that_a_named_one_does() -> None:
    """The drop zone's endings hold all those by which the server finds videos in folders."""
    code = (Path(dropzone.__file__).with_suffix(".js")).read_text("utf-8")
    (endings,) = re.findall(r"^const VIDEO = /(.+)/i;$", code, re.MULTILINE)
    assert [ending for ending in SUFFIXES if not re.fullmatch(endings, ending)] == []


# -- settings --------------------------------------------------------------------------------


def test_settings_say_what_it_runs_on(show: Show, app: App, video_id: str) -> None:
    """Database, folder, counts, model and the variables are all there."""
    library, variables, model, versions = (
        dict(f["rows"]) for f in drawn(show("settings"), "facts")
    )
    assert library["Searchable"] == "1 video, 2 moments"
    assert library["Folder"] == str(app.settings.data)
    assert {"REELSEEK_DATA", "REELSEEK_MODEL", "REELSEEK_SAMPLING"} <= set(variables)
    assert (model["A frame every"], model["Sampling"][:5]) == ("1 s", "auto:")
    assert model["State"] == "Mean colours are ready."
    assert "4 dimensions" in model["Index made by"]
    assert "not installed" not in versions.values()
