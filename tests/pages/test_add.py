"""The Add page: what is on its way, how fast, what is in the way of it, and what can be done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.model import IndexState, Work
from pages.parts import additions
from tests.ingest.conftest import draw, until
from tests.pages.conftest import Show, drawn, texts


@pytest.fixture
def waiting_id(app: App, film: Path) -> str:
    """A video that waits for a worker."""
    return app.intake.add_file(film).video.video_id


def row(at: AppTest) -> dict[str, Any]:
    """The only row of the list of videos."""
    (one,) = [one for one in drawn(at, "jobs") if one["label"] == "Videos on their way"]
    (found,) = one["rows"]
    return found


def labels(found: dict[str, Any]) -> list[str]:
    return [button["label"] for button in found["buttons"]]


def test_a_failed_video_says_why_and_can_be_tried_again(
    show: Show, app: App, waiting_id: str
) -> None:
    """The Add page shows the sentence of a failure, and offers to try again."""
    assert app.library.claim("me", lease_s=60) is not None
    app.library.fail(waiting_id, "me", "The *film* broke.")
    found = row(show("add"))
    assert (found["words"], found["error"]) == ("Not searchable", "The *film* broke.")
    assert labels(found) == ["Try again"]
    at = show("video", id=waiting_id)
    next(b for b in at.button if b.label == "Try again").click().run()
    assert app.library.video(waiting_id).state is IndexState.WAITING


def test_each_state_of_a_video_on_its_way_has_its_words(
    show: Show, app: App, waiting_id: str
) -> None:
    """Waiting, indexing, stopped and searchable are told apart, with how far the indexing is."""

    def said() -> tuple[str, float | None, list[str]]:
        found = row(show("add"))
        return found["words"], found["fraction"], labels(found)

    assert said() == ("Waiting for its turn", None, ["Cancel"])
    app.library.claim("me", lease_s=60)
    app.library.heartbeat(waiting_id, "me", progress=0.25, lease_s=60)
    assert said() == ("Indexing, 25%", 0.25, ["Cancel"])
    assert "1 video on the way" in texts(show("add"))
    app.library.cancel(waiting_id)
    assert said() == ("Stopped", None, ["Try again"])
    app.library.requeue(waiting_id)
    app.worker().drain([waiting_id])
    assert said() == ("Searchable", None, ["Index again", "Open"])


def test_the_pace_of_a_video_and_of_all_is_told(
    show: Show, app: App, waiting_id: str, film: Path, tmp_path: Path
) -> None:
    """Speed, time left, what sets the pace and where, as the worker said it last."""
    app.intake.add_file(draw(tmp_path / "next.mp4", "green", seconds_each=6))
    app.library.claim("me", lease_s=60, video_ids=[waiting_id])
    work = Work("me", speed=2.0, left_s=1.5, bottleneck="decoding", device="cpu")
    app.library.heartbeat(waiting_id, "me", progress=0.25, lease_s=60, work=work)
    at = show("add")
    (one,) = drawn(at, "jobs")
    first, second = one["rows"]
    assert first["pace"] == "2× real time · 2 s left · decoding sets the pace · on the CPU"
    assert (second["words"], second["pace"]) == ("Waiting for its turn", "")
    # 3 of 4 seconds are left of the one, and 6 of the other, at twice real time.
    told = "2× real time in all · about 4 s left · decoding sets the pace · on the CPU"
    assert told in texts(at)


def test_what_is_put_off_says_why_and_when_it_is_tried_again(
    show: Show, app: App, waiting_id: str
) -> None:
    """The sentence, the time, and a way not to wait so long."""
    app.library.claim("me", lease_s=60)
    app.library.postpone(waiting_id, "me", "The disk is full.", lambda _: 300.0)
    found = row(show("add"))
    assert (found["state"], found["words"]) == ("put off", "Put off")
    assert (found["pace"], found["error"]) == ("tried again in 5 min", "The disk is full.")
    assert labels(found) == ["Try now", "Cancel"]


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("cancel", IndexState.WAITING, IndexState.CANCELLED),
        ("again", IndexState.CANCELLED, IndexState.WAITING),
        ("reindex", IndexState.READY, IndexState.WAITING),
    ],
)
def test_what_is_clicked_is_done(
    show: Show, app: App, waiting_id: str, act: str, before: IndexState, after: IndexState
) -> None:
    """Each button of a row does to the video what it says, though its first run ended early."""
    if before is IndexState.CANCELLED:
        app.library.cancel(waiting_id)
    elif before is IndexState.READY:
        app.worker().drain([waiting_id])
    at = show("add")
    at.session_state["jobs-clicked"] = {"act": act, "id": waiting_id}
    at.run()
    assert app.library.video(waiting_id).state is after
    assert "jobs-clicked" not in at.session_state


def test_all_that_is_on_the_way_is_cancelled_and_tried_again(
    show: Show, app: App, waiting_id: str, tmp_path: Path
) -> None:
    """One button for many."""
    app.intake.add_file(draw(tmp_path / "next.mp4", "green"))
    next(b for b in show("add").button if b.label == "Cancel 2 videos").click().run()
    assert {video.state for video in app.library.videos()} == {IndexState.CANCELLED}
    next(b for b in show("add").button if b.label == "Try all again").click().run()
    assert {video.state for video in app.library.videos()} == {IndexState.WAITING}


def test_a_look_reads_no_more_of_a_large_library(
    show: Show, app: App, waiting_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Add page never lists all videos."""
    monkeypatch.setattr(app.library, "videos", lambda: 1 / 0)
    assert row(show("add"))["words"] == "Waiting for its turn"


def test_the_way_to_the_library_is_worded_for_one_and_for_many(
    show: Show, app: App, waiting_id: str, tmp_path: Path
) -> None:
    """Nobody has "all 1 video"."""

    def links() -> list[str]:
        return [link.proto.label for link in show("add").get("page_link")]

    assert "See it in the library" in links()
    app.intake.add_file(draw(tmp_path / "next.mp4", "green"))
    assert "All 2 videos in the library" in links()


# -- from the server's disk --------------------------------------------------------------------


def ask(show: Show, app: App, path: Path) -> None:
    """Type a path and press Add; wait until it was looked at."""
    at = show("add")
    at.text_input[0].set_value(str(path))
    next(b for b in at.button if b.label == "Add").click().run()
    assert not at.exception
    until(lambda: app.additions.all()[0].state not in ("looking", "adding"), "it was looked at")


def told(show: Show) -> dict[str, Any]:
    """What the newest row of what is being added says."""
    lists = [one for one in drawn(show("add"), "jobs") if one["label"] == "Folders being added"]
    return dict(lists[0]["rows"][0])


def test_adding_by_path(show: Show, app: App, film: Path, tmp_path: Path) -> None:
    """A path on the server is added where it lies; wrong, empty and known ones are sentences."""
    ask(show, app, tmp_path / "nowhere")
    assert "nowhere" in told(show)["error"]
    ask(show, app, tmp_path)
    assert "There are no videos in" in told(show)["error"]
    ask(show, app, film)
    assert told(show)["words"] == "Added 1 video"
    assert [v.path for v in app.library.videos()] == [str(film)]
    ask(show, app, film)
    assert told(show)["words"] == "1 video had been in your library already"


@pytest.fixture
def folder(film: Path, tmp_path: Path) -> Path:
    """A film, and a file that is none."""
    (tmp_path / "a_broken_*one*.mp4").write_text("no video")
    (tmp_path / "good.mp4").write_bytes(film.read_bytes())
    return tmp_path


def test_a_folder_is_weighed_up_before_it_is_begun(
    show: Show, app: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files, length, time and disk; then the good files come in, and the bad have sentences."""
    ask(show, app, folder)
    asked = told(show)
    assert asked["words"] == "2 files: 4 s of video to index"
    assert asked["pace"].startswith("about 1 s if it goes at 10× real time · about ")
    assert asked["pace"].endswith(" of disk")
    assert asked["error"] == "1 file cannot be used as videos."
    assert labels(asked) == ["Do not add", "Begin"]
    assert app.library.videos() == []

    click(show, monkeypatch, "begin", asked["id"])
    until(lambda: app.additions.all()[0].has_ended, "it was added")
    done = told(show)
    assert (done["words"], labels(done)) == ("Added 1 video", ["Dismiss"])
    assert done["error"].startswith("a_broken_*one*.mp4: ")
    assert [v.name for v in app.library.videos()] == ["good.mp4"]

    click(show, monkeypatch, "dismiss", asked["id"])
    assert app.additions.all() == []


def click(show: Show, monkeypatch: pytest.MonkeyPatch, act: str, row_id: str) -> None:
    """Click a button of a row; AppTest cannot, as it runs no component's script."""
    clicks = iter([(act, row_id)])
    with monkeypatch.context() as patch:
        patch.setattr(additions, "rows", lambda *_, **__: next(clicks, None))
        show("add")


def test_a_disk_that_is_too_small_is_told_before_it_is_full(
    show: Show, app: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to do about it."""
    monkeypatch.setattr("core.ingest.preflight._free_bytes", lambda _: 1000)
    ask(show, app, folder)
    assert "The disk has 1.0 kB free, which is not enough" in told(show)["error"]
