"""Every kind of query on drawn videos whose scenes are known, with two models of other scales."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from core.bootstrap import App
from core.model import Moment
from core.query import Frame, Query, Wanted
from tests.data.tiny_clip.pictures import Picture, draw
from tests.search.conftest import EVERYTHING, SCENE_S, SCENES, colour, said, scene, shown


def test_minus_takes_away_what_it_names_and_nothing_else(app: App) -> None:
    """Of each shape without each of its colours: 17 in 20 come out exactly, in box or text."""
    n_exact = n_asked = 0
    for shape in ("circle", "ring", "square", "star"):
        everything = shown(app, Query(f"a {shape}"))
        there = {one for one in EVERYTHING if f" {shape}/" in one}
        assert everything <= there
        assert everything  # not always all of them: a word alone says less than a sentence
        for one in sorted(everything):
            rest = everything - {one}
            found = shown(app, Query(f"a {shape} -{colour(one)}"))
            assert found == shown(app, Query(f"a {shape}", minus=colour(one)))
            n_asked, n_exact = n_asked + 1, n_exact + (found == rest)
    assert n_exact >= 0.85 * n_asked


def test_what_is_not_there_takes_nothing_away(app: App) -> None:
    """A minus that no picture shows leaves all that was found, in its order."""
    plain = app.searcher.search("a star").moments
    less = app.searcher.search(Query("a star", minus="a tractor, snow")).moments
    assert [moment.span for moment in less] == [moment.span for moment in plain]


def test_any_of_several_lines_will_do(app: App) -> None:
    """Two lines find what each finds alone; no moment twice."""
    for one, other in zip(EVERYTHING[::3], EVERYTHING[1::3], strict=False):
        both = Query(f"{said(one)}\n{said(other)}")
        alone = shown(app, Query(said(one))) | shown(app, Query(said(other)))
        assert shown(app, both) == alone
        assert {one, other} <= alone
    twice = app.searcher.search(Query("a star\na star")).moments
    assert len(twice) == len(app.searcher.search("a star").moments)


@pytest.mark.parametrize("line", SCENES, ids=lambda line: line[0])
def test_what_follows_within_some_seconds(app: App, line: list[str]) -> None:
    """A then B finds the one place, from A's beginning to B's end; B then A finds none."""
    for one, other in pairwise(line):
        then = Query(said(one), then=said(other), within_s=2)
        (found,) = app.searcher.search(then).moments
        at_s = line.index(one) * SCENE_S
        assert found.span.start_s == pytest.approx(at_s, abs=0.6)
        assert found.span.end_s == pytest.approx(at_s + 2 * SCENE_S, abs=0.6)
        assert [scene(part) for part in found.parts] == [one, other]
        assert not app.searcher.search(Query(said(other), then=said(one), within_s=2)).moments
    far = Query(said(line[0]), then=said(line[3]), within_s=SCENE_S)
    assert not app.searcher.search(far).moments
    assert app.searcher.search(Query(said(line[0]), then=said(line[3]), within_s=9)).moments


def picture(app: App, drawn: str, path: Path) -> str:
    """Hand in a picture of a scene, drawn otherwise than in its video."""
    named, background = drawn.split("/")
    tint, shape = named.split()
    draw(Picture(tint, shape, background, x=0.4, size=0.45), 200, 160).save(path)
    return app.keep_picture(path.read_bytes())


def likest(app: App, drawn: str, folder: Path) -> Moment:
    query = Query(picture_id=picture(app, drawn, folder / "picture.png"))
    return app.searcher.search(query, wanted=Wanted(floor=0)).moments[0]


def test_a_picture_finds_what_it_shows(app: App, tmp_path: Path) -> None:
    """Another drawing of a scene finds that scene first, and surely."""
    found = {drawn: likest(app, drawn, tmp_path) for drawn in EVERYTHING}
    right = [one for drawn, one in found.items() if scene(one) == drawn and one.level == "strong"]
    assert len(right) >= 0.95 * len(EVERYTHING)


def test_a_picture_of_what_is_not_there_finds_nothing_surely(app: App, tmp_path: Path) -> None:
    """The same shapes in other colours: alike at most, or not even that."""
    absent = [
        f"{tint} {shape}/{ground}"
        for tint in ("red", "blue", "green", "orange") for shape in ("square", "star", "ring")
        for ground in ("black", "cyan", "gray")
    ]  # fmt: skip
    absent = [one for one in absent if one not in EVERYTHING][::3]
    levels = [likest(app, drawn, tmp_path).level for drawn in absent]
    assert levels.count("strong") <= 0.1 * len(levels)


def test_more_like_a_frame_leaves_the_frame_itself_out(app: App) -> None:
    """A frame's own moment is no answer to it; the most alike of the others comes first."""
    first = app.searcher.search("a red square").moments[0]
    frame = Frame(first.video_id, first.best_s)
    found = app.searcher.search(Query(frame=frame), wanted=Wanted(floor=0)).moments
    assert len(found) > 3
    assert scene(first) not in {scene(one) for one in found}
    drawn = scene(found[0])
    assert drawn.startswith("red ") or " square/" in drawn or drawn.endswith("/black")


def test_words_say_what_a_picture_lacks(app: App, tmp_path: Path) -> None:
    """A shape in words and another one's picture find the shape as the picture shows it."""
    n_first = 0
    for drawn in EVERYTHING:
        tint, shape, ground = re.split("[ /]", drawn)
        other = "cross" if shape != "cross" else "ring"
        picture_id = picture(app, f"{tint} {other}/{ground}", tmp_path / "picture.png")
        query = Query(f"a {shape}", picture_id=picture_id)
        found = app.searcher.search(query, wanted=Wanted(1, 0)).moments
        n_first += scene(found[0]) == drawn
    assert n_first >= 0.85 * len(EVERYTHING)


def test_the_share_of_a_picture_goes_from_all_words_to_all_picture(
    app: App, tmp_path: Path
) -> None:
    """At one end the answer is that of the words alone, at the other that of the picture."""
    picture_id = picture(app, "red square/black", tmp_path / "picture.png")

    def order(query: Query) -> list[float]:
        found = app.searcher.search(query, wanted=Wanted(5, 0, folds=False)).moments
        return [one.best_s for one in found]

    words, both = Query("a blue cross"), Query("a blue cross", picture_id=picture_id)
    assert order(replace(both, blend=0.0)) == order(words)
    assert order(replace(both, blend=1.0)) == order(Query(picture_id=picture_id))
