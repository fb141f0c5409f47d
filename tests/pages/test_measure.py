"""Marking right answers while searching, and the figures that come of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import shared
from core.bootstrap import App, open_app
from core.cli.main import main
from core.model import Span
from core.query import Right
from core.settings import Settings
from pages.parts.marking import labels
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.pages.conftest import Show, drawn, texts

SECOND_MODEL = TINY_MODEL.with_name("second_clip.pt")
EVERYTHING = "Everything, however weak"
MARKED = (("a red star", 0, 3), ("a blue ring", 3, 6), ("a green cross", 0, 2))  # the last is wrong


MORE = (
    ("a star", 0, 3), ("a ring", 3, 6), ("a cross", 6, 9), ("something red", 0, 3),
    ("something blue", 3, 6), ("something green", 6, 9), ("a red shape", 0, 3),
)  # fmt: skip


def rights(video_id: str, marked: tuple[tuple[str, int, int], ...]) -> list[Right]:
    """Right answers of these words, between these seconds."""
    return [Right(words, video_id, Span(start_s, end_s)) for words, start_s, end_s in marked]


@pytest.fixture
def video_id(app: App, film: Path) -> str:
    """An indexed video, red and then blue."""
    added = app.intake.add_file(film).video.video_id
    app.worker().drain([added])
    return added


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a video in two indexes of two models, and some marks; its data folder."""
    folder = tmp_path_factory.mktemp("marked")
    data = folder / "reelseek"
    line = scenes("red star/black, blue ring/gray, green cross/cyan", seconds_each=3)
    path = draw_film(Film("one", line, fps=8), folder)
    app = open_app(Settings(data=data, model=str(TINY_MODEL)))
    video_id = app.intake.add_file(path).video.video_id
    app.worker().drain([video_id])
    for right in rights(video_id, MARKED):
        app.library.rights.add(right)
    app.library.rights.add(Right("qwzx vbnm", None, None))
    app.close()
    app = open_app(Settings(data=data, model=str(SECOND_MODEL)))
    worker = app.worker()
    while worker.index_next(threading.Event()):
        pass
    assert [one.is_whole for one in app.library.indexes.all()] == [True, True]
    app.close()
    return data


@pytest.fixture
def of_marked(marked: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The app behind the pages, on that library."""
    opened = open_app(Settings(data=marked))
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: opened))
    yield opened
    opened.close()


def figures(at: AppTest, column: str) -> dict[str, str]:
    """The column of the table, by the names of its figures."""
    rows = at.table[0].value.to_dict("records")
    return {row["Figure"]: row[column] for row in rows}


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
    # Only an icon is seen of the button; who hears the page is told by these words.
    assert measured.button(key="remove-0").label.startswith("Take back “red”, ")
    measured.multiselect(key="settings").set_value([EVERYTHING]).run()
    figure = figures(measured, EVERYTHING)["Right answer first"]
    assert figure == "100%"
    assert texts(measured).count("too few to say how sure") == 1
    assert "range beside" not in texts(measured)
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


def test_two_models_and_two_settings_are_compared(show: Show, of_marked: App) -> None:
    """Each complete index is a choice; every figure says what it means; one model needs none."""
    at = show("measure")
    assert list(at.table[0].value.columns) == ["Figure", "As it is", "What it says"]
    assert "R@1" in str(at.table[0].value["What it says"][0])
    models = at.multiselect(key="models")
    assert len(models.options) == 2
    models.set_value(models.options).run()
    at.multiselect(key="settings").set_value(["As it is", EVERYTHING]).run()
    columns = list(at.table[0].value.columns)
    assert len(columns) == 2 + 2 * 2
    assert figures(at, columns[1])["Right answer first"].startswith("67%")


def test_the_page_and_the_command_line_say_the_same(
    show: Show, of_marked: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """On the labels that the page gives away, for the model that serves and for the other one.

    Here are enough questions for a range, but of absent things one.
    """
    (video,) = of_marked.library.videos()
    for right in (more := rights(video.video_id, MORE)):
        of_marked.library.rights.add(right)
    at = show("measure")
    models = at.multiselect(key="models").options
    at.multiselect(key="models").set_value(models).run()
    videos = {one.video_id: one for one in of_marked.library.videos()}
    path = tmp_path / "labels.csv"
    path.write_text(labels(of_marked.library.rights.all(), videos), "utf-8")
    monkeypatch.setenv("REELSEEK_DATA", str(of_marked.settings.data))
    assert main(["evaluate", str(path), "--json"]) == 0
    mine = [json.loads(capsys.readouterr().out)]
    monkeypatch.setenv("REELSEEK_MODEL", str(SECOND_MODEL))
    given = ["--settings", f"model={SECOND_MODEL}"]
    assert main(["evaluate", str(path), "--json", *given]) == 0
    mine.append(json.loads(capsys.readouterr().out))
    for model, said in zip(models, mine, strict=True):
        shown = figures(at, f"As it is, {model}")
        low, high = said["intervals"]["miou"]
        assert (
            shown["Mean overlap of the first"] == f"{said['miou']:.0%}  ({low:.0%} to {high:.0%})"
        )
        assert shown["Right answer first"].startswith(f"{said['recall_at_1']:.0%} ")
        rate = f"{said['absent_empty_rate']:.0%}"
        assert shown["Absent ones empty"] == rate
    assert "look at the range beside each figure. Fewer than 10" in texts(at)
    for right in more:
        of_marked.library.rights.remove(right)


def test_questions_are_asked_once(
    show: Show, of_marked: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rerun of the page asks nothing again, until something else is marked."""
    asked: list[object] = []
    measured = of_marked.measured
    monkeypatch.setattr(
        of_marked,
        "measured",
        lambda *given, **named: (asked.append(named), measured(*given, **named))[1],
    )
    at = show("measure")
    at.run()
    assert len(asked) == 1
    (video,) = of_marked.library.videos()
    extra = Right("a red star", video.video_id, Span(7, 8))
    of_marked.library.rights.add(extra)
    try:
        at.run()
        assert len(asked) == 2
    finally:
        of_marked.library.rights.remove(extra)
