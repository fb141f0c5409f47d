"""Marking right answers while searching, and the figures that come of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap import App
from core.model import Span
from core.query import Right
from tests.pages.conftest import Show, drawn, texts


@pytest.fixture
def video_id(app: App, film: Path) -> str:
    """An indexed video, red and then blue."""
    added = app.intake.add_file(film).video.video_id
    app.worker().drain([added])
    return added


def test_nothing_marked_yet_leads_to_the_search(show: Show) -> None:
    """The page says how answers are marked."""
    assert "No right answers yet" in texts(show("measure"))


def test_a_right_moment_is_marked_counted_and_taken_back(
    show: Show, app: App, video_id: str
) -> None:
    """A click under the moment; the figures say that it is first; a click takes it back."""
    at = show("search", q="red")
    at.button(key="mark").click().run()
    (right,) = app.library.rights.all()
    assert (right.query, right.video_id) == ("red", video_id)
    measured = show("measure")
    assert "1 question with 1 answer" in texts(measured)
    figures = {row["Figure"]: row["As it is"] for row in measured.table[0].value.to_dict("records")}
    assert figures["Right answer first"].startswith("100%")
    show("search", q="red").button(key="unmark").click().run()
    assert app.library.rights.all() == []


def test_a_right_moment_takes_back_that_nothing_shows_it(app: App, video_id: str) -> None:
    """The two cannot both be; several moments of one query can."""
    rights = app.library.rights
    rights.add(Right("red", None, None))
    rights.add(Right("red", video_id, Span(0, 1)))
    rights.add(Right("red", video_id, Span(2, 3)))
    rights.add(Right("red", video_id, Span(2, 3)))
    assert [one.span for one in rights.all()] == [Span(0, 1), Span(2, 3)]
    rights.add(Right("red", None, None))
    assert rights.all() == [Right("red", None, None)]


def test_only_words_alone_can_be_marked(show: Show, video_id: str) -> None:
    """What is asked by more than words is no question that can be asked again from a file."""
    at = show("search", q="red", minus="blue")
    assert drawn(at, "tiles")
    assert "mark" not in [one.key for one in at.button]
