"""The moment that plays: padded or exact, marked as it is, with thumbs on whatever found it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap import App
from core.model import Span
from tests.pages.conftest import Show, drawn, only, texts


@pytest.fixture
def video_id(app: App, film: Path) -> str:
    """An indexed video, two seconds of red and then two of blue."""
    added = app.intake.add_file(film).video.video_id
    app.worker().drain([added])
    return added


def test_padding_is_played_and_not_marked(show: Show, app: App, video_id: str) -> None:
    """Both moments have a tile; the player begins before the second; what is marked is blue."""
    at = show("search", q="blue", floor="0", pad="10")
    tiles = only(at, "tiles")["tiles"]
    assert len({tile["key"] for tile in tiles}) == len(tiles) == 2
    player = only(at, "player")
    assert (player["start"], player["end"]) == (0.0, pytest.approx(4.0, abs=0.1))
    at.button(key="mark").click().run()
    (right,) = app.library.rights.all()
    assert right.span is not None
    assert right.span.start_s == pytest.approx(2.0, abs=0.1)
    at.button(key="unmark").click().run()
    at.toggle(key="exact").set_value(True).run()
    at.button(key="mark").click().run()
    (right,) = app.library.rights.all()
    assert right.span == Span(pytest.approx(2.0, abs=0.05), pytest.approx(4.0, abs=0.05))


def test_what_a_picture_found_has_thumbs(show: Show, video_id: str) -> None:
    """Down goes into the address, and the moment is still named by what it does to it.

    Only icons are seen of the thumbs; who hears the page is told by words.
    """
    at = show("search", like=f"{video_id}@0", floor="0")
    shown = only(at, "tiles")["tiles"][0]["key"]
    labels = [at.button(key=f"thumb-{name}").label for name in ("up", "down")]
    assert labels == ["More like this in this search", "Less like this in this search"]
    at.button(key="thumb-down").click().run()
    assert "".join(at.query_params["down"]) == shown
    assert "".join(at.query_params["like"]) == f"{video_id}@0"


@pytest.mark.parametrize(("text", "is_told"), [("red without blue", True), ("red -blue", False)])
def test_who_says_without_is_told_of_the_minus(
    show: Show, video_id: str, text: str, is_told: bool
) -> None:
    """One sentence under the box."""
    at = show("search", q=text)
    assert ("A minus leaves something out" in texts(at)) is is_told
    assert drawn(at, "tiles") or "Nothing here matches" in texts(at)
