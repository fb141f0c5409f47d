"""The library and the page of one video."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from core.bootstrap import App
from core.ingest.files import SUFFIXES
from core.model import IndexState, PlayState, Video
from pages.parts import dropzone
from tests.pages.conftest import HOSTILE, Show, drawn, only, texts


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


def test_a_video_without_a_state_does_not_draw_the_library_without_end(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one of those that wait, and is not counted as one."""
    told = {"constraints": {"video_id": ["==", waiting_id]}, "remove_props": ["index_state"]}
    app._database.query([{"UpdateVideo": told}])
    real, runs = app.library.videos, 0

    def videos() -> list[Video]:
        nonlocal runs
        runs += 1
        assert runs < 5
        return real()

    monkeypatch.setattr(app.library, "videos", videos)
    assert only(show("library"), "tiles")["tiles"][0]["badge"] == "Waiting"
    assert runs == 1


def test_a_video_page_says_what_it_is_and_shows_its_clips(
    show: Show, video_id: str, film: Path
) -> None:
    """The name, the facts, and one tile per clip; the one that plays is marked."""
    at = show("video", id=video_id, t="2.5")
    heading, details = drawn(at, "facts")
    assert heading["title"] == HOSTILE
    assert dict(details["rows"])["Picture"].startswith("64 × 36, ")
    assert ["File", str(film)] in details["rows"]
    assert ["Index", "2 clips"] in details["rows"]
    strip, player = only(at, "tiles"), only(at, "player")
    assert strip["label"] == "Clips of this video"
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


def test_a_dropped_folder_gives_the_files_that_a_named_one_does() -> None:
    """The drop zone's endings are those by which the server finds videos in folders."""
    code = (Path(dropzone.__file__).with_suffix(".js")).read_text("utf-8")
    (endings,) = re.findall(r"^const VIDEO = /\\.\(([a-z0-9|]+)\)\$/i;$", code, re.MULTILINE)
    assert {f".{ending}" for ending in endings.split("|")} == SUFFIXES
