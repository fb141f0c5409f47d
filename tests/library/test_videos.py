"""Videos on the shelf: added, found, renamed, deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from core.engine.engine import Engine
from core.errors import LibraryError, NoSuchVideoError
from core.library.library import Library
from core.model import IndexState, PlayState
from tests.library.conftest import FACTS, Clock, add, clips, index, info


def test_a_new_library_is_empty(library: Library) -> None:
    """Nothing there: empty lists and no error, before any class or set exists."""
    assert library.videos() == []
    assert library.counts() == (0, 0)
    assert library.index_info() is None
    assert library.claim("w", lease_s=1) is None
    assert library.claim_play("w", lease_s=1) is None
    assert not library.has_waiting()


def test_preparing_twice_is_harmless(library: Library) -> None:
    """Every start prepares; the second time changes nothing."""
    add(library, "a")
    library.prepare()
    assert [video.video_id for video in library.videos()] == ["a"]


@pytest.mark.parametrize("colours", [None, "bt709/unknown/unknown/tv"])
def test_what_a_video_says_of_its_colours_is_kept(library: Library, colours: str | None) -> None:
    """So that nobody has to open the file for it; None where it was not known."""
    library.add_video(
        "c", name="c.mp4", path=Path("/c.mp4"), content_sha256="c",
        facts=replace(FACTS, colours=colours), play_state=PlayState.DIRECT,
    )  # fmt: skip
    assert library.video("c").facts.colours == colours


def test_a_video_comes_back_as_it_was_added(library: Library, clock: Clock) -> None:
    """Every fact is stored and read again; it waits for the index."""
    video = add(library, "a", play=PlayState.WANTED)
    assert library.video("a") == video
    assert video.facts == FACTS
    assert (video.name, video.path) == ("a.mp4", "/films/a.mp4")
    assert (video.state, video.progress, video.error) == (IndexState.WAITING, 0.0, None)
    assert (video.play_state, video.play_error) == (PlayState.WANTED, None)
    assert video.added_at.tzinfo is UTC
    assert video.added_at.timestamp() == clock.now_s


@pytest.mark.parametrize(
    "name", ['it\'s "so".mp4', "🎬 film.mp4", "a/b\\c.mp4", "x" * 255, "日本語.mkv"]
)
def test_any_name_survives(library: Library, name: str) -> None:
    """Quotes, emoji and slashes are only characters."""
    add(library, "a")
    library.rename("a", name)
    assert library.video("a").name == name


def test_the_newest_video_comes_first(library: Library, clock: Clock) -> None:
    """videos() sorts by the time of adding."""
    for video_id in "abc":
        add(library, video_id)
        clock.now_s += 1
    assert [video.video_id for video in library.videos()] == ["c", "b", "a"]


def test_the_same_content_is_added_once(library: Library) -> None:
    """A second file of the same bytes gives back the first video."""
    video = add(library, "a")
    again = library.add_video(
        "b", name="copy.mp4", path=Path("/elsewhere/copy.mp4"), content_sha256="sha of a",
        facts=FACTS, play_state=PlayState.DIRECT,
    )  # fmt: skip
    assert (again.already, again.video) == (True, video)
    assert len(library.videos()) == 1


def test_an_id_names_one_video_only(library: Library) -> None:
    """Other content under an id that is taken is refused, and nothing changes."""
    add(library, "a")
    with pytest.raises(LibraryError, match="has the id a already"):
        library.add_video(
            "a", name="b.mp4", path=Path("/b.mp4"), content_sha256="other", facts=FACTS,
            play_state=PlayState.DIRECT,
        )  # fmt: skip
    assert [video.name for video in library.videos()] == ["a.mp4"]


def test_what_is_not_there_is_said_so(library: Library) -> None:
    """An unknown id is NoSuchVideoError, wherever it is given."""
    for ask in (
        lambda: library.video("x"),
        lambda: library.rename("x", "y"),
        lambda: library.move("x", Path("/y")),
        lambda: library.delete("x"),
        lambda: library.clips("x"),
    ):
        with pytest.raises(NoSuchVideoError, match="the id x"):
            ask()
    assert library.poster("x") is None
    assert library.picture("x", 0) is None
    assert library.find_by_content("x") is None


def test_an_empty_name_is_refused(library: Library) -> None:
    """A video keeps a name that can be clicked."""
    add(library, "a")
    with pytest.raises(LibraryError, match="at least one character"):
        library.rename("a", "  ")


def test_deleting_leaves_nothing_of_the_video_and_all_of_the_others(
    library: Library, engine: Engine
) -> None:
    """Clips, vectors and pictures go with it; another video's stay."""
    index(library, "a", "red green")
    library.save_poster("a", b"poster")
    index(library, "b", "blue")
    library.save_poster("b", b"poster of b")
    assert library.delete("a").video_id == "a"
    response, _ = engine.query(
        [
            {command: {"blobs": False, "results": {"count": True}}}
            for command in ("FindVideo", "FindClip", "FindDescriptor", "FindImage")
        ]
    )
    assert [body["count"] for answer in response for body in answer.values()] == [1, 1, 1, 2]
    assert library.poster("b") == b"poster of b"
    assert library.counts() == (1, 1)


def test_the_poster_is_replaced_not_added(library: Library, engine: Engine) -> None:
    """A video has one poster, the last."""
    add(library, "a")
    library.save_poster("a", b"first")
    library.save_poster("a", b"second")
    assert library.poster("a") == b"second"
    response, _ = engine.query([{"FindImage": {"blobs": False, "results": {"count": True}}}])
    assert response[0]["FindImage"]["count"] == 1


def test_a_picture_is_that_of_the_clip_at_the_time(library: Library) -> None:
    """The picture at t is of the clip that holds t; before the first, of the first."""
    index(library, "a", "red green blue")
    found = [library.picture("a", at_s) for at_s in (-1, 0, 0.99, 1, 1.5, 2.2, 99)]
    assert [jpeg and jpeg.split()[2] for jpeg in found] == [
        b"red", b"red", b"red", b"green", b"green", b"blue", b"blue",
    ]  # fmt: skip


def test_clips_come_in_the_order_of_time(library: Library) -> None:
    """Whatever the order in which they were saved."""
    add(library, "a")
    library.ensure_index(info())
    video = library.claim("w", lease_s=30)
    assert video is not None
    library.save_clips(video, clips("blue", first_s=5), worker="w")
    library.save_clips(video, clips("red green", first_s=0), worker="w")
    assert [clip.best_s for clip in library.clips("a")] == [0, 1, 5]


class _TooLarge:
    """A server that has a video above its limit; its words are not recorded, its status is."""

    def query(self, _commands: object, _blobs: object = ()) -> tuple[object, list[bytes]]:
        return {"status": 4, "info": "Response too large"}, []


def test_a_video_too_large_for_one_answer_says_what_to_do() -> None:
    """The sentence names the limit and the server's setting."""
    with pytest.raises(LibraryError, match="ADB_MAX_CONNECTION_MESSAGE_SIZE_MB"):
        Library(_TooLarge()).content("a")
